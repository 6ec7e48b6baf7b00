/** OAuth2 client credentials, as far as the gateway needs them. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { type HttpResponse, json } from "../http/response.ts";

export type Tokens = {
  /** `POST /api/auth/oauth/token`: grants the requested scopes that the client has. */
  issue(body: string, authorization: string | undefined): HttpResponse;
  /** Whether a bearer token is valid and has the scope; `:write` includes `:read`. */
  allows(authorization: string | undefined, scope: string): boolean;
};

export type TokensOptions = {
  readonly clock: Clock;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The scopes that the client was given on the stack. */
  readonly clientScopes: readonly string[];
  readonly lifetimeS: number;
};

export function createTokens({ clock, clientId, clientSecret, clientScopes, lifetimeS }: TokensOptions): Tokens {
  const tokens = new Map<string, { readonly scopes: ReadonlySet<string>; readonly endsAt: number }>();
  return {
    issue(body, authorization) {
      const form = new URLSearchParams(body);
      const [id, secret] = readClient(form, authorization);
      if (id === null || secret === null) return refuse(400, "invalid_client", "client credentials are missing");
      if (id !== clientId || secret !== clientSecret) return refuse(401, "invalid_client", "client is not known");
      if (form.get("grant_type") !== "client_credentials") {
        return refuse(400, "unsupported_grant_type", "only client_credentials is supported");
      }
      const now = clock.now().getTime();
      for (const [token, { endsAt }] of tokens) if (endsAt <= now) tokens.delete(token);
      const scopes = (form.get("scope") ?? "").split(" ").filter((scope) => clientScopes.includes(scope));
      const token = `sandbox-s3cr3t-${randomBytes(24).toString("base64url")}`;
      tokens.set(token, { scopes: new Set(scopes), endsAt: now + lifetimeS * 1000 });
      const granted = { access_token: token, token_type: "Bearer", expires_in: lifetimeS, scope: scopes.join(" ") };
      const response = json(200, granted);
      return { ...response, headers: { ...response.headers, "cache-control": "no-store" } };
    },
    allows(authorization, scope) {
      const token = /^bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
      const known = token === undefined ? undefined : tokens.get(token);
      if (known === undefined || known.endsAt <= clock.now().getTime()) return false;
      return known.scopes.has(scope) || known.scopes.has(scope.replace(/:read$/, ":write"));
    },
  };
}

/** From basic auth or, without it, from the form. */
function readClient(form: URLSearchParams, authorization: string | undefined): readonly [string | null, string | null] {
  const basic = /^basic\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  if (basic === undefined) return [form.get("client_id"), form.get("client_secret")];
  const [id = "", ...rest] = Buffer.from(basic, "base64").toString().split(":");
  return [decode(id), decode(rest.join(":"))];
}

/** Basic credentials are form-encoded first (RFC 6749, 2.3.1); what does not decode stands as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

const refuse = (status: number, error: string, description: string): HttpResponse =>
  json(status, { error, error_description: description });
