/** OpenTelemetry traces of operations, as a collector gets them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "graphql-ws";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { firstOf, psuGlobalId } from "../schema/global-ids.ts";
import { fairNow } from "../support/fair-clock.ts";
import { until } from "../support/helpers.ts";
import { post } from "../support/live/clients.ts";
import { createLogSink } from "../support/record.ts";
import { closedUrl, granted, page, startStack, tokenPath } from "../upstream/stack.ts";

const value = z.union([
  z.strictObject({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.strictObject({ intValue: z.coerce.number() }).transform(({ intValue }) => intValue),
]);
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .transform((list) => Object.fromEntries(list.map((one) => [one.key, one.value])));
const span = z.object({
  traceId: z.string().regex(/^[\da-f]{32}$/),
  spanId: z.string().regex(/^[\da-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  startTimeUnixNano: z.string().transform(BigInt),
  endTimeUnixNano: z.string().transform(BigInt),
  attributes,
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })),
  status: z.object({ code: z.int() }),
});
const delivery = z.object({
  resourceSpans: z.array(
    z.object({ resource: z.object({ attributes }), scopeSpans: z.array(z.object({ spans: z.array(span) })) }),
  ),
});

type Span = z.output<typeof span>;

/** As OTLP counts them. */
const kinds = { internal: 1, server: 2, client: 3 };
const fault = 2;

