/** A gateway over a sandbox for tests, its callers, and waiting for a condition. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { type Call, type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/server.ts";
import type { Authenticate } from "../../src/auth/authenticate.ts";
import type { Viewer } from "../../src/auth/viewer.ts";
import type { Pipeline } from "../../src/engine/pipeline.ts";
import type { Graphql } from "../../src/http/graphql.ts";
import { Cancellation } from "../../src/lib/cancellation.ts";
import { createMemoryEventBus, type EventBus } from "../../src/live/event-bus.ts";
import { createLive, type Live, type LiveOptions } from "../../src/live/live.ts";
import { logMapperErrors } from "../../src/observability/mapper-log.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import type { OperationParams } from "../../src/operation.ts";
import { createUpstreamClient, type UpstreamClient } from "../../src/upstream/client.ts";
import type { Provider } from "../../src/upstream/providers/provider.ts";
import { createProviders } from "../../src/upstream/providers/providers.ts";
import type { MaxWaiting } from "../../src/upstream/transport/fair-admission.ts";
import type { Credentials } from "../../src/upstream/transport/transport.ts";
import type { TypedDocumentString } from "../graphql/graphql.ts";
import { createTestGraphql, type Guards, unguarded } from "./graphql.ts";
import { createLogSink, record, recordMetrics, recordResponse, recordSecret, withRecordedFaults } from "./record.ts";

export type ClientError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [name: string]: unknown };
};

export type Answer<Data> = {
  readonly status: number;
  readonly data: Data | null;
  readonly errors: readonly ClientError[];
};

export type TestGateway = AsyncDisposable & {
  readonly sandbox: Sandbox;
  /** Every line that the gateway has logged. */
  readonly lines: readonly string[];
  readonly live: Live;
  readonly bus: EventBus;
  readonly upstream: UpstreamClient;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a typed document and expects that all of it succeeds. */
  run<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data>;
  /** Sends any document and returns the response. */
  send<Data = unknown>(document: string, variables?: object, signal?: AbortSignal): Promise<Answer<Data>>;
  /** Opens a stream, which is closed when disposed. */
  subscribe<Data, Variables>(
    document: TypedDocumentString<Data, Variables> | string,
    variables: Variables,
    authorization?: string,
  ): TestStream<Data>;
  /** The REST calls during `work`. */
  calls(work: () => Promise<unknown>): Promise<readonly Call[]>;
};

export type TestStream<Data> = AsyncDisposable & {
  /** All messages so far. */
  readonly messages: readonly Message<Data>[];
  /** Resolves once so many messages have come, with their data; none may have errors. */
  first(count: number): Promise<readonly Data[]>;
  readonly isOver: boolean;
  /** Resolves when the stream ends by itself, with the data of all its messages; none may have errors. */
  all(): Promise<readonly Data[]>;
  /** Resolves when the stream ends by itself, with the codes of its errors. */
  codes(): Promise<readonly string[]>;
};

export type TestGatewayOptions = {
  readonly sandbox?: SandboxOptions;
  /** The caller; by default an operator with all permissions. */
  readonly viewer?: Viewer;
  /** Instead of `viewer`: reads the caller's token. */
  readonly authenticate?: Authenticate;
  /** Overrides for the upstream client. */
  readonly upstream?: {
    readonly url?: URL;
    readonly credentials?: Credentials;
    readonly timeoutMs?: number;
    readonly sockets?: number;
    readonly maxWaiting?: MaxWaiting;
  };
  readonly cursorSecrets?: readonly [string, ...string[]];
  /** Providers of one's own, by their names. */
  readonly providers?: Readonly<Record<string, Provider>>;
  readonly live?: Partial<LiveOptions>;
  /** A bus that is shared with other gateways, as by replicas; by default one of its own. */
  readonly bus?: EventBus;
  /** Limits and guards that differ from the default. */
  readonly guards?: Partial<Guards>;
};

export const operator: Viewer = {
  subject: "operator",
  scopes: ["payments:read", "payments:write"],
  psuId: null,
  expiresAt: null,
};

export function psuViewer(psuId: string): Viewer {
  return { subject: `user-${psuId}`, scopes: [], psuId, expiresAt: null };
}

/** A gateway over a sandbox of its own, which is called over HTTP. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const sandbox = await startSandbox(options.sandbox);
  const gateway = createTestGateway(sandbox, options);
  return {
    ...gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** A gateway over a sandbox that others may use, too. It does not dispose the sandbox. */
