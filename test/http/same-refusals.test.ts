/** A request that a stage of the pipeline refuses gets the same code over every transport. */
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { createTrustedDocuments } from "../../src/engine/trusted-documents.ts";
import { unauthenticated } from "../../src/errors.ts";
import { Reloadable } from "../../src/lib/reloadable.ts";
import { type RateLimitValues, startRateLimits } from "../../src/limits/rate-limit.ts";
import { type Guards, unguarded } from "../support/graphql.ts";
import { type ClientError, operator, until } from "../support/helpers.ts";
import { type LiveGateway, type LiveGatewayOptions, startLiveGateway } from "../support/live/clients.ts";

type Params = { readonly query: string; readonly operationName?: string; readonly variables?: object };

const codesOf = (errors: readonly Pick<ClientError, "extensions">[] = []) =>
  errors.map(({ extensions }) => extensions.code);

function overHttp(url: string, params: Params, headers: Record<string, string> = {}): Promise<readonly string[]> {
  return readCodes(
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...headers },
      body: JSON.stringify(params),
    }),
  );
}

async function readCodes(responding: Promise<Response>): Promise<readonly string[]> {
  const text = await (await responding).text();
  const [, event = text] = /^data: (\{.*)$/m.exec(text) ?? [];
  return codesOf((JSON.parse(event) as { errors?: ClientError[] }).errors);
}

async function overWebSocket(url: string, params: Params): Promise<readonly string[]> {
  const client = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
  try {
    return await new Promise((resolve, reject) => {
      client.subscribe(
        { ...params, variables: { ...params.variables } },
        {
          next: ({ errors }) => resolve(codesOf(errors as unknown as ClientError[])),
          error: (error) => (Array.isArray(error) ? resolve(codesOf(error)) : reject(error)),
          complete: () => resolve([]),
        },
      );
    });
  } finally {
    await client.dispose();
  }
}

function overGet(
  url: string,
  { variables, ...params }: Params,
  accept = "application/json",
): Promise<readonly string[]> {
  const query = new URLSearchParams({ ...params, ...(variables && { variables: JSON.stringify(variables) }) });
  return readCodes(fetch(`${url}?${query}`, { headers: { accept } }));
}

const ways: Readonly<Record<string, (url: string, params: Params) => Promise<readonly string[]>>> = {
  POST: (url, params) => overHttp(url, params),
  GET: (url, params) => overGet(url, params),
  "an event stream": (url, params) => overHttp(url, params, { accept: "text/event-stream" }),
  "an event stream by GET": (url, params) => overGet(url, params, "text/event-stream"),
  "a WebSocket": overWebSocket,
};

const limited = async (values: Partial<RateLimitValues>) => {
  const holder = new Reloadable<RateLimitValues>({ psu: null, operator: null, address: null, ...values });
  const rates = await startRateLimits({ values: holder, windowMs: 3_600_000, redis: null, onProblem: () => {} });
  return { rates, holder };
};

type Stage = {
  readonly params: Params;
  readonly code: string;
  /** How its gateway is set up. */
  readonly guards?: () => Promise<Partial<Guards>> | Partial<Guards>;
  readonly upstream?: LiveGatewayOptions["upstream"];
  /** What has to happen before the request. */
  readonly before?: (gateway: LiveGateway) => Promise<unknown>;
};

const viewer: Params = { query: "{ viewer { subject } }" };
const connectors: Params = { query: "{ connectors { nodes { id } } }" };
/** So few sockets that an operation of two calls is heavy. */
const heavy: Params = { query: "{ connectors { nodes { id } } paymentServiceUsers { nodes { id } } }" };
/** Eight sockets let operations begin that need 64 calls; here one more may wait. */
const narrow = { sockets: 8, maxWaiting: { all: 1, ofOwner: 1 } };

/** Sends operations that the stack does not answer, until one is refused. */
async function fill(gateway: LiveGateway, params: Params): Promise<void> {
  gateway.sandbox.fault(() => true, { delayMs: 4000 });
  for (let at = 0; at < 65; at += 1) void overHttp(gateway.url, params).catch(() => {});
  await until(async () => {
    const refused = await Promise.race([overHttp(gateway.url, params), pause(25)]);
    return refused !== undefined && refused.length > 0;
  });
}

const stages: Readonly<Record<string, Stage>> = {
  "load shedding": {
    params: viewer,
    code: "UPSTREAM_UNAVAILABLE",
    upstream: narrow,
    before: (gateway) => fill(gateway, connectors),
  },
  "the number of operations that may wait": {
    params: heavy,
    code: "UPSTREAM_UNAVAILABLE",
    upstream: narrow,
    before: (gateway) => fill(gateway, heavy),
  },
  "the number of operations of one viewer that may wait": {
    params: heavy,
    code: "RATE_LIMITED",
    upstream: { ...narrow, maxWaiting: { all: 2, ofOwner: 1 } },
    before: (gateway) => fill(gateway, heavy),
  },
  "the rate limit of the viewer": {
    params: viewer,
    code: "RATE_LIMITED",
    guards: async () => {
      const { rates } = await limited({ operator: 1 });
      await rates.consume({ viewer: operator, address: null }, 1);
      return { rates };
    },
  },
  "trusted documents": {
    params: viewer,
    code: "DOCUMENT_NOT_TRUSTED",
    guards: () => ({
      trustedDocuments: createTrustedDocuments(new Map([["a", "{ __typename }"]]), unguarded.schema),
    }),
  },
  parsing: { params: { query: "{" }, code: "BAD_USER_INPUT" },
  validation: { params: { query: "{ nothing }" }, code: "BAD_USER_INPUT" },
  "the choice of an operation": {
    params: { query: "query A { __typename }", operationName: "B" },
    code: "BAD_USER_INPUT",
  },
  "the limit of its cost": {
    params: { query: "{ paymentServiceUsers(first: 100) { nodes { connections { id } } } }" },
    code: "QUERY_TOO_COMPLEX",
    guards: () => ({ limits: { ...unguarded.limits, query: { ...unguarded.limits.query, calls: 10 } } }),
  },
  variables: {
    params: {
      query: "query ($first: Int) { connectors(first: $first) { nodes { id } } }",
      variables: { first: "one" },
    },
    code: "BAD_USER_INPUT",
  },
  execution: { params: { query: '{ node(id: "no id") { id } }' }, code: "BAD_USER_INPUT" },
  "the opening of a stream": {
    params: { query: 'subscription { taskChanged(id: "no id") { id } }' },
    code: "BAD_USER_INPUT",
  },
};

describe.each(Object.entries(stages))("what %s refuses", (_stage, { params, code, guards, upstream, before }) => {
  it("has the same code over every transport", async () => {
    await using gateway = await startLiveGateway({ guards: (await guards?.()) ?? {}, ...(upstream && { upstream }) });
    await before?.(gateway);
    const codes = await Promise.all(
      Object.entries(ways).map(async ([way, send]) => [way, await send(gateway.url, params)] as const),
    );
    expect(Object.fromEntries(codes)).toEqual(Object.fromEntries(Object.keys(ways).map((way) => [way, [code]])));
  });
});

/** A WebSocket is refused before its first operation: by a status of the handshake, or by the code of its close. */
const handshake = (url: string, headers: Record<string, string> = {}) =>
  new Promise<number>((resolve) => {
    const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws", { headers });
    socket.on("error", () => {});
    socket.once("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.once("open", () => socket.send('{"type":"connection_init"}'));
    socket.once("close", (code) => resolve(code));
  });

describe("what is refused before an operation", () => {
  it("authentication: UNAUTHENTICATED, and 4403 on a WebSocket", async () => {
    await using gateway = await startLiveGateway({
      authenticate: async () => {
        throw unauthenticated("The token is not valid.");
      },
    });
    for (const [way, send] of Object.entries(ways).slice(0, -1)) {
      expect([way, await send(gateway.url, viewer)]).toEqual([way, ["UNAUTHENTICATED"]]);
    }
    expect(await handshake(gateway.url)).toBe(4403);
  });

  it("the rate limit of the address: RATE_LIMITED, and 1013 on a WebSocket", async () => {
    const { rates } = await limited({ address: 1 });
    await rates.consume({ viewer: null, address: "127.0.0.1" }, 1);
    await using gateway = await startLiveGateway({ guards: { rates } });
    for (const [way, send] of Object.entries(ways).slice(0, -1)) {
      expect([way, await send(gateway.url, viewer)]).toEqual([way, ["RATE_LIMITED"]]);
    }
    expect(await handshake(gateway.url)).toBe(1013);
  });

  it("pages of other sites: FORBIDDEN, and 403 for the handshake of a WebSocket", async () => {
    await using gateway = await startLiveGateway();
    const foreign = { origin: "https://elsewhere.example" };
    for (const accept of ["application/json", "text/event-stream"]) {
      expect(await overHttp(gateway.url, viewer, { ...foreign, accept })).toEqual(["FORBIDDEN"]);
      const get = fetch(`${gateway.url}?query={__typename}`, { headers: { ...foreign, accept } });
      expect(await readCodes(get)).toEqual(["FORBIDDEN"]);
    }
    expect(await handshake(gateway.url, foreign)).toBe(403);
  });
});
