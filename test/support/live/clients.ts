import { createClient as createSseClient, NetworkError } from "graphql-sse";
import { createClient as createWebSocketClient } from "graphql-ws";
import { pino } from "pino";
import WebSocket from "ws";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../sandbox/server.ts";
import type { Authenticate } from "../../../src/auth/authenticate.ts";
import { startServer } from "../../../src/http/server.ts";
import { type Invalidation, toInvalidation } from "../../../src/live/connection-events.ts";
import { createMemoryEventBus } from "../../../src/live/event-bus.ts";
import { createLive, type Live } from "../../../src/live/live.ts";
import { createMetrics } from "../../../src/observability/metrics.ts";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import type { MaxWaiting } from "../../../src/upstream/transport/fair-admission.ts";
import { graphql } from "../../graphql/gql.ts";
import type { TypedDocumentString } from "../../graphql/graphql.ts";
import { createTestGraphql, type Guards, unguarded } from "../graphql.ts";
import { type ClientError, operator } from "../helpers.ts";
import { createLogSink, recordMetrics, withRecordedFaults } from "../record.ts";

export type LiveGateway = AsyncDisposable & {
  /** Of the graph, for HTTP. */
  readonly url: string;
  readonly origin: string;
  readonly sandbox: Sandbox;
  readonly live: Live;
  /** As from a webhook or the broker. */
  receive(invalidation: Invalidation): void;
  /** Every line that the gateway has logged. */
  readonly lines: readonly string[];
  /** Sends a typed document over plain HTTP and expects that all of it succeeds. */
  run<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data>;
};

export type LiveGatewayOptions = {
  readonly sandbox?: SandboxOptions;
  /** Everybody is an operator when left out. */
  readonly authenticate?: Authenticate;
  readonly pingMs?: number;
  readonly graceMs?: number;
  /** Default 0: clients do not reconnect. */
  readonly drainMs?: number;
  /** Whether the world's events reach the gateway, as its webhooks would bring them. */
  readonly deliversEvents?: boolean;
  /** Overrides for the upstream client. */
  readonly upstream?: { readonly sockets?: number; readonly maxWaiting?: MaxWaiting };
  /** What callers may ask for, where it is not the default. */
  readonly guards?: Partial<Guards>;
};

