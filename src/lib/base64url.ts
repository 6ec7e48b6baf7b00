/** Reads base64url, and nothing else. */

import { isUtf8 } from "node:buffer";

/** The text behind it; `null` when it is none, or longer than any id. */
export function readBase64Url(text: string): string | null {
  const bytes = readBase64UrlBytes(text);
  return bytes !== null && isUtf8(bytes) ? bytes.toString("utf8") : null;
}

/** As `readBase64Url`, but any bytes. */
export function readBase64UrlBytes(text: string): Buffer | null {
  return text.length > maxLength || !/^[\w-]+={0,2}$/.test(text) ? null : Buffer.from(text, "base64url");
}

/** A few hundred characters are usual; a reference of the provider's may be longer. */
const maxLength = 4096;
