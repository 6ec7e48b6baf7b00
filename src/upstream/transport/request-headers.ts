/** The headers of calls, as undici takes them: names and values in turn. */

type OfToken = {
  readonly bearer: string;
  readonly plain: readonly string[];
  readonly withBody: readonly string[];
};

/** @returns the headers of a call, made once for each token: it is the same for an hour. */
export function createRequestHeaders(): (bearer: string, hasBody: boolean) => readonly string[] {
  let newest: OfToken | null = null;
  return (bearer, hasBody) => {
    if (newest?.bearer !== bearer) {
      const plain = ["authorization", `Bearer ${bearer}`];
      newest = { bearer, plain, withBody: [...plain, ...jsonType] };
    }
    return hasBody ? newest.withBody : newest.plain;
  };
}

/** Of a request without a token. */
export const jsonType = ["content-type", "application/json"] as const;
