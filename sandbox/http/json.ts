/** JSON with integers of any size. */

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON in which a bigint is a plain integer of any size, as Go's `big.Int` is written. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? rawJSON(String(member)) : member));

/** Throws in Go's words, whose decoder names the first character that cannot be; here only the text's first one. */
export function parseJson(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  const [first] = text.trimStart();
  if (first === undefined) throw new SyntaxError("EOF");
  if (!/[[{"\d\-tfn]/.test(first)) throw new SyntaxError(`invalid character '${first}' looking for beginning of value`);
  try {
    return parse(text);
  } catch (error) {
    throw isJson(text) ? error : new SyntaxError("unexpected EOF");
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Go's name for what it has read a value of JSON into. */
export function toGoType(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  return { string: "string", boolean: "bool", bigint: "*big.Int" }[typeof value as string] ?? "map[string]interface {}";
}

/** Reads JSON whose numbers must all be integers, each into a bigint. Throws on anything else. */
export const fromIntegerJson = (text: string): unknown =>
  JSON.parse(text, ((_key: string, member: unknown, { source }: { source: string }) => {
    if (typeof member !== "number") return member;
    if (!/^-?\d+$/.test(source)) throw new SyntaxError("provided json number was not an integer");
    return BigInt(source);
  }) as Parameters<typeof JSON.parse>[1]);
