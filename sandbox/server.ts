/** The sandbox's HTTP server: the stack's token endpoint, REST API and webhooks, the bank pages, and what it adds. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRest } from "./api/rest.ts";
import { createSignIn, type Issuer, jwksPath } from "./auth/issuer.ts";
import { createTokens } from "./auth/token.ts";
import { createBankPages } from "./bank-pages/bank-pages.ts";
import type { Clock } from "./clock.ts";
import { readQuery } from "./http/query.ts";
import { empty, type HttpResponse, json, text } from "./http/response.ts";
import { respondToScenarioStep, type Scenario, startScenario } from "./scenario.ts";
import type { WebhookConfig, WebhookInput } from "./webhooks/webhook-config.ts";
import { createWebhooks, type Webhooks, type WebhooksOptions } from "./webhooks/webhooks.ts";
import { createWorld, type World } from "./world.ts";

export type SandboxOptions = {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Where browsers reach the bank pages, without a path. Default: where it listens. */
  readonly origin?: string;
  /** Default: the default world. */
  readonly world?: World;
  /** Default: the world's, else the system's. */
  readonly clock?: Clock;
  /** Default 3600. */
  readonly tokenLifetimeS?: number;
  /** The scopes that its client may have. Default: reading and writing of payments and of webhooks. */
  readonly clientScopes?: readonly string[];
  /** Of the tokens that its people sign in with. Default 900. */
  readonly signInLifetimeS?: number;
  /** How webhooks are sent; with an `endpoint`, one is set up from the start, for all events if none are named. */
  readonly webhooks?: WebhooksOptions & Partial<WebhookInput>;
  /** Plays events on connections that users make or renew. Default: nothing but their first data. */
  readonly scenario?: Scenario;
};

/** A REST call that the sandbox received. */
export type Call = {
  readonly method: string;
  /** Below `/api/payments/v3`, or `/api/auth/oauth/token`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Read as JSON where it is JSON, else the text; `undefined` when empty. */
  readonly body: unknown;
  readonly authorization: string | undefined;
  /** The trace that the call is part of (W3C). */
  readonly traceparent: string | undefined;
};

/** A failure that a test injects into calls. */
export type Fault = {
  /** Sent instead of the real response, with `headers` and `body`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Waits first, in real time; then the fault's response, or the real one when there is neither status nor body. */
  readonly delayMs?: number;
  /** Destroys the socket without a response. */
  readonly reset?: boolean;
  /** The real response, correctly framed, but its JSON cut in half. */
  readonly truncate?: boolean;
};

export type Sandbox = AsyncDisposable & {
  /** What `FORMANCE_API_URL` would be. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly world: World;
  /** Of the tokens that its people sign in with. */
  readonly issuer: Issuer;
  readonly webhooks: Pick<Webhooks, "configs" | "deliveries">;
  /** Sends events from now on, for all of them if none are named, as `POST /api/webhooks/configs` would have it. */
  sendWebhooks(input: WebhookInput): WebhookConfig;
  /** REST calls so far, oldest first, the last 10,000. Requests of browsers to the bank pages are not counted. */
  readonly calls: readonly Call[];
  clearCalls(): void;
  /** Applies the fault to every call that matches, until disposed. Of several faults the newest counts. */
  fault(matches: (call: Call) => boolean, fault: Fault): Disposable;
};

const clientId = "sandbox";
const clientSecret = "sandbox-s3cr3t-client";
const allScopes = ["openid", "payments:read", "payments:write", "webhooks:read", "webhooks:write"];
const maxCalls = 10_000;
const maxBodyBytes = 1_048_576;
const tokenPath = "/api/auth/oauth/token";
const restPrefix = "/api/payments/v3";
const webhooksPrefix = "/api/webhooks";

