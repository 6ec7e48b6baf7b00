/** The sandbox on a port: the stack's token endpoint and REST API, and the banks' pages. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, empty, json, text } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { createPages } from "./pages.ts";
import { createRest } from "./rest.ts";
import { createTokens } from "./token.ts";
import { createWorld, type World } from "./world.ts";

export type SandboxOptions = {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default: the believable world. */
  readonly world?: World;
  /** Default: the world's, else the system's. */
  readonly clock?: Clock;
  /** Default 3600. */
  readonly tokenLifetimeS?: number;
};

/** A call that the sandbox got. */
export type Call = {
  readonly method: string;
  /** Below `/api/payments/v3`, or `/api/auth/oauth/token`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Read as JSON where it is JSON, else the text; `undefined` when empty. */
  readonly body: unknown;
  readonly authorization: string | undefined;
};

/** What goes wrong with a call. */
export type Fault = {
  /** Answered instead of the truth, with `headers` and `body`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Waits first, in real time; then the fault's answer, or the true one when there is neither status nor body. */
  readonly delayMs?: number;
  /** Destroys the socket without an answer. */
  readonly reset?: boolean;
  /** The true answer, correctly framed, but its JSON cut in half. */
  readonly truncate?: boolean;
};

export type Sandbox = AsyncDisposable & {
  /** What `FORMANCE_API_URL` would be. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly world: World;
  /** REST calls so far, oldest first, the last 10,000. Browsers' ways through the bank pages are not counted. */
  readonly calls: readonly Call[];
  clearCalls(): void;
  /** Answers every call that matches with the fault, until disposed. Of several faults the newest counts. */
  fault(matches: (call: Call) => boolean, fault: Fault): Disposable;
};

const clientId = "sandbox";
const clientSecret = "sandbox-s3cr3t-client";
const callBound = 10_000;
const bodyBound = 1_048_576;
const tokenPath = "/api/auth/oauth/token";
const restPrefix = "/api/payments/v3";

type Incoming = {
  readonly method: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly authorization: string | undefined;
};

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = "127.0.0.1", port = 0, tokenLifetimeS = 3600 } = options;
  const world = options.world ?? createWorld(options.clock === undefined ? {} : { clock: options.clock });
  const clock = options.clock ?? world.clock;
  const tokens = createTokens({ clock, clientId, clientSecret, lifetimeS: tokenLifetimeS });
  const rest = createRest(world);
  const pages = createPages(world);
  const calls: Call[] = [];
  const faults: { readonly matches: (call: Call) => boolean; readonly fault: Fault }[] = [];

  function answerRest({ method, pathname, query, body, authorization }: Incoming): Answer {
    const path = pathname.slice(restPrefix.length);
    const scope = rest.scopeOf(method, path);
    if (scope !== null) {
      const scopes = tokens.scopesOf(authorization);
      if (scopes === null) return empty(401);
      if (!scopes.has(scope)) return empty(403);
    }
    return rest.answer({ method, path, query, body, origin: url });
  }

  function answer(incoming: Incoming): Answer {
    const { method, pathname, body, authorization } = incoming;
    if (isRest(pathname)) return answerRest(incoming);
    if (pathname === tokenPath) {
      return method === "POST" ? tokens.issue(body, authorization) : empty(405, { allow: "POST" });
    }
    if (pathname === "/api/payments/_healthcheck") return json(200, {});
    if (pathname === "/api/payments/_info") return json(200, { version: "v3.0.0-sandbox" });
    return pages.answer({ method, pathname, body }) ?? text(404, "404 page not found\n");
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url ?? "/", "http://sandbox");
    const body = await readBody(request);
    if (body === null) {
      response.writeHead(413, { connection: "close" }).end();
      return;
    }
    const { pathname, searchParams: query } = target;
    const { authorization } = request.headers;
    const incoming: Incoming = { method: request.method ?? "GET", pathname, query, body, authorization };
    const call = toCall(incoming);
    if (call !== null && call.path !== tokenPath) {
      calls.push(call);
      if (calls.length > callBound) calls.shift();
    }
    const fault = call === null ? undefined : faults.findLast(({ matches }) => matches(call))?.fault;
    if (fault?.delayMs !== undefined) await wait(fault.delayMs);
    if (fault?.reset === true) {
      request.socket.destroy();
      return;
    }
    const { status, headers, body: text } = withFault(fault, () => answer(incoming));
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

  return {
    url,
    clientId,
    clientSecret,
    world,
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
    [Symbol.asyncDispose]() {
      return new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const isRest = (pathname: string): boolean => pathname === restPrefix || pathname.startsWith(`${restPrefix}/`);

/** A call of the gateway's, or `null` for a browser's request. */
function toCall({ method, pathname, query, body, authorization }: Incoming): Call | null {
  const path = isRest(pathname) ? pathname.slice(restPrefix.length) : pathname === tokenPath ? tokenPath : null;
  if (path === null || path.startsWith("/connectors/open-banking/")) return null;
  return { method, path, query: Object.fromEntries(query), body: toValue(body), authorization };
}

function toValue(body: string): unknown {
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function withFault(fault: Fault | undefined, truth: () => Answer): Answer {
  if (fault?.status !== undefined || fault?.body !== undefined) {
    const { status = 200, headers = { "content-type": "application/json" }, body = "" } = fault;
    return { status, headers, body };
  }
  const answer = truth();
  return fault?.truncate === true ? { ...answer, body: answer.body.slice(0, answer.body.length >> 1) } : answer;
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
    if (size > bodyBound) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
