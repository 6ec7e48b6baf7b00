/** What one measurement of a load finds. */
export type Figures = {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Processor time of one query, in milliseconds. */
  readonly cpuMs: number;
  /** Upstream calls of one query. */
  readonly calls: number;
  readonly peakMb: number;
};

export const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

export function toMedians(all: readonly Figures[]): Figures {
  const of = (key: keyof Figures) => median(all.map((one) => one[key]));
  return {
    perSecond: of("perSecond"),
    medianMs: of("medianMs"),
    p99Ms: of("p99Ms"),
    cpuMs: of("cpuMs"),
    calls: of("calls"),
    peakMb: of("peakMb"),
  };
}
