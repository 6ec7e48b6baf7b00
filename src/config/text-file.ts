/** Reads a file of text. */
import { readFileSync } from "node:fs";
import { decodeUtf8 } from "../lib/utf8.ts";

/** Its text, without a byte order mark; `null` where it cannot be read or is not UTF-8, of which nothing may be lost. */
export function readText(path: string): string | null {
  try {
    return decodeUtf8(readFileSync(path));
  } catch {
    return null;
  }
}
