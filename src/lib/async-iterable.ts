/** Tells a stream of values from a single one. */
export function isAsyncIterable<Value extends object>(value: Value): value is Extract<Value, AsyncIterable<unknown>> {
  return Symbol.asyncIterator in value;
}
