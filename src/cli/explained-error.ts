/** Failures of a command that one line explains. */
export class ExplainedError extends Error {
  override readonly name = "ExplainedError";
}

/** The command was stopped by a signal. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  override readonly message = "It was interrupted.";
}

/** What went wrong, in one line; several problems of the settings stand one after the other. */
export function toLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replaceAll(/\s*\n\s*/g, "; ");
}
