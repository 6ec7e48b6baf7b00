/** Who callers are: users by the cookie of their session, other services by a key. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type OwnAuthenticate, unauthenticated } from "open-banking-graphql-gateway";

export type Sessions = {
  readonly authenticate: OwnAuthenticate;
  /** Signs a user in. Returns the cookie to set, with `HttpOnly; Secure; SameSite=Lax`. */
  open(psuId: string, lifetimeMs: number): string;
};

export function createSessions({ apiKey }: { readonly apiKey: string }): Sessions {
  const sessions = new Map<string, { readonly psuId: string; readonly endsAt: number }>();

  const authenticate: OwnAuthenticate = ({ authorization, headers }) => {
    const [, key] = /^ApiKey (\S+)$/.exec(authorization ?? "") ?? [];
    if (key !== undefined) {
      if (!isEqual(key, apiKey)) return null;
      return { subject: "back-office", psuId: null, scopes: ["payments:read"] };
    }
    const [, id = ""] = /(?:^|; )session=(\w+)/.exec(headers.cookie ?? "") ?? [];
    const session = sessions.get(id);
    if (session === undefined) throw unauthenticated("Sign in first.");
    return { subject: session.psuId, psuId: session.psuId, scopes: [], expiresAt: session.endsAt };
  };

  return {
    authenticate,
    open(psuId, lifetimeMs) {
      const id = randomBytes(16).toString("hex");
      sessions.set(id, { psuId, endsAt: Date.now() + lifetimeMs });
      return `session=${id}`;
    },
  };
}

/** In the same time, whatever is equal. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
