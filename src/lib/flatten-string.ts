/**
 * The same text in one piece. What was put together or cut out keeps all that it was made of, such as the message that an
 * id came in: too much for what is kept for long, thousands of times.
 */
export function flat<Text extends string>(text: Text): Text {
  return Buffer.from(text).toString() as Text;
}
