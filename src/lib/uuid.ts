/**
 * What counts as a UUID here: any 128-bit id in the usual spelling, since the service does not insist on a version. Not by
 * a regular expression, which takes several times as long: a page of rows is full of ids.
 */
export function isUuid(value: string): boolean {
  if (value.length !== 36) return false;
  for (let at = 0; at < 36; at += 1) {
    if (kindOf[value.charCodeAt(at)] !== kindAt[at]) return false;
  }
  return true;
}

const hexDigit = 1;
const dash = 2;

/** By character code. A text may hold others, which are no kind. */
const kindOf = new Uint8Array(128);
for (const digit of "0123456789abcdefABCDEF") kindOf[digit.charCodeAt(0)] = hexDigit;
kindOf["-".charCodeAt(0)] = dash;

/** By place. */
const kindAt = Uint8Array.from("00000000-0000-0000-0000-000000000000", (mark) => (mark === "-" ? dash : hexDigit));
