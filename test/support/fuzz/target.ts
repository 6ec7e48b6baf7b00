/** The gateway command, set up as in production, as the target of malformed input. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { expect } from "vitest";
import WebSocket from "ws";
import { startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { eventTypes } from "../../../src/live/connection-events.ts";
import { until } from "../helpers.ts";
import { startGatewayCommand } from "../process.ts";
import { seedVariable } from "../seed.ts";

export type FuzzTarget = Awaited<ReturnType<typeof startFuzzTarget>>;

const secret = "the-secret-of-the-stacks-webhook";
const issuer = "https://issuer.example.com";
const audience = "gateway";

/** Prints how much memory the process holds after a garbage collection. External memory counts: bodies are there. */
const probe = `
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const gc = process.getBuiltinModule("node:vm").runInNewContext("gc");
  let count = 0;
  process.on("SIGUSR2", async () => {
    for (let round = 0; round < 5; round += 1) {
      gc();
      await new Promise(setImmediate);
    }
    const { heapUsed, external } = process.memoryUsage();
    process.stderr.write("held " + (count += 1) + ": " + (heapUsed + external) + " bytes\\n");
  });`;

/** The gateway in a process of its own, over a sandbox in this process. */
export async function startFuzzTarget() {
  await using starting = new AsyncDisposableStack();
  const sandbox = starting.use(
    await startSandbox({ world: createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 1 } }) }),
  );
  const folder = await mkdtemp(join(tmpdir(), "fuzz-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const { publicKey, privateKey } = await generateKeyPair("EdDSA");
  const keys = join(folder, "keys.json");
  await writeFile(keys, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "EdDSA" }] }));
  const command = starting.use(
    await startGatewayCommand({
      NODE_ENV: "production",
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(probe)}`,
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
      FORMANCE_WEBHOOK_SECRETS: secret,
      AUTH_JWKS_FILE: keys,
      AUTH_ISSUER: issuer,
      AUTH_AUDIENCE: audience,
      RATE_LIMIT_PSU: "off",
      RATE_LIMIT_OPERATOR: "off",
      RATE_LIMIT_ADDRESS: "off",
    }),
  );
  const toToken = (claims: JWTPayload, expires = "10m") =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "EdDSA", kid: "one" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(privateKey);
  const [connection] = sandbox.world.connections;
  if (connection === undefined) throw new Error("A connection is needed.");
  const token = await toToken({ sub: "ops", scope: "payments:read payments:write" });
  const expiredToken = await toToken({ sub: "ops", scope: "payments:read payments:write" }, "-1h");

  let samples = 0;
  async function heldBytes(): Promise<number> {
    process.kill(command.pid, "SIGUSR2");
    samples += 1;
    return Number((await command.waitFor(new RegExp(`held ${samples}: (\\d+) bytes`)))[1]);
  }

  const started = starting.move();
  return {
    seed: process.env[seedVariable] ?? "1",
    url: command.url,
    port: Number(new URL(command.url).port),
    token,
    /** A token that has expired. */
    expiredToken,
    psuId: connection.psuID,
    connectorId: connection.connectorID,
    secret,
    heldBytes,
    output: command.output,
    /** Expects that it still works: it answers a query, accepts a webhook, and informs a subscriber of it. */
    async expectHealthy(): Promise<void> {
      expect((await fetch(`${command.url}/health/live`)).status).toBe(200);
      const answer = await fetch(`${command.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: "{ paymentServiceUsers(first: 1) { nodes { name } } }" }),
      });
      expect(await answer.json()).toMatchObject({ data: { paymentServiceUsers: { nodes: [{}] } } });
      const client = createClient({
        url: `${command.url.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: { authorization: `Bearer ${token}` },
      });
      const query = "subscription ($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }";
      const changes = client.iterate({ query, variables: { psuId: connection.psuID } });
      expect(await changes.next()).toMatchObject({ value: { data: { connectionChanged: { kind: "CURRENT" } } } });
      const endpoint = `${command.url}/webhooks/formance`;
      const before = command.output().split('"accepted"').length;
      sandbox.sendWebhooks({ endpoint, secret, eventTypes });
      sandbox.world.syncConnection(connection);
      expect(await changes.next()).toMatchObject({ value: { data: { connectionChanged: { kind: "DATA_SYNCED" } } } });
      await until(async () => command.output().split('"accepted"').length > before);
      await client.dispose();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
