/** The result of one check. */
export type Finding = {
  /** What was checked. */
  readonly about: string;
  readonly status: "ok" | "warning" | "failed";
  /** What it means, in plain words. Never a secret. */
  readonly what: string;
  /** How to fix it. */
  readonly mend?: string;
  /** What to set `FORMANCE_WEBHOOK_SECRETS` to: only where a webhook was just made. */
  readonly secret?: string;
};

/** Findings, each as soon as it is made. */
export type Findings<Result = void> = AsyncGenerator<Finding, Result, void>;

export const ok = (about: string, what: string): Finding => ({ about, status: "ok", what });
export const warning = (about: string, what: string, mend: string): Finding => ({
  about,
  status: "warning",
  what,
  mend,
});
export const failed = (about: string, what: string, mend: string): Finding => ({ about, status: "failed", what, mend });

/** A finding in lines for people. */
export function toText({ about, status, what, mend, secret }: Finding): string {
  const lines = [`${status.padEnd(8)} ${about}: ${what}`];
  if (mend !== undefined) lines.push(`         → ${mend}`);
  if (secret !== undefined) lines.push(`FORMANCE_WEBHOOK_SECRETS=${secret}`);
  return lines.join("\n");
}
