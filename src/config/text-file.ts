/** Reads a file of text. */
import { readFileSync } from "node:fs";

/** Its text, without a byte order mark; `null` where it cannot be read or is not UTF-8, of which nothing may be lost. */
export function readText(path: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch {
    return null;
  }
}
