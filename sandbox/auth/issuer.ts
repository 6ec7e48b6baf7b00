/**
 * Signs in the sandbox's people, and an application's backend: tokens as the application's own identity provider would
 * issue them. They need no password, because all is invented.
 */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Clock } from "../clock.ts";
import { ApiError, invalid, notFound } from "../http/api-error.ts";
import { empty, errorResponse, type HttpResponse, json } from "../http/response.ts";
import { toUuid } from "../ids.ts";
import type { World } from "../world.ts";

export type Issuer = {
  /** What `AUTH_ISSUER`, `AUTH_AUDIENCE` and `AUTH_JWKS_URL` of a gateway would be. */
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
};

export type SignIn = {
  /** `null` for any other path. */
  respond(method: string, pathname: string, body: string, issuer: Issuer): Promise<HttpResponse | null>;
};

export const jwksPath = "/sandbox/jwks";

export async function createSignIn(world: World, clock: Clock, lifetimeS: number): Promise<SignIn> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const key = { ...(await exportJWK(publicKey)), kid: "sandbox", alg: "ES256", use: "sig" };

  function listPeople(): HttpResponse {
    const people = world.people.map(({ id, name, address }) => ({
      psuId: id,
      name,
      country: address?.country ?? null,
    }));
    return uncached(json(200, { data: people }));
  }

  /** A person's token names its PSU; an operator's has scopes, and names none. */
  function toClaims({ psuId, role }: SignInRequest): { readonly sub: string; readonly [claim: string]: string } {
    if (role !== undefined) return { sub: role, scope: scopes[role] };
    const person = world.person(psuId);
    if (person === undefined) throw notFound("person");
    return { sub: `person-${person.id}`, psu_id: person.id };
  }

  async function issue(body: string, { issuer, audience }: Issuer): Promise<HttpResponse> {
    const claims = toClaims(readRequest(body));
    const now = Math.floor(clock.now().getTime() / 1000);
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: key.kid, typ: "JWT" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimeS)
      .sign(privateKey);
    return uncached(json(200, { access_token: token, token_type: "Bearer", expires_in: lifetimeS }));
  }

  return {
    async respond(method, pathname, body, issuer) {
      const route = routes[pathname];
      if (route === undefined) return null;
      if (method !== route) return empty(405, { allow: route });
      if (pathname === jwksPath) return json(200, { keys: [key] });
      if (pathname === "/sandbox/people") return listPeople();
      try {
        return await issue(body, issuer);
      } catch (error) {
        if (error instanceof ApiError) return errorResponse(error);
        throw error;
      }
    },
  };
}

const routes: Readonly<Record<string, string>> = {
  [jwksPath]: "GET",
  "/sandbox/people": "GET",
  "/sandbox/sign-in": "POST",
};

const uncached = (response: HttpResponse): HttpResponse => ({
  ...response,
  headers: { ...response.headers, "cache-control": "no-store" },
});

/** The roles of operators, with their scopes. */
const scopes = { operator: "payments:read payments:write", reader: "payments:read" } as const;
type Role = keyof typeof scopes;
const isRole = (text: unknown): text is Role => typeof text === "string" && Object.hasOwn(scopes, text);

type SignInRequest =
  | { readonly psuId: string; readonly role?: undefined }
  | { readonly psuId?: undefined; readonly role: Role };

function readRequest(body: string): SignInRequest {
  const { psuId, role } = readObject(body);
  if ((psuId === undefined) === (role === undefined)) throw wrongBody();
  if (role !== undefined) {
    if (isRole(role)) return { role };
    throw invalid(`role must be one of: ${Object.keys(scopes).join(", ")}`);
  }
  const id = toUuid(String(psuId));
  if (id === undefined) throw invalid("psuId must be a person's id");
  return { psuId: id };
}

function readObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // the same error as for any other wrong body
  }
  throw wrongBody();
}

const wrongBody = () =>
  new ApiError(
    "MISSING_OR_INVALID_BODY",
    'the body must be {"psuId": "<a person\'s id>"} or {"role": "operator"}, or {"role": "reader"}',
  );
