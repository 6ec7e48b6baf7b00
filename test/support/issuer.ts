/** An issuer of tokens with its public keys at a URL. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { AuthConfig } from "../../src/auth/auth-config.ts";

export type Issuer = Disposable & {
  readonly config: AuthConfig;
  /** How often its keys were fetched. */
  readonly fetches: number;
  /** Whether it answers with its keys, with an error, or not at all. */
  state: "up" | "failing" | "silent";
  /** It signs with a new key from now on; the old one is no longer published. */
  rotate(): Promise<void>;
  /** The keys that it publishes. */
  readonly keys: readonly JWK[];
  /** A token, by default for five minutes and signed by the issuer's own key. */
  sign(claims?: Readonly<Record<string, unknown>>, by?: CryptoKey): Promise<string>;
  /** `sign`, as the value of `Authorization`. */
  bearer(claims?: Readonly<Record<string, unknown>>): Promise<string>;
};

export async function startIssuer(): Promise<Issuer> {
  const issuer = "https://issuer.example.com";
  const audience = "gateway";
  let kid = 0;
  let privateKey: CryptoKey;
  let keys: JWK[];
  let fetches = 0;

  async function rotate(): Promise<void> {
    const pair = await generateKeyPair("ES256");
    kid += 1;
    privateKey = pair.privateKey;
    keys = [{ ...(await exportJWK(pair.publicKey)), kid: `key-${kid}`, alg: "ES256" }];
  }
  await rotate();

  const server = createServer((_request, response) => {
    fetches += 1;
    if (self.state === "silent") return;
    response.writeHead(self.state === "up" ? 200 : 503, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  async function sign(claims: Readonly<Record<string, unknown>> = {}, by = privateKey): Promise<string> {
    return new SignJWT({ iss: issuer, aud: audience, exp: Math.floor(Date.now() / 1000) + 300, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: `key-${kid}` })
      .sign(by);
  }

  const url = new URL(`http://127.0.0.1:${port}/jwks`);
  const self: Issuer = {
    config: { kind: "jwt", keys: { kind: "url", url }, issuer, audience, psuClaim: "psu_id" },
    get fetches() {
      return fetches;
    },
    state: "up",
    get keys() {
      return keys;
    },
    rotate,
    sign,
    bearer: async (claims) => `Bearer ${await sign(claims)}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return self;
}