/** Takes what an OpenTelemetry collector takes: OTLP over HTTP, as JSON. */
async function startCollector({ status = 200 } = {}) {
  const spans: Span[] = [];
  const services = new Set<unknown>();
  const texts: string[] = [];
  let deliveries = 0;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    deliveries += 1;
    texts.push(text);
    if (request.url !== "/v1/traces" || request.method !== "POST") {
      response.writeHead(404).end();
      return;
    }
    for (const { resource, scopeSpans } of delivery.parse(JSON.parse(text)).resourceSpans) {
      services.add(resource.attributes["service.name"]);
      for (const one of scopeSpans) spans.push(...one.spans);
    }
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    services,
    text: () => texts.join("\n"),
    deliveries: () => deliveries,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startTraced(endpoint: string | null, stackUrl?: URL) {
  await using starting = new AsyncDisposableStack();
  const world = createWorld({ size: { people: 3, connectionsEach: 2, accountsEach: 1 } });
  const sandbox = starting.use(await startSandbox({ world }));
  const config = readConfig({
    PORT: "0",
    FORMANCE_API_URL: stackUrl?.href ?? sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    ...(endpoint !== null && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
  });
  const sink = createLogSink("socket");
  const gateway = starting.use(await start(config, pino({ base: null }, sink)));
  const started = starting.move();
  return {
    url: `${gateway.url}/graphql`,
    sandbox,
    psu: firstOf(world.people),
    lines: () => sink.lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    /** Stops the gateway, which sends the remaining spans. */
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

const tree =
  "query Tree { paymentServiceUsers(first: 3) { nodes { accounts { name } connections { connector { name } } } } }";
/** Users, accounts of all, connections of each, connectors. */
const treeCalls = 6;
const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;

describe("a traced operation", () => {
  it("with account numbers, inline, in variables and in a refusal of the stack, has none in its spans", async () => {
    using collector = await startCollector();
    const gateway = await startTraced(collector.url);
    const iban = "FR7630006000011234567890189";
    const input = `psuId: "${gateway.psu.id}", name: "Rent"`;
    const inline = `mutation { addBankAccount(input: { ${input}, iban: "${iban}" }) { bankAccount { iban } } }`;
    const query = `mutation ($n: String) { addBankAccount(input: { ${input}, iban: $n }) { bankAccount { iban } } }`;
    await post(gateway.url, { query: inline });
    const body = JSON.stringify({ errorCode: "VALIDATION", errorMessage: `IBAN ${iban} is taken` });
    using _ = gateway.sandbox.fault(({ path }) => path === "/bank-accounts", { status: 400, body });
    await post(gateway.url, { query, variables: { n: iban } });
    await gateway[Symbol.asyncDispose]();
    expect(collector.spans.some(({ name }) => name === "createBankAccount")).toBe(true);
    expect(collector.text()).not.toContain("30006000");
  });

  it("is one trace from its caller over loaders to each call to the stack, which gets the trace's id", async () => {
    using collector = await startCollector();
    const gateway = await startTraced(collector.url);
    await post(gateway.url, { query: tree }, { traceparent });
    await gateway[Symbol.asyncDispose]();

    expect(collector.services).toEqual(new Set([manifest.name]));
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([caller.traceId]));
    const named = (name: string) => firstOf(collector.spans, (one) => one.name === name);
    const operation = named("Tree");
    expect(operation).toMatchObject({ parentSpanId: caller.spanId, kind: kinds.server, status: { code: 0 } });
    expect(operation.attributes).toEqual({
      "graphql.operation.name": "Tree",
      "graphql.operation.type": "query",
      "gateway.outcome": "ok",
      "gateway.upstream_calls": treeCalls,
    });
    const users = named("paymentServiceUsers");
    expect(users).toMatchObject({ parentSpanId: operation.spanId, kind: kinds.client });
    const loader = named("load accountsByPsu");
    expect(loader).toMatchObject({ parentSpanId: operation.spanId, kind: kinds.internal });
    const accounts = named("accounts");
    expect(accounts).toMatchObject({ parentSpanId: loader.spanId, attributes: { "gateway.upstream_outcome": 200 } });
    expect(named("connectors").parentSpanId).toBe(named("load connectorById").spanId);
    // An operation ends by a clock of milliseconds.
    const millisecond = 1_000_000n;
    for (const one of collector.spans) {
      expect(one.startTimeUnixNano).toBeGreaterThanOrEqual(operation.startTimeUnixNano);
      expect(one.endTimeUnixNano).toBeLessThan(operation.endTimeUnixNano + millisecond);
    }

    const received = gateway.sandbox.calls.map(({ traceparent: header }) => header);
    const calls = collector.spans.filter(({ kind }) => kind === kinds.client);
    expect(received.toSorted()).toEqual(calls.map(({ spanId }) => `00-${caller.traceId}-${spanId}-01`).toSorted());
    expect(received.length).toBe(treeCalls);
  });

  it("has its trace's id in its log line, starts a trace when its caller has no valid one, and marks errors", async () => {
    using collector = await startCollector();
    const gateway = await startTraced(collector.url);
    using _fault = gateway.sandbox.fault(({ path }) => path === "/accounts", { status: 418, body: "{}" });
    await post(gateway.url, { query: tree }, { traceparent: "00-nonsense" });
    await post(gateway.url, { query: "{ nothing }" });
    await gateway[Symbol.asyncDispose]();
    const [failed, refused] = collector.spans.filter(({ kind }) => kind === kinds.server);
    expect(failed).toMatchObject({ name: "Tree", status: { code: fault } });
    expect(failed?.attributes["gateway.outcome"]).toBe("UPSTREAM_MALFORMED");
    expect(failed).not.toHaveProperty("parentSpanId", expect.any(String));
    expect(firstOf(collector.spans, ({ name }) => name === "load accountsByPsu").status.code).toBe(fault);
    expect(firstOf(collector.spans, ({ name }) => name === "accounts").attributes["gateway.upstream_outcome"]).toBe(
      418,
    );
    expect(refused).toMatchObject({ name: "(anonymous)", status: { code: 0 } });
    const lines = gateway.lines().filter(({ msg }) => msg === "operation");
    expect(lines.map(({ traceId }) => traceId)).toEqual([failed?.traceId, refused?.traceId]);
  });

  it("is recorded even when its caller's trace is not sampled, and its calls to the stack are sampled", async () => {
    using collector = await startCollector();
    const gateway = await startTraced(collector.url);
    await post(gateway.url, { query: tree }, { traceparent: traceparent.replace(/01$/, "00") });
    await gateway[Symbol.asyncDispose]();
    expect(firstOf(collector.spans, ({ name }) => name === "Tree").parentSpanId).toBe(caller.spanId);
    expect(collector.spans.filter(({ kind }) => kind === kinds.client).length).toBe(treeCalls);
    const received = gateway.sandbox.calls.map(({ traceparent: header }) => header ?? "");
    expect(received.every((header) => header.startsWith(`00-${caller.traceId}-`) && header.endsWith("-01"))).toBe(true);
    expect(received.length).toBe(treeCalls);
  });

  it("takes ids but no text from its caller: neither the stack nor the collector gets a `tracestate`", async () => {
    using collector = await startCollector();
    await using stack = await startStack(({ path }) => (path === tokenPath ? granted("t1") : page([])));
    const gateway = await startTraced(collector.url, stack.url);
    const tracestate = "vendor=words-of-a-caller";
    await post(gateway.url, { query: "{ connectors { nodes { id } } }" }, { traceparent, tracestate });
    const client = createClient({ url: gateway.url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
    const query = "{ connectors { nodes { name } } }";
    await client.iterate({ query, extensions: { traceparent, tracestate } }).next();
    await client.dispose();
    await gateway[Symbol.asyncDispose]();
    expect(stack.calls.length).toBe(2);
    for (const { headers } of stack.calls) {
      expect(headers["traceparent"]).toContain(caller.traceId);
      expect(headers).not.toHaveProperty("tracestate");
    }
    expect(collector.text()).toContain(caller.traceId);
    expect(collector.text()).not.toContain("words-of-a-caller");
  });

  it("has its caller in its extensions over a socket, and a linked trace for each message of a stream", async () => {
    using collector = await startCollector();
    const gateway = await startTraced(collector.url);
    {
      const client = createClient({
        url: gateway.url.replace("http", "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
      });
      const query =
        "subscription Banks($psuId: ID!) { connectionChanged(psuId: $psuId) { connection { connector { name } } } }";
      const variables = { psuId: psuGlobalId(gateway.psu.id) };
      const stream = client.iterate({ query, variables, extensions: { traceparent } });
      await stream.next();
      await stream.next();
      await client.dispose();
    }
    await gateway[Symbol.asyncDispose]();
    const [opening, ...messages] = collector.spans.filter(({ name }) => name === "Banks");
    expect(opening).toMatchObject({ traceId: caller.traceId, parentSpanId: caller.spanId });
    expect(messages.length).toBe(2);
    for (const message of messages) {
      expect(message.links).toMatchObject([{ traceId: caller.traceId, spanId: opening?.spanId }]);
      const own = collector.spans.filter(({ traceId }) => traceId === message.traceId).map(({ name }) => name);
      expect(own.toSorted()).toEqual(["Banks", "connectors", "load connectorById"]);
    }
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(3);
    expect(gateway.lines()).toContainEqual(expect.objectContaining({ outcome: "ended", traceId: caller.traceId }));
  });

  it("holds no personal data: no variables, no ids", async () => {
    using collector = await startCollector();
    const gateway = await startTraced(collector.url);
    const query = "query One($id: ID!) { paymentServiceUser(id: $id) { name accounts { name } } }";
    const id = psuGlobalId(gateway.psu.id);
    const { data } = await post(gateway.url, { query, variables: { id } });
    expect(JSON.stringify(data)).toContain(gateway.psu.name);
    await gateway[Symbol.asyncDispose]();
    expect(collector.text()).toContain('"One"');
    for (const personal of [gateway.psu.name, gateway.psu.id, id]) expect(collector.text()).not.toContain(personal);
  });
});

describe("a collector", () => {
  it("that refuses spans or is down delays neither operations nor the shutdown, and is logged once", async () => {
    using collector = await startCollector({ status: 400 });
    const endpoints = [collector.url, (await closedUrl()).href];
    async function expectNoHarm(endpoint: string): Promise<void> {
      const gateway = await startTraced(endpoint);
      expect(await post(gateway.url, { query: "{ __typename }" })).toEqual({ data: { __typename: "Query" } });
      const warnings = () => gateway.lines().filter(({ msg }) => msg === "traces are not delivered");
      await until(async () => warnings().length > 0);
      const startedAt = fairNow();
      await gateway[Symbol.asyncDispose]();
      expect(fairNow() - startedAt).toBeLessThan(8000);
      expect(warnings().length).toBe(1);
    }
    await Promise.all(endpoints.map(expectNoHarm));
  });

  it("that is not configured: no log line has a trace, and the stack gets none", async () => {
    await using gateway = await startTraced(null);
    await post(gateway.url, { query: tree }, { traceparent });
    expect(gateway.lines().filter((line) => "traceId" in line)).toEqual([]);
    expect(gateway.sandbox.calls.map(({ traceparent: header }) => header)).toEqual(Array(treeCalls).fill(undefined));
  });
});
