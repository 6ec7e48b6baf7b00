/** How fast a webhook or a broker's event reaches subscribers, in one process and over several. */
import { connect } from "@nats-io/transport-node";
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { until } from "../support/helpers.ts";
import { startGatewayCommand } from "../support/process.ts";
import { isInstalled, startNats, startRedis } from "../support/servers.ts";

const secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

function toStack({ url, clientId, clientSecret }: Sandbox) {
  return { FORMANCE_API_URL: url, FORMANCE_CLIENT_ID: clientId, FORMANCE_CLIENT_SECRET: clientSecret };
}

type Change = { readonly kind: string; readonly at: string };

/** Follows the connections of one PSU at one gateway. */
function follow(url: string, psuId: string) {
  const client = createClient({ url: `${url.replace("http", "ws")}/graphql`, retryAttempts: 0 });
  const changes: (Change & { readonly receivedAt: number })[] = [];
  const query = "subscription ($psuId: ID!) { connectionChanged(psuId: $psuId) { kind at } }";
  const reading = (async () => {
    for await (const { data } of client.iterate<{ connectionChanged: Change }>({ query, variables: { psuId } })) {
      if (data) changes.push({ ...data.connectionChanged, receivedAt: performance.now() });
    }
  })();
  return {
    changes,
    async [Symbol.asyncDispose]() {
      await client.dispose();
      await reading.catch(() => {});
    },
  };
}

/** Syncs a connection `times` times; returns how long each change took to arrive, in milliseconds, sorted. */
async function measure(sandbox: Sandbox, followed: ReturnType<typeof follow>, psuID: string, times: number) {
  const connection = sandbox.world.connections.find((one) => one.psuID === psuID && one.status === "ACTIVE");
  if (connection === undefined) throw new Error("The PSU has no connection that works.");
  const delays: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const before = followed.changes.length;
    const startedAt = performance.now();
    sandbox.world.syncConnection(connection);
    const change = await until(
      async () => followed.changes.slice(before).find(({ kind }) => kind === "DATA_SYNCED") ?? false,
    );
    delays.push(change.receivedAt - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 120)); // longer than the pause between two refreshes
  }
  return delays.sort((a, b) => a - b);
}

const median = (sorted: readonly number[]) => sorted[sorted.length >> 1] ?? Number.NaN;

/** A world whose users have one connection each, of Plaid. */
const startSmall = () =>
  startSandbox({ world: createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 1 } }) });

function onePsu({ world }: Sandbox): string {
  const [person] = world.people;
  if (person === undefined) throw new Error("A user is needed.");
  return person.id;
}

describe("one process", () => {
  it("delivers a webhook's change in under 50 ms at the median", async () => {
    await using sandbox = await startSmall();
    await using gateway = await startGatewayCommand({ ...toStack(sandbox), FORMANCE_WEBHOOK_SECRETS: secret });
    sandbox.sendWebhooks({ endpoint: `${gateway.url}/webhooks/formance`, secret, eventTypes });
    const psuId = onePsu(sandbox);
    await using followed = follow(gateway.url, psuId);
    await until(async () => followed.changes.length > 0);
    const delays = await measure(sandbox, followed, psuId, 15);
    process.stdout.write(`webhook to subscriber, one process: ${delays.map((ms) => ms.toFixed(1)).join(" ")} ms\n`);
    expect(median(delays)).toBeLessThan(50);
  }, 30_000);
});

describe.skipIf(!isInstalled("redis-server"))("two processes and Redis", () => {
  it("deliver a webhook of either to all subscribers, poll while Redis is down, and recover when it is back", async () => {
    await using redis = await startRedis();
    await using sandbox = await startSmall();
    const settings = {
      ...toStack(sandbox),
      FORMANCE_WEBHOOK_SECRETS: secret,
      CURSOR_SECRETS: "shared by all of the replicas: 32+",
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    };
    await using first = await startGatewayCommand(settings);
    await using second = await startGatewayCommand(settings);
    const webhook = sandbox.sendWebhooks({ endpoint: `${first.url}/webhooks/formance`, secret, eventTypes });
    const psuId = onePsu(sandbox);
    await using followed = follow(second.url, psuId);
    await until(async () => followed.changes.length > 0);
    const delays = await measure(sandbox, followed, psuId, 15);
    process.stdout.write(
      `webhook to subscriber of another replica: ${delays.map((ms) => ms.toFixed(1)).join(" ")} ms\n`,
    );
    expect(median(delays)).toBeLessThan(100);
    expect(webhook).toBeDefined();

    await redis.kill();
    await until(
      async () =>
        (await ready(second.url)).eventSources.bus === "degraded" &&
        (await ready(first.url)).eventSources.bus === "degraded",
    );
    expect((await ready(first.url)).status).toBe("ready");
    const [polledMs = Number.NaN] = await measure(sandbox, followed, psuId, 1);
    expect(polledMs).toBeLessThan(6000);
    expect(first.output()).toContain('"outcome":"unpublished"');

    await redis.restart();
    await until(
      async () =>
        (await ready(second.url)).eventSources.bus === "connected" &&
        (await ready(first.url)).eventSources.bus === "connected",
    );
    expect(median(await measure(sandbox, followed, psuId, 5))).toBeLessThan(500);
  }, 60_000);
});

describe.skipIf(!isInstalled("nats-server"))("a process that reads the stack's broker", () => {
  it("delivers changes without webhooks", async () => {
    await using nats = await startNats({ jetStream: false });
    await using sandbox = await startSmall();
    await using gateway = await startGatewayCommand({ ...toStack(sandbox), NATS_URL: `nats://127.0.0.1:${nats.port}` });
    await using broker = await connect({ servers: `127.0.0.1:${nats.port}` }).then((connection) => ({
      publish: (event: object) => connection.publish("payments", JSON.stringify(event)),
      [Symbol.asyncDispose]: () => connection.close(),
    }));
    using _relay = sandbox.world.onEvent((event) => broker.publish(event));
    const psuId = onePsu(sandbox);
    await using followed = follow(gateway.url, psuId);
    await until(async () => followed.changes.length > 0);
    const delays = await measure(sandbox, followed, psuId, 5);
    expect(median(delays)).toBeLessThan(100);
  }, 30_000);
});

async function ready(url: string): Promise<{ status: string; eventSources: { bus: string } }> {
  return (await fetch(`${url}/health/ready`)).json() as Promise<{ status: string; eventSources: { bus: string } }>;
}
