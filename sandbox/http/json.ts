/** JSON with integers of any size. */

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON in which a bigint is a plain integer of any size, as Go's `big.Int` is written. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? rawJSON(String(member)) : member));

/** Reads JSON whose numbers must all be integers, each into a bigint. Throws on anything else. */
export const fromIntegerJson = (text: string): unknown =>
  JSON.parse(text, ((_key: string, member: unknown, { source }: { source: string }) => {
    if (typeof member !== "number") return member;
    if (!/^-?\d+$/.test(source)) throw new SyntaxError("provided json number was not an integer");
    return BigInt(source);
  }) as Parameters<typeof JSON.parse>[1]);
