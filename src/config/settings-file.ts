/** Reads the lines `NAME=value` of a file of settings: each counts, or is a problem with its number. */

/** What the lines set, and the lines that cannot be read. */
export type SettingsFile = {
  readonly lines: readonly { readonly number: number; readonly name: string; readonly value: string }[];
  /** Without any text of a line: it may be a secret. */
  readonly problems: readonly string[];
};

export function parseSettingsFile(text: string): SettingsFile {
  const lines: SettingsFile["lines"][number][] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const number = index + 1;
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, rest = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? [];
    const value = toValue(rest);
    if (name === undefined) problems.push(`line ${number} is not NAME=value`);
    else if (value === null) problems.push(`line ${number} has a quote that does not close at its end`);
    else lines.push({ number, name, value });
  }
  return { lines, problems };
}

/**
 * Quotes count around a whole value, and comments behind a space: both may stand within a secret.
 * @returns `null` where a quote does not close at the value's end.
 */
function toValue(text: string): string | null {
  const trimmed = text.trim();
  const quote = /^["'`]/.exec(trimmed)?.[0];
  if (quote === undefined) return text.replace(/\s#.*$/, "").trim();
  const end = trimmed.indexOf(quote, 1);
  return end > 0 && /^(\s+#.*|\s*)$/.test(trimmed.slice(end + 1)) ? trimmed.slice(1, end) : null;
}
