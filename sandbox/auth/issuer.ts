/**
 * Signs the sandbox's people in: tokens as an application's own identity provider would issue them. They need no
 * password, because the people are invented.
 */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Clock } from "../clock.ts";
import { ApiError, notFound } from "../http/api-error.ts";
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

  async function issue(body: string, { issuer, audience }: Issuer): Promise<HttpResponse> {
    const person = world.person(readPsuId(body));
    if (person === undefined) throw notFound("person");
    const now = Math.floor(clock.now().getTime() / 1000);
    const token = await new SignJWT({ psu_id: person.id })
      .setProtectedHeader({ alg: "ES256", kid: key.kid, typ: "JWT" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(`person-${person.id}`)
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

function readPsuId(body: string): string {
  try {
    const { psuId } = JSON.parse(body) as { psuId?: unknown };
    const id = toUuid(String(psuId));
    if (id !== undefined) return id;
  } catch {
    // the same error as for any other wrong body
  }
  throw new ApiError("MISSING_OR_INVALID_BODY", 'the body must be {"psuId": "<a person\'s id>"}');
}
