/** How large a JSON value is. */

/** Characters of a text that count as one value. */
const charactersPerValue = 1000;

/**
 * One for each value inside lists and objects, and for each thousand characters. Counting stops soon after `most`.
 * Without recursion: clients send these, as deep as they like.
 */
export function sizeOfValue(value: unknown, most: number): number {
  let size = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && size <= most) {
    const one = open.pop();
    if (typeof one === "string") size += Math.floor(one.length / charactersPerValue);
    if (typeof one !== "object" || one === null) continue;
    for (const key of Object.keys(one)) {
      size += 1 + Math.floor(key.length / charactersPerValue);
      open.push((one as Readonly<Record<string, unknown>>)[key]);
    }
  }
  return size;
}
