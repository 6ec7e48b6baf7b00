/** Secrets are replaced, replica by replica, while clients go on: the order of "Rotate a secret" in docs/operations.md. */
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createClient } from "redis";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { signWebhook } from "../../src/live/webhook-receiver.ts";
import { post } from "../support/live/clients.ts";
import { body } from "../support/live/webhooks.ts";
import { startGatewayCommand } from "../support/process.ts";
import { isInstalled, startRedis } from "../support/servers.ts";

const [old, fresh] = ["the old one of the secrets: long enough", "the new one of the secrets: long enough"];

describe.skipIf(!isInstalled("redis-server"))("secrets are replaced without an interruption", () => {
  it("of cursors, webhooks, tokens and Redis, with replicas of both sides of each step beside each other", async () => {
    await using redis = await startRedis();
    await using admin = await openRedis(redis.port);
    await admin.client.sendCommand(["ACL", "SETUSER", "gateway", "on", ">first-password", "~*", "&*", "+@all"]);
    await using issuer = await startFileIssuer();
    const world = createWorld({ size: { people: 30, connectionsEach: 1, accountsEach: 1 } });
    await using sandbox = await startSandbox({ world });
    const hooks = [Buffer.alloc(24, 1), Buffer.alloc(24, 2)].map((bytes) => bytes.toString("base64"));
    const [oldHook = "", newHook = ""] = hooks;
    const settings = (cursors: readonly string[], webhooks: readonly string[], password: string) => ({
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
      CURSOR_SECRETS: cursors.join(","),
      FORMANCE_WEBHOOK_SECRETS: webhooks.join(","),
      REDIS_URL: `redis://gateway:${password}@127.0.0.1:${redis.port}`,
      ...issuer.settings,
    });
    type Settings = ReturnType<typeof settings>;

    /** Each replica answers the next page of the other's first one, takes a webhook, and is well connected. */
    async function expectNoInterruption(before: Settings, after: Settings, secret: string, authorization: string) {
      await using one = await startGatewayCommand(before);
      await using other = await startGatewayCommand(after);
      for (const [first, second] of [
        [one, other],
        [other, one],
      ] as const) {
        const page = await readPage(first.url, null, authorization);
        expect(page.errors).toBeUndefined();
        const next = await readPage(second.url, page.data.paymentServiceUsers.pageInfo.endCursor, authorization);
        expect(next.errors).toBeUndefined();
        expect(await deliver(first.url, secret)).toBe(204);
      }
      for (const { url } of [one, other]) {
        const ready = (await (await fetch(`${url}/health/ready`)).json()) as { eventSources: object };
        expect(ready.eventSources).toEqual({ bus: "connected", rateLimits: "connected" });
      }
    }

    const start = settings([old], [oldHook], "first-password");
    const signedByOld = await issuer.sign("old");
    // All are prepared: each replica can read what the new ones write.
    await admin.client.sendCommand(["ACL", "SETUSER", "gateway", ">second-password"]);
    await issuer.publish(["old", "new"]);
    const prepared = settings([old, fresh], [newHook, oldHook], "second-password");
    await expectNoInterruption(start, prepared, oldHook, signedByOld);
    // The new ones are used.
    const used = settings([fresh, old], [newHook, oldHook], "second-password");
    await expectNoInterruption(prepared, used, newHook, await issuer.sign("new"));
    // The old ones are dropped.
    await admin.client.sendCommand(["ACL", "SETUSER", "gateway", "<first-password"]);
    const signedByNew = await issuer.sign("new");
    const done = settings([fresh], [newHook], "second-password");
    await expectNoInterruption(used, done, newHook, signedByNew);
    await issuer.publish(["new"]);
    await using last = await startGatewayCommand(done);
    expect((await readPage(last.url, null, signedByNew)).errors).toBeUndefined();
    expect((await readPage(last.url, null, signedByOld)).errors).toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
  }, 120_000);
});

type Page = {
  readonly data: { readonly paymentServiceUsers: { readonly pageInfo: { readonly endCursor: string } } };
  readonly errors?: unknown;
};

async function readPage(url: string, after: string | null, authorization: string): Promise<Page> {
  const query =
    "query ($after: String) { paymentServiceUsers(first: 2, after: $after) { pageInfo { endCursor } nodes { id } } }";
  return (await post(`${url}/graphql`, { query, variables: { after } }, { authorization })) as never;
}

/** Delivers an event as the stack does. @returns the status of the answer. */
async function deliver(url: string, secret: string): Promise<number> {
  const sent = { id: crypto.randomUUID(), timestamp: Math.floor(Date.now() / 1000), body, secret };
  const response = await fetch(`${url}/webhooks/formance`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "formance-webhook-id": sent.id,
      "formance-webhook-timestamp": String(sent.timestamp),
      "formance-webhook-idempotency-key": sent.id,
      "formance-webhook-test": "false",
      "formance-webhook-signature": signWebhook(sent),
    },
    body,
  });
  return response.status;
}

async function openRedis(port: number) {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on("error", () => {});
  await client.connect();
  return { client, [Symbol.asyncDispose]: async () => client.destroy() };
}

/** An issuer with an old key and a new one, whose public keys are in the file of AUTH_JWKS_FILE. */
async function startFileIssuer() {
  const folder = await mkdtempDisposable(join(tmpdir(), "rotation-"));
  const path = join(folder.path, "keys.json");
  const pairs = { old: await generateKeyPair("ES256"), new: await generateKeyPair("ES256") };
  type Name = keyof typeof pairs;
  async function publish(names: readonly Name[]): Promise<void> {
    const keys = names.map(async (kid) => ({ ...(await exportJWK(pairs[kid].publicKey)), kid, alg: "ES256" }));
    await writeFile(path, JSON.stringify({ keys: await Promise.all(keys) }));
  }
  await publish(["old"]);
  return {
    settings: { AUTH_JWKS_FILE: path, AUTH_ISSUER: "https://issuer.example.com", AUTH_AUDIENCE: "gateway" },
    publish,
    sign: async (name: Name) => {
      const token = await new SignJWT({ scope: "payments:read" })
        .setProtectedHeader({ alg: "ES256", kid: name })
        .setIssuer("https://issuer.example.com")
        .setAudience("gateway")
        .setSubject("ops")
        .setExpirationTime("10 minutes")
        .sign(pairs[name].privateKey);
      return `Bearer ${token}`;
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}
