/** Tables of figures, in Markdown. */

/** Writes one line of the report. */
export type Print = (line: string) => void;

type Cell = string | number;

export const toRow = (cells: readonly Cell[]): string => `| ${cells.join(" | ")} |`;

export function printHead(print: Print, names: readonly string[]): void {
  print(toRow(names));
  print(`|${"---|".repeat(names.length)}`);
}

/** Nothing where there is no number. */
const toFixed = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : "");
export const whole = (value: number): string => toFixed(value, 0);
export const fixed = (value: number): string => toFixed(value, 2);
