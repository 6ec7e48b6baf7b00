/** Own code may throw anything by any name. */
export function toErrorName(error: unknown): string | undefined {
  try {
    return error instanceof Error ? /^\w{1,64}$/.exec(String(error.name))?.[0] : typeof error;
  } catch {
    return undefined;
  }
}
