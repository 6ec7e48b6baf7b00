/**
 * A copy of a text in one piece. V8 keeps a concatenation or a slice as references to what it was made of, such as the
 * message that an id came in: too much for what is kept for long, thousands of times.
 */
export function flattenString<Text extends string>(text: Text): Text {
  return Buffer.from(text).toString() as Text;
}
