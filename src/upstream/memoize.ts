/** Keeps what a function returns for an object, for as long as the object lives. */
export function memoize<Compute extends (of: never) => object>(compute: Compute): Compute {
  const results = new WeakMap<object, object>();
  return ((of: never) => {
    let result = results.get(of);
    if (result === undefined) {
      result = compute(of);
      results.set(of, result);
    }
    return result;
  }) as Compute;
}
