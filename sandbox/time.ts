/** Microseconds since 1970: what the service's database keeps of a time. Exact in a double until the year 2255. */
export type Micros = number;

/** Go's zero time, which the service sends for "never". */
export const zeroTime = "0001-01-01T00:00:00Z";

export const second: Micros = 1_000_000;
export const day: Micros = 86_400 * second;

export const toMicros = (date: Date): Micros => date.getTime() * 1000;

/** RFC 3339 in UTC as Go writes it: no trailing zeros in the fraction, and no fraction when it is zero. */
export function toTimestamp(at: Micros): string {
  const seconds = Math.floor(at / second);
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = String(at - seconds * second)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${text}Z` : `${text}.${fraction}Z`;
}

/** `2026-11-28`, in UTC. */
export const toDate = (at: Micros): string => new Date(at / 1000).toISOString().slice(0, 10);

/** The beginning of its day, in UTC. */
export const startOfDay = (at: Micros): Micros => at - (at % day);

const inParis = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris", dateStyle: "short", timeStyle: "medium" });

/** `2026-11-28 22:09:51`: local time of Paris, without its zone, as Powens writes it. */
export const toParisTime = (at: Micros): string => inParis.format(at / 1000);

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** The time that an RFC 3339 text names, or `undefined` when it names none. Go's zero time is `null`: not set. */
export function fromTimestamp(text: string): Micros | null | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, wall, fraction = "", zone] = match;
  const ms = Date.parse(`${wall}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  if (text === zeroTime) return null;
  return ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}
