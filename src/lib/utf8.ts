/** Reads text in UTF-8, strictly: bytes that are none would become replacement characters, for good. */
import { isUtf8 } from "node:buffer";

/** Without a byte order mark; `null` for what is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  if (!isUtf8(bytes)) return null;
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8", hasMark ? 3 : 0);
}

/** The charset that a content type names, in lower case; UTF-8 where it names none. */
export function charsetOf(contentType: string | undefined): string {
  return /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(contentType ?? "")?.[1]?.toLowerCase() ?? "utf-8";
}
