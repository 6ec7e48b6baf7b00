/** The metrics of a gateway, as Prometheus reads them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { signWebhook } from "../../src/live/webhook-receiver.ts";
import { connectionGlobalId, firstOf, psuGlobalId } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";
import { post, webSocket } from "../support/live/clients.ts";
import { createLogSink } from "../support/record.ts";
import { scrape } from "../support/samples.ts";
import { isInstalled, startNats, startRedis } from "../support/servers.ts";

const secret = "the-secret-of-the-stacks-webhook";

/** A gateway as the command starts it, over its own sandbox. */
async function startMeasured(settings: Record<string, string> = {}) {
  await using starting = new AsyncDisposableStack();
  const world = createWorld({ size: { people: 3, connectionsEach: 2, accountsEach: 1 } });
  const sandbox = starting.use(await startSandbox({ world }));
  const variables = {
    PORT: "0",
    FORMANCE_API_URL: sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    FORMANCE_WEBHOOK_SECRETS: secret,
    ...settings,
  };
  const startGateway = async () =>
    starting.use(await start(readConfig(variables), pino({ base: null }, createLogSink("socket"))));
  const { url } = await startGateway();
  const started = starting.move();
  const person = firstOf(world.people);
  return {
    url,
    sandbox,
    // Of Plaid: a sync of it has one event.
    connection: firstOf(world.connections, (row) => row.psuID === person.id && row.dataUpdatedAt !== null),
    psuId: psuGlobalId(person.id),
    startReplica: async () => started.use(await start(readConfig(variables), pino({ level: "silent" }))),
    /** Runs a query `count` times, one after the other, and expects no errors. */
    async answers(query: string, count: number) {
      for (let done = 0; done < count; done += 1) {
        expect(await post(`${url}/graphql`, { query })).not.toHaveProperty("errors");
      }
    },
    run: (query: string, headers?: Record<string, string>) => post(`${url}/graphql`, { query }, headers),
    value: async (name: string) => (await scrape(url)).get(name) ?? 0,
    /** Resolves once the metric has this value. */
    reaches: (name: string, value: number) =>
      until(async () => (await scrape(url)).get(name) === value).catch(async () => {
        throw new Error(`${name} is ${(await scrape(url)).get(name)}, not ${value}.`);
      }),
    /** Resolves once the metric has had this value under a load, which is repeated: a busy machine may miss the moment. */
    reachesDuring: (load: () => Promise<unknown>, name: string, value: number) =>
      until(async () => {
        let isOver = false;
        const running = load().finally(() => {
          isOver = true;
        });
        let isReached = false;
        while (!isOver && !isReached) isReached = (await scrape(url)).get(name) === value;
        await running;
        return isReached;
      }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

const users = "{ paymentServiceUsers(first: 3) { nodes { name } } }";
/** Each of these makes a call of its own. */
const usersOf = (at: number) => `{ paymentServiceUsers(first: ${at + 16}) { nodes { name } } }`;
const isOfUsers = ({ path }: { path: string }) => path === "/payment-service-users";
const times = <Value>(count: number, work: (index: number) => Promise<Value>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

describe("GET /metrics", () => {
  it("has metrics of the process and of the gateway, whose names begin with `gateway_`", async () => {
    await using gateway = await startMeasured();
    await gateway.run(users);
    const names = [...(await scrape(gateway.url)).keys()];
    expect(names).toContain("process_cpu_seconds_total");
    expect(names).toContain("process_resident_memory_bytes");
    expect(names.filter((name) => !/^(gateway|process|nodejs)_/.test(name))).toEqual([]);
  });

  it("counts operations by name, kind and outcome, with their time and their calls to the stack", async () => {
    await using gateway = await startMeasured();
    await gateway.answers(`query Users ${users}`, 11);
    await gateway.run("query Users { paymentServiceUsers(first: -1) { nodes { name } } }");
    await gateway.run(users);
    await gateway.run('mutation Delete { deleteConnection(input: { connectionId: "x" }) { deletedId } }');
    await gateway.run("{ nothing }");
    await gateway.run("{");
    const samples = await scrape(gateway.url);
    const operations = [...samples].filter(([name]) => name.startsWith("gateway_operations_total"));
    expect(operations).toEqual([
      ['gateway_operations_total{operation="(other)",kind="query",outcome="ok"}', 9],
      ['gateway_operations_total{operation="Users",kind="query",outcome="ok"}', 2],
      ['gateway_operations_total{operation="Users",kind="query",outcome="BAD_USER_INPUT"}', 1],
      ['gateway_operations_total{operation="(anonymous)",kind="query",outcome="ok"}', 1],
      ['gateway_operations_total{operation="(other)",kind="mutation",outcome="BAD_USER_INPUT"}', 1],
      ['gateway_operations_total{operation="(none)",kind="none",outcome="BAD_USER_INPUT"}', 2],
    ]);
    expect(samples.get('gateway_operation_duration_seconds_count{operation="Users",kind="query"}')).toBe(3);
    expect(samples.get('gateway_operation_duration_seconds_sum{operation="Users",kind="query"}')).toBeGreaterThan(0);
    expect(samples.get('gateway_operation_upstream_calls_sum{kind="query"}')).toBe(12);
  });

  it("counts calls to the stack by name and status, keys of loader batches, and renewals of the token", async () => {
    await using gateway = await startMeasured();
    await gateway.run("{ paymentServiceUsers(first: 3) { nodes { accounts { connector { name } } } } }");
    const samples = await scrape(gateway.url);
    expect(samples.get('gateway_upstream_calls_total{call="paymentServiceUsers",outcome="200"}')).toBe(1);
    expect(samples.get('gateway_upstream_calls_total{call="accounts",outcome="200"}')).toBe(1);
    expect(samples.get('gateway_upstream_call_duration_seconds_count{call="accounts"}')).toBe(1);
    expect(samples.get('gateway_loader_batch_keys_sum{loader="accountsByPsu"}')).toBe(3);
    expect(samples.get('gateway_loader_batch_keys_count{loader="accountsByPsu"}')).toBe(1);
    expect(samples.get('gateway_upstream_token_refreshes_total{outcome="ok"}')).toBe(1);
    expect(samples.get('gateway_upstream_calls_total{call="token",outcome="200"}')).toBe(1);
  });

  it("counts retries, failed calls and refusals of the circuit breaker, and shows its state, when the stack is down", async () => {
    await using gateway = await startMeasured();
    expect(await gateway.value('gateway_upstream_breaker_state{state="closed"}')).toBe(1);
    using _fault = gateway.sandbox.fault(isOfUsers, { reset: true });
    await until(async () => {
      await gateway.run(users);
      return (await gateway.value('gateway_upstream_breaker_state{state="closed"}')) === 0;
    });
    await gateway.run(users);
    await until(async () => (await gateway.value('gateway_upstream_refusals_total{reason="breaker-open"}')) > 0);
    const samples = await scrape(gateway.url);
    expect(samples.get('gateway_upstream_retries_total{call="paymentServiceUsers"}')).toBeGreaterThan(0);
    const failed = 'gateway_upstream_calls_total{call="paymentServiceUsers",outcome="unavailable"}';
    expect(samples.get(failed)).toBeGreaterThanOrEqual(10);
    expect(
      samples.get('gateway_operations_total{operation="(anonymous)",kind="query",outcome="UPSTREAM_UNAVAILABLE"}'),
    ).toBeGreaterThan(0);
  });

  it("counts reads that shared another's call", async () => {
    await using gateway = await startMeasured();
    using _slow = gateway.sandbox.fault(isOfUsers, { delayMs: 400 });
    const first = gateway.run(users);
    await until(async () => gateway.sandbox.calls.some(isOfUsers));
    await Promise.all([first, gateway.run(users), gateway.run(users)]);
    expect(gateway.sandbox.calls.filter(isOfUsers)).toHaveLength(1);
    expect(await gateway.value('gateway_upstream_deduplicated_total{call="paymentServiceUsers"}')).toBe(2);
  });

  it("shows how many calls are in flight and queued and operations waiting, and counts those that are refused", async () => {
    await using gateway = await startMeasured({ MAX_UPSTREAM_CALLS: "1", OPERATION_TIMEOUT_SECONDS: "3" });
    await gateway.run(users);
    {
      using _slow = gateway.sandbox.fault(isOfUsers, { delayMs: 400 });
      const few = () => times(3, (at) => gateway.run(usersOf(at)));
      await gateway.reachesDuring(few, "gateway_upstream_queued", 2);
      await gateway.reachesDuring(few, "gateway_upstream_in_flight", 1);
      const flood = () => times(20, (at) => gateway.run(usersOf(at)));
      await gateway.reachesDuring(flood, "gateway_operations_waiting", 12);
      expect(await gateway.value("gateway_shed_total")).toBeGreaterThan(0);
    }
    await gateway.reaches("gateway_operations_waiting", 0);
    await gateway.reaches("gateway_upstream_queued", 0);
    await gateway.reaches("gateway_upstream_in_flight", 0);
  });

  it("counts refreshes that are refused by a full queue", async () => {
    await using gateway = await startMeasured({ MAX_UPSTREAM_CALLS: "1" });
    using _slow = gateway.sandbox.fault(() => true, { delayMs: 200 });
    using client = webSocket.connect(`${gateway.url}/graphql`);
    await client.open(`subscription { connectionChanged(psuId: "${gateway.psuId}") { kind } }`).next();
    const lists = Array.from({ length: 30 }, (_, at) => `a${at}: connectors(first: ${at + 16}) { nodes { id } }`);
    const heavy = gateway.run(`{ ${lists.join(" ")} }`);
    await until(async () => (await gateway.value('gateway_upstream_refusals_total{reason="queue-full"}')) > 0);
    await heavy;
  });

  it.each([
    ["operator", { RATE_LIMIT_OPERATOR: "1" }, "{ viewer { subject } }"],
    ["address", { RATE_LIMIT_ADDRESS: "1" }, "{ viewer { subject } }"],
    ["psu", { RATE_LIMIT_PSU: "1" }, "{ viewer { subject } }"],
  ] as const)("counts operations over the rate limit: %s", async (kind, settings, query) => {
    using issuer = await startIssuer();
    const { config } = issuer;
    if (config.kind !== "jwt" || config.keys.kind !== "url") throw new Error("The issuer has no URL.");
    await using gateway = await startMeasured({
      AUTH_JWKS_URL: config.keys.url.href,
      AUTH_ISSUER: config.issuer,
      AUTH_AUDIENCE: config.audience,
      MAX_QUERY_COST: "1",
      ...settings,
    });
    const claims = kind === "psu" ? { psu_id: gateway.connection.psuID } : { scope: "payments:read" };
    const headers = { authorization: await issuer.bearer({ sub: "user", ...claims }) };
    await gateway.run(query, headers);
    const { errors } = await gateway.run(query, headers);
    expect(errors).toMatchObject([{ extensions: { code: "RATE_LIMITED" } }]);
    const limited = [...(await scrape(gateway.url))].filter(([name]) => name.startsWith("gateway_rate_limited_total"));
    expect(limited).toEqual([[`gateway_rate_limited_total{budget="${kind}"}`, expect.any(Number)]]);
  });
});

describe("the live side", () => {
  it("measures streams, watchers, sockets and refreshes; counts a webhook, its invalidation, its message, and how long that took", async () => {
    await using gateway = await startMeasured();
    {
      using client = webSocket.connect(`${gateway.url}/graphql`);
      const document = `subscription Banks { connectionChanged(psuId: "${gateway.psuId}") { kind connection { id } } }`;
      const stream = client.open(document);
      await stream.next();
      await stream.next();
      const before = await scrape(gateway.url);
      expect(before.get("gateway_subscriptions")).toBe(1);
      expect(before.get("gateway_watchers")).toBe(1);
      expect(before.get("gateway_websockets")).toBe(1);
      expect(before.get("gateway_connections")).toBeGreaterThanOrEqual(1);
      expect(before.get("gateway_refreshes_total")).toBeGreaterThan(0);
      expect(before.get("gateway_subscription_messages_total")).toBe(2);
      expect(before.get('gateway_operations_total{operation="(other)",kind="subscription",outcome="ok"}')).toBe(1);
      expect(before.get("gateway_invalidation_to_message_seconds_count")).toBe(0);

      gateway.sandbox.sendWebhooks({ endpoint: `${gateway.url}/webhooks/formance`, secret, eventTypes });
      // The watcher also polls, and may be first.
      const after = await until(async () => {
        gateway.sandbox.world.syncConnection(gateway.connection);
        const samples = await scrape(gateway.url);
        return (samples.get("gateway_invalidation_to_message_seconds_count") ?? 0) > 0 && samples;
      });
      expect(after.get('gateway_webhooks_total{outcome="accepted"}')).toBeGreaterThan(0);
      expect(after.get('gateway_invalidations_total{source="webhook"}')).toBeGreaterThan(0);
      expect(after.get("gateway_invalidation_to_message_seconds_sum")).toBeGreaterThan(0);
      await gateway.reaches('gateway_operations_total{operation="(other)",kind="subscription",outcome="ok"}', 1);
      expect(await gateway.value("gateway_subscription_messages_total")).toBeGreaterThan(2);

      using _fault = gateway.sandbox.fault(({ path }) => path.endsWith("/connections"), { status: 400, body: "{}" });
      await until(async () => (await gateway.value('gateway_refresh_errors_total{kind="malformed"}')) > 0);
    }
    for (const name of ["subscriptions", "watchers", "websockets"]) await gateway.reaches(`gateway_${name}`, 0);
    await post(`${gateway.url}/webhooks/formance`, {}).catch(() => {});
    await gateway.reaches('gateway_webhooks_total{outcome="bad-signature"}', 1);
  });

  it("counts webhooks by outcome", async () => {
    await using gateway = await startMeasured();
    const send = async (id: string, event: object) => {
      const body = JSON.stringify(event);
      const timestamp = Math.floor(Date.now() / 1000);
      const headers = {
        "content-type": "application/json",
        "formance-webhook-id": id,
        "formance-webhook-timestamp": String(timestamp),
        "formance-webhook-signature": signWebhook({ id, timestamp, body, secret }),
      };
      return (await fetch(`${gateway.url}/webhooks/formance`, { method: "POST", headers, body })).status;
    };
    const [type] = eventTypes;
    const update = { type: "payments.updated_task", payload: { id: "task", status: "SUCCEEDED" } };
    expect(await send("first", update)).toBe(204);
    expect(await send("first", update)).toBe(204);
    expect(await send("second", { type, payload: {} })).toBe(400);
    expect(await send("third", { type: "payments.saved_pool", payload: {} })).toBe(204);
    const outcomes = [...(await scrape(gateway.url))].filter(([name]) => name.startsWith("gateway_webhooks_total"));
    const counted = ["accepted", "duplicate", "malformed", "unknown"];
    expect(outcomes).toEqual(counted.map((outcome) => [`gateway_webhooks_total{outcome="${outcome}"}`, 1]));
  });

  it("counts its own invalidations", async () => {
    await using gateway = await startMeasured();
    const connectionId = connectionGlobalId(gateway.connection);
    const { errors } = await gateway.run(
      `mutation { deleteConnection(input: { connectionId: "${connectionId}" }) { deletedId } }`,
    );
    expect(errors).toBeUndefined();
    await gateway.reaches('gateway_invalidations_total{source="own"}', 1);
  });

  it.skipIf(!isInstalled("redis-server"))("counts invalidations of other replicas", async () => {
    await using redis = await startRedis();
    await using gateway = await startMeasured({ REDIS_URL: `redis://127.0.0.1:${redis.port}` });
    const replica = await gateway.startReplica();
    gateway.sandbox.sendWebhooks({ endpoint: `${replica.url}/webhooks/formance`, secret, eventTypes });
    gateway.sandbox.world.syncConnection(gateway.connection);
    await gateway.reaches('gateway_invalidations_total{source="bus"}', 1);
    expect(await gateway.value('gateway_invalidations_total{source="webhook"}')).toBe(0);
  });

  it.skipIf(!isInstalled("nats-server"))("counts invalidations of the stack's broker", async () => {
    await using nats = await startNats({ jetStream: false });
    await using gateway = await startMeasured({ NATS_URL: `nats://127.0.0.1:${nats.port}` });
    const { connect } = await import("@nats-io/transport-node");
    const connection = await connect({ servers: `127.0.0.1:${nats.port}` });
    using _forward = gateway.sandbox.world.onEvent((event) => connection.publish("payments", JSON.stringify(event)));
    gateway.sandbox.world.syncConnection(gateway.connection);
    await gateway.reaches('gateway_invalidations_total{source="nats"}', 1);
    await connection.close();
  });
});

describe("names of operations", () => {
  const namesIn = async (url: string) => {
    const found = [...(await scrape(url)).keys()].map((name) => /operation="([^"]*)"/.exec(name)?.[1]);
    return new Set(found.filter((name) => name !== undefined));
  };

  const unlimited = { RATE_LIMIT_OPERATOR: "1000000", RATE_LIMIT_ADDRESS: "1000000" };

  it("are shown from the tenth successful response on: rare names and names of refused operations never are", async () => {
    await using gateway = await startMeasured(unlimited);
    for (let round = 0; round < 10; round += 1) {
      await times(30, (index) => gateway.run(`query Once_${round * 30 + index} { viewer { subject } }`));
      await times(5, (index) => gateway.run(`query Invalid_${round * 5 + index} { nothing }`));
    }
    await gateway.answers("query Nine { viewer { subject } }", 9);
    await times(20, () => gateway.run('query Refused { paymentServiceUser(id: "x") { name } }'));
    await gateway.reaches('gateway_operations_total{operation="(other)",kind="query",outcome="BAD_USER_INPUT"}', 20);
    expect(await gateway.value('gateway_operations_total{operation="(other)",kind="query",outcome="ok"}')).toBe(309);
    expect([...(await namesIn(gateway.url))].toSorted()).toEqual(["(none)", "(other)"]);
    await gateway.answers("query Nine { viewer { subject } }", 1);
    await gateway.reaches('gateway_operations_total{operation="Nine",kind="query",outcome="ok"}', 1);
  });

  it("are shown for 200 names; beyond that the longest unused is evicted with its counts, never a busy one", async () => {
    await using gateway = await startMeasured(unlimited);
    const made = (index: number) => `query Made_up_${index} { viewer { subject } }`;
    await gateway.answers("query Busy { viewer { subject } }", 10);
    for (let first = 0; first < 240; first += 30) {
      await times(30, (index) => gateway.answers(made(first + index), 10));
      await gateway.answers("query Busy { viewer { subject } }", 1);
    }
    await gateway.reaches('gateway_operations_total{operation="Busy",kind="query",outcome="ok"}', 9);
    const names = await namesIn(gateway.url);
    expect(names.size).toBe(201);
    expect([...names].filter((name) => /^Made_up_\d$/.test(name))).toEqual([]);
    expect(names).toContain("Made_up_239");

    await gateway.answers("query Late { viewer { subject } }", 10);
    await gateway.reaches('gateway_operations_total{operation="Late",kind="query",outcome="ok"}', 1);
    expect((await namesIn(gateway.url)).size).toBe(201);
  });

  it("are those of the manifest with trusted documents", async () => {
    const folder = await mkdtemp(join(tmpdir(), "manifest-"));
    await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
    const manifest = join(folder, "manifest.json");
    const documents = Array.from({ length: 250 }, (_, index) => [
      `hash-${index}`,
      `query Q${index} { viewer { subject } }`,
    ]);
    await writeFile(manifest, JSON.stringify(Object.fromEntries(documents)));
    await using gateway = await startMeasured({ TRUSTED_DOCUMENTS: manifest });
    await times(250, (index) => post(`${gateway.url}/graphql`, { documentId: `hash-${index}` }));
    await gateway.run("query Made_up { viewer { subject } }");
    const names = await namesIn(gateway.url);
    expect(names.size).toBe(251);
    expect(names).toContain("(none)");
    expect(names).not.toContain("Made_up");
  });
});