/** A gateway that listens, over its own sandbox. */
export async function startLiveGateway(options: LiveGatewayOptions = {}): Promise<LiveGateway> {
  await using starting = new AsyncDisposableStack();
  const sandbox = starting.use(await startSandbox(options.sandbox));
  const { clientId, clientSecret } = sandbox;
  const metrics = createMetrics();
  starting.defer(() => recordMetrics(metrics));
  const upstream = starting.use(
    createUpstreamClient({
      url: new URL(sandbox.url),
      credentials: { kind: "client", clientId, clientSecret },
      timeoutMs: 5000,
      sockets: 128,
      observer: metrics.upstream,
      ...options.upstream,
    }),
  );
  const bus = starting.use(createMemoryEventBus());
  const live = starting.use(createLive(bus, upstream, { limits: { streams: 10_000, streamsPerViewer: 10_000 } }));
  if (options.deliversEvents !== false) {
    starting.use(
      sandbox.world.onEvent((event) => {
        const invalidation = toInvalidation(event);
        if (invalidation !== null) live.receive(invalidation);
      }),
    );
  }
  const sink = createLogSink("socket");
  const log = pino({ level: "trace", base: null }, sink);
  const graphql = createTestGraphql({
    upstream,
    live,
    authenticate: options.authenticate ?? (async () => operator),
    log,
    graphiql: true,
    ...unguarded,
    metrics,
    ...options.guards,
  });
  const server = starting.use(await startServer({ metrics, log, host: "127.0.0.1", port: 0 }));
  starting.use(
    server.serve({
      graphql,
      upstream,
      live,
      eventSources: () => ({ bus: bus.state() }),
      webhooks: null,
      graphiql: true,
      drainMs: options.drainMs ?? 0,
      ...(options.pingMs !== undefined && { pingMs: options.pingMs }),
      ...(options.graceMs !== undefined && { graceMs: options.graceMs }),
    }),
  );
  const started = starting.move();
  const url = `${server.url}/graphql`;
  return {
    url,
    origin: server.url,
    sandbox: withRecordedFaults(sandbox),
    live,
    receive: live.receive,
    lines: sink.lines,
    async run(document, variables) {
      const { data, errors } = await post(url, { query: document.toString(), variables });
      if (errors !== undefined) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
      return data as never;
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

type Body = { readonly data?: unknown; readonly errors?: readonly ClientError[] };

export async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Body> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Body;
}

export type Message<Data> = { readonly data: Data | null; readonly errors: readonly ClientError[] };

/** What one operation of a client receives. */
export type Stream<Data> = {
  /** The next message; rejects when none comes within ten seconds, or when the stream ends instead. */
  next(): Promise<Message<Data>>;
  /** The data of the next message, which must have no errors. */
  nextData(): Promise<Data>;
  /** Resolves when the stream completes; rejects when it fails, gets another message first, or stays open. */
  completed(): Promise<void>;
  /** How many messages wait to be read by `next`. */
  readonly unread: number;
  unsubscribe(): void;
};

export type Client = Disposable & {
  open(document: string, variables?: object, operationName?: string): Stream<unknown>;
  open<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Stream<Data>;
};

export type Transport = {
  readonly name: string;
  /** @param token goes where this transport has its credentials. */
  connect(url: string, token?: string): Client;
};

type Request = { query: string; variables?: Record<string, unknown>; operationName?: string };
type Sink = { next(message: unknown): void; error(error: unknown): void; complete(): void };

export const webSocket: Transport = {
  name: "WebSocket",
  connect(url, token) {
    const client = createWebSocketClient({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
    });
    return toClient(
      (request, sink) => client.subscribe(request, sink),
      () => void client.dispose(),
    );
  },
};

export const distinctSse: Transport = {
  name: "SSE, a stream for each operation",
  connect: (url, token) => connectSse(url, token),
};

export const transports = [webSocket, distinctSse];

function connectSse(url: string, token: string | undefined): Client {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const client = createSseClient({
    url,
    retryAttempts: 0,
    headers,
    fetchFn: fetchWithRefusal,
  });
  return toClient((request, sink) => client.subscribe(request, sink), client.dispose);
}

/** Reads what a refusal says before the client, which does not want to know, aborts the request. */
async function fetchWithRefusal(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  return response.ok ? response : new Response(await response.text(), { status: response.status });
}

function toClient(subscribe: (request: Request, sink: Sink) => () => void, close: () => void): Client {
  return {
    open: <Data>(document: { toString(): string }, variables: object = {}, operationName?: string) =>
      toStream<Data>((sink) =>
        subscribe(
          {
            query: document.toString(),
            variables: variables as Record<string, unknown>,
            ...(operationName !== undefined && { operationName }),
          },
          sink,
        ),
      ),
    [Symbol.dispose]: close,
  };
}

type End = { readonly failure: unknown } | "completed";

function toStream<Data>(subscribe: (sink: Sink) => () => void): Stream<Data> {
  const unread: Message<Data>[] = [];
  let end: End | undefined;
  let wake = () => {};
  const put = (message: unknown) => {
    const { data = null, errors = [] } = message as Partial<Message<Data>>;
    unread.push({ data, errors });
    wake();
  };
  const finish = (how: End) => {
    end = how;
    wake();
  };
  const unsubscribe = subscribe({
    next: put,
    complete: () => finish("completed"),
    error(failure) {
      // Refused before it ran: an `error` message on a socket, a 4xx with the errors over HTTP. Both end the stream.
      if (Array.isArray(failure)) {
        put({ errors: failure });
        finish("completed");
      } else if (failure instanceof NetworkError && failure.response !== undefined) {
        void (failure.response as unknown as Response).text().then((text) => {
          put(JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? text));
          finish("completed");
        });
      } else finish({ failure });
    },
  });

  async function settled(what: string): Promise<Message<Data> | End> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const message = unread.shift() ?? end;
      if (message !== undefined) return message;
      const changed = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), deadline - Date.now());
        wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (!changed) throw new Error(`There was no ${what} within ten seconds.`);
    }
  }

  async function next(): Promise<Message<Data>> {
    const message = await settled("message");
    if (message === "completed") throw new Error("The stream completed before the next message.");
    if ("failure" in message) throw toError(message.failure);
    return message;
  }

  return {
    next,
    async nextData() {
      const { data, errors } = await next();
      if (data === null || errors.length > 0) throw new Error(`The message has errors: ${JSON.stringify(errors)}`);
      return data;
    },
    async completed() {
      const message = await settled("end");
      if (message === "completed") return;
      if ("failure" in message) throw toError(message.failure);
      throw new Error(`There was another message: ${JSON.stringify(message)}`);
    },
    get unread() {
      return unread.length;
    },
    unsubscribe,
  };
}

function toError(failure: unknown): Error {
  if (failure instanceof Error) return failure;
  const { code, reason } = failure as Partial<{ code: number; reason: string }>;
  return new Error(`The connection ended: ${code} ${reason}`);
}

const LiveCreateLink = graphql(`
  mutation LiveCreateLink($input: CreateLinkInput!) {
    createLink(input: $input) { link attempt { id attemptId } }
  }
`);

/** A new attempt, and the link that its user opens. */
export async function createAttempt(gateway: LiveGateway, psuId: string, connectorId: string) {
  const clientRedirectUrl = "https://app.example.com/back";
  const input = { psuId, connectorId, clientRedirectUrl, applicationName: "Live" };
  const { link, attempt } = (await gateway.run(LiveCreateLink, { input })).createLink;
  return { link, ...attempt };
}

/** Resolves once no stream, watcher or timer is left. */
export async function isQuiet({ live }: Pick<LiveGateway, "live">): Promise<boolean> {
  const { watchers, streams, timers } = live.watchers.size;
  return watchers + streams + timers === 0;
}