export function createTestGateway(sandbox: Sandbox, options: Omit<TestGatewayOptions, "sandbox"> = {}): TestGateway {
  const { clientId, clientSecret } = sandbox;
  const metrics = createMetrics();
  const upstream = createUpstreamClient({
    url: new URL(sandbox.url),
    credentials: { kind: "client", clientId, clientSecret },
    timeoutMs: 15_000,
    sockets: 128,
    observer: metrics.upstream,
    ...options.upstream,
  });
  const sink = createLogSink("test");
  const log = pino({ level: "trace", base: null }, sink);
  for (const secret of options.cursorSecrets ?? []) recordSecret(secret);
  if (options.upstream?.credentials?.kind === "token") recordSecret(options.upstream.credentials.token);
  const bus = options.bus ?? createMemoryEventBus();
  const live = createLive(bus, upstream, {
    onInvalidation: metrics.invalidated,
    onRefresh: metrics.refreshed,
    onDelivered: metrics.delivered,
    limits: { streams: 10_000, streamsPerViewer: 10_000 },
    ...options.live,
  });
  const graphql = createTestGraphql({
    upstream,
    live,
    authenticate: options.authenticate ?? (async () => options.viewer ?? operator),
    cursorSecrets: options.cursorSecrets ?? null,
    log,
    graphiql: true,
    ...unguarded,
    providers: createProviders({ own: options.providers ?? {}, onError: logMapperErrors(log) }),
    metrics,
    ...options.guards,
  });
  const http = createHttpServer(graphql);

  async function send<Data>(query: string, variables: object = {}, signal?: AbortSignal): Promise<Answer<Data>> {
    const response = await http.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query, variables }),
      ...(signal && { signal }),
    });
    const body = (await recordResponse(response).json()) as { data?: Data | null; errors?: ClientError[] };
    return { status: response.status, data: body.data ?? null, errors: body.errors ?? [] };
  }

  return {
    sandbox: withRecordedFaults(sandbox),
    lines: sink.lines,
    live,
    bus,
    upstream,
    subscribe: (document, variables, authorization) =>
      openTestStream(
        graphql.pipeline,
        { query: document.toString(), variables: variables as never },
        authorization ?? null,
      ),
    fetch: async (path, init = {}) => recordResponse(await http.fetch(path, init)),
    send,
    async run(document, variables) {
      const { data, errors } = await send<never>(document.toString(), variables as object);
      if (errors.length > 0 || data === null) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
      return data;
    },
    async calls(work) {
      const before = sandbox.calls.length;
      await work();
      return sandbox.calls.slice(before);
    },
    async [Symbol.asyncDispose]() {
      await recordMetrics(metrics);
      live[Symbol.dispose]();
      await http[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

type Message<Data> = { readonly data: Data | null; readonly errors: readonly ClientError[] };

/** Runs an operation as the transports do, and reads all its results. */
function openTestStream<Data>(
  pipeline: Pipeline,
  params: OperationParams,
  authorization: string | null,
): TestStream<Data> {
  const messages: Message<Data>[] = [];
  const cancellation = new Cancellation();
  let isOver = false;

  // As JSON, like a transport.
  const put = (message: object) => {
    const text = JSON.stringify(message);
    record("answer", "test", `${text}\n`);
    const { data = null, errors = [] } = JSON.parse(text) as Partial<Message<Data>>;
    messages.push({ data, errors });
  };

  async function read(): Promise<void> {
    const { result } = await pipeline.run({
      params,
      credentials: authorization,
      headers: {},
      connectionParams: null,
      requestId: null,
      address: null,
      traceparent: null,
      cancellation,
      isReadOnly: false,
      acceptsStream: true,
    });
    if (!(Symbol.asyncIterator in result)) return put(result);
    for await (const message of result) put(message);
  }
  const reading = read().then(() => {
    isOver = !cancellation.isCancelled;
  });

  const dataOf = () =>
    messages.map(({ data, errors }) => {
      if (data === null || errors.length > 0) throw new Error(`A message has errors: ${JSON.stringify(errors)}`);
      return data;
    });

  return {
    messages,
    async first(count) {
      await until(async () => isOver || messages.length >= count);
      if (messages.length < count) throw new Error(`The stream ended after ${messages.length} messages.`);
      return dataOf().slice(0, count);
    },
    get isOver() {
      return isOver;
    },
    async all() {
      await until(async () => isOver);
      return dataOf();
    },
    async codes() {
      await until(async () => isOver);
      return messages.flatMap(({ errors }) => errors.map(({ extensions }) => extensions.code));
    },
    async [Symbol.asyncDispose]() {
      cancellation.cancel();
      await reading;
    },
  };
}

/** Serves the handler over HTTP; listens from the first request on. */
function createHttpServer(graphql: Graphql) {
  // As long as any test: a kept connection that the server closes just then would fail a request.
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    const fail = () => void response.destroy();
    graphql.handle(request, response, fail).catch(fail);
  });
  let listening: Promise<string> | undefined;
  const listen = () =>
    new Promise<string>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    });
  return {
    async fetch(path: string, init: RequestInit): Promise<Response> {
      listening ??= listen();
      return fetch(new URL(path, await listening), init);
    },
    async [Symbol.asyncDispose]() {
      if (listening === undefined) return;
      await listening;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The first result that is not `false`; rejects after a minute without one, as on a busy machine each may take long. */
export async function until<Value>(check: () => Promise<Value | false>): Promise<Value> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const value = await check();
    if (value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("The condition was not met within a minute.");
}