type IncomingCall = {
  readonly method: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly traceparent: string | undefined;
};

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {
    host = "127.0.0.1",
    port = 0,
    tokenLifetimeS = 3600,
    signInLifetimeS = 900,
    clientScopes = allScopes,
  } = options;
  const world = options.world ?? createWorld(options.clock === undefined ? {} : { clock: options.clock });
  const clock = options.clock ?? world.clock;
  const tokens = createTokens({ clock, clientId, clientSecret, clientScopes, lifetimeS: tokenLifetimeS });
  const rest = createRest(world);
  const pages = createBankPages(world);
  const signIn = await createSignIn(world, clock, signInLifetimeS);
  const { endpoint, secret, eventTypes, ...delivery } = options.webhooks ?? {};
  const webhooks = createWebhooks(world, delivery);
  if (endpoint !== undefined) {
    webhooks.insert({ endpoint, ...(secret !== undefined && { secret }), ...(eventTypes && { eventTypes }) });
  }
  const scenario = options.scenario === undefined ? undefined : startScenario(world, options.scenario);
  const calls: Call[] = [];
  const faults: { readonly matches: (call: Call) => boolean; readonly fault: Fault }[] = [];

  /** A 401 when the token does not allow the call. The stack does not say whether it is the token or its scopes. */
  function checkToken(scope: string | null, authorization: string | undefined): HttpResponse | null {
    return scope === null || tokens.allows(authorization, scope) ? null : empty(401);
  }

  function respondRest({
    method,
    pathname,
    query,
    body,
    authorization,
  }: IncomingCall): HttpResponse | Promise<HttpResponse> {
    const path = pathname.slice(restPrefix.length);
    const denied = checkToken(rest.scopeOf(method, path), authorization);
    return denied ?? rest.respond({ method, path, query, body, origin: options.origin ?? url });
  }

  function respondWebhooks({ authorization, pathname, ...call }: IncomingCall): HttpResponse | Promise<HttpResponse> {
    const path = pathname.slice(webhooksPrefix.length);
    const denied = checkToken(webhooks.scopeOf(call.method, path), authorization);
    return denied ?? webhooks.respond({ ...call, path });
  }

  async function respond(incoming: IncomingCall): Promise<HttpResponse> {
    const { method, pathname, body, authorization } = incoming;
    if (isRest(pathname)) return respondRest(incoming);
    if (pathname.startsWith(`${webhooksPrefix}/`)) return respondWebhooks(incoming);
    if (pathname === tokenPath) {
      return method === "POST" ? tokens.issue(body, authorization) : empty(405, { allow: "POST" });
    }
    if (pathname === "/api/payments/_healthcheck") return json(200, {});
    if (pathname === "/api/payments/_info") return json(200, { version: "v3.4.0-sandbox", debug: false });
    const own =
      respondToScenarioStep(world, method, pathname) ??
      pages.respond({ method, pathname, body }) ??
      (await signIn.respond(method, pathname, body, issuer));
    return own ?? text(404, "404 page not found\n");
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url ?? "/", "http://sandbox");
    const body = await readBody(request);
    if (body === null) {
      response.writeHead(413, { connection: "close" }).end();
      return;
    }
    const { pathname } = target;
    const query = readQuery(target.search);
    const { authorization, "content-type": contentType, traceparent } = request.headers;
    const incoming: IncomingCall = {
      ...{ method: request.method ?? "GET", pathname, query, body },
      ...{ authorization, contentType, traceparent: traceparent?.toString() },
    };
    const call = toCall(incoming);
    if (call !== null && call.path !== tokenPath) {
      calls.push(call);
      if (calls.length > maxCalls) calls.shift();
    }
    const fault = call === null ? undefined : faults.findLast(({ matches }) => matches(call))?.fault;
    if (fault?.delayMs !== undefined) await wait(fault.delayMs);
    if (fault?.reset === true) {
      request.socket.destroy();
      return;
    }
    const { status, headers, body: text } = await withFault(fault, () => respond(incoming));
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) }).end(text);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  const { address, port: openPort, family } = server.address() as AddressInfo;
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${openPort}`;
  const base = options.origin ?? url;
  const issuer: Issuer = { issuer: base, audience: "gateway", jwksUrl: `${base}${jwksPath}` };

  return {
    url,
    issuer,
    clientId,
    clientSecret,
    world,
    webhooks,
    sendWebhooks: webhooks.insert,
    calls,
    clearCalls() {
      calls.length = 0;
    },
    fault(matches, fault) {
      const entry = { matches, fault };
      faults.push(entry);
      return {
        [Symbol.dispose]() {
          const at = faults.indexOf(entry);
          if (at >= 0) faults.splice(at, 1);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      scenario?.[Symbol.dispose]();
      await webhooks[Symbol.asyncDispose]();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const isRest = (pathname: string): boolean => pathname === restPrefix || pathname.startsWith(`${restPrefix}/`);

/** A call of the gateway's, or `null` for a browser's request. */
function toCall({ method, pathname, query, body, authorization, traceparent }: IncomingCall): Call | null {
  const path = isRest(pathname) ? pathname.slice(restPrefix.length) : pathname === tokenPath ? tokenPath : null;
  if (path === null || path.startsWith("/connectors/open-banking/")) return null;
  return { method, path, query: Object.fromEntries(query), body: toValue(body), authorization, traceparent };
}

function toValue(body: string): unknown {
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

async function withFault(fault: Fault | undefined, respond: () => Promise<HttpResponse>): Promise<HttpResponse> {
  if (fault?.status !== undefined || fault?.body !== undefined) {
    const { status = 200, headers = { "content-type": "application/json" }, body = "" } = fault;
    return { status, headers, body };
  }
  const response = await respond();
  return fault?.truncate === true ? { ...response, body: response.body.slice(0, response.body.length >> 1) } : response;
}

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

/** The body as text, or `null` when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
