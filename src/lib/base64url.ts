/** Reads base64url, and nothing else. */

/** The text behind it; `null` when it is none, or longer than any id. */
export function readBase64Url(text: string): string | null {
  return text.length <= maxLength && /^[\w-]+={0,2}$/.test(text)
    ? Buffer.from(text, "base64url").toString("utf8")
    : null;
}

/** A few hundred characters are usual; a reference of the provider's may be longer. */
const maxLength = 4096;
