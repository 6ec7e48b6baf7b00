/** Reads base64url, and nothing else. */

import { isUtf8 } from "node:buffer";

/** The text behind it; `null` when it is none, or longer than any id. */
export function readBase64Url(text: string): string | null {
  if (text.length > maxLength || !/^[\w-]+={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  return isUtf8(bytes) ? bytes.toString("utf8") : null;
}

/** A few hundred characters are usual; a reference of the provider's may be longer. */
const maxLength = 4096;
