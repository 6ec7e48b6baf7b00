/** The headers of calls, as undici takes them: names and values in turn. */

/** Those of the newest token: it is the same for an hour, and for every call. */
let newest: {
  readonly bearer: string;
  readonly plain: readonly string[];
  readonly withBody: readonly string[];
} | null = null;

export function toHeaders(bearer: string, hasBody: boolean): readonly string[] {
  if (newest?.bearer !== bearer) {
    const plain = ["authorization", `Bearer ${bearer}`];
    newest = { bearer, plain, withBody: [...plain, ...jsonType] };
  }
  return hasBody ? newest.withBody : newest.plain;
}

/** Of a request without a token. */
export const jsonType = ["content-type", "application/json"] as const;
