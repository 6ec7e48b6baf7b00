/** What all gateways of a run share: a folder for files, the issuer's keys, and an operator's token. */
import { rmSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const issuer = "https://issuer.example.com";
const audience = "gateway";

export type Session = Disposable & {
  /** Removed with the session, and at the end of the process. */
  readonly folder: string;
  readonly token: string;
  /** Settings of a gateway in production: tokens are checked; rate limits are on but never reached. */
  readonly env: Readonly<Record<string, string>>;
};

export async function createSession(): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const keys = join(folder, "keys.json");
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  await writeFile(keys, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench", alg: "ES256" }] }));
  const token = await new SignJWT({ sub: "bench", scope: "payments:read payments:write" })
    .setProtectedHeader({ alg: "ES256", kid: "bench" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime("12h")
    .sign(privateKey);
  return {
    folder,
    token,
    env: {
      NODE_ENV: "production",
      PORT: "0",
      AUTH_JWKS_FILE: keys,
      AUTH_ISSUER: issuer,
      AUTH_AUDIENCE: audience,
      RATE_LIMIT_OPERATOR: "999999999",
      RATE_LIMIT_ADDRESS: "999999999",
    },
    [Symbol.dispose]() {
      process.off("exit", remove);
      remove();
    },
  };
}

/** The arguments that `npm start` gives Node in a checkout. */
export async function readStartArguments(checkout = "."): Promise<readonly string[]> {
  const manifest = await readFile(resolve(checkout, "package.json"), "utf8");
  const { scripts } = JSON.parse(manifest) as { scripts: { start: string } };
  const words = scripts.start.split(" "); // an older checkout has no `exec` before `node`
  return words.slice(words.indexOf("node") + 1);
}
