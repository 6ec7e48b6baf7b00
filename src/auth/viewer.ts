/** The viewer: who makes a request, as its token says. */
export type Viewer = {
  readonly subject: string | null;
  readonly scopes: readonly string[];
  /** The one PSU that the viewer speaks for; `null`: an operator, whose rights are its scopes. */
  readonly psuId: string | null;
  /** When the token ends (epoch, milliseconds), and with it what it has opened; `null`: never. */
  readonly expiresAt: number | null;
};

/** The viewer where authentication is off. */
export const anonymousOperator: Viewer = {
  subject: null,
  scopes: ["payments:read", "payments:write"],
  psuId: null,
  expiresAt: null,
};

/** The scopes of a token. Issuers write them as text or as a list, under the name `scope` (RFC 9068) or `scp`. */
export function toScopes(claims: Readonly<Record<string, unknown>>): string[] {
  const words = [claims["scope"], claims["scp"]]
    .flat()
    .flatMap((text) => (typeof text === "string" ? text.split(" ") : []));
  return [...new Set(words.filter(Boolean))];
}
