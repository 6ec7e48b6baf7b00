/** A proxy to the stack on which every fault of networks and servers can be switched on. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Agent } from "undici";
import { tokenPath } from "../upstream/stack.ts";

/** A fault of a request. The faults with "the true answer" forward the request to the stack, the others do not. */
export type Fault =
  /** The true answer, after `ms` and up to `jitterMs` more. */
  | { readonly kind: "latency"; readonly ms: number; readonly jitterMs?: number }
  /** This answer; the request is not forwarded. */
  | { readonly kind: "answer"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** A reset of the connection when the request arrives; it is not forwarded. */
  | { readonly kind: "reset before" }
  /** A reset in place of the true answer. */
  | { readonly kind: "reset after" }
  /** No answer at all; the request is not forwarded. */
  | { readonly kind: "silence" }
  /** The head of an answer that grows by a line every 20 ms, without end; the request is not forwarded. */
  | { readonly kind: "slow headers" }
  /** Half of the true answer's body, then the end of the connection. */
  | { readonly kind: "half a body" }
  /** Half of the true answer's body, then silence. */
  | { readonly kind: "stalled body" };

export type Request = { readonly method: string; readonly path: string };
export type Matches = (request: Request) => boolean;

export const isToken: Matches = ({ path }) => path.startsWith(tokenPath);
export const isCall: Matches = (request) => !isToken(request);

export type FaultProxy = AsyncDisposable & {
  /** For `FORMANCE_API_URL`. */
  readonly url: URL;
  /** All requests, with and without a fault; paths include queries. */
  readonly requests: readonly Request[];
  /** How many connections were made. */
  readonly connections: number;
  /** The calls to the stack during `work`, without those for tokens. */
  calls(work: () => Promise<unknown>): Promise<readonly Request[]>;
  clear(): void;
  /** Switches a fault on for matching requests (all calls by default) until disposed. The newest of several applies. */
  fault(fault: Fault, matches?: Matches): Disposable;
  /** Closes all connections and refuses new ones until disposed. */
  refuse(): Promise<AsyncDisposable>;
  /** Uses another certificate for new connections, and closes the old ones. */
  certify(certificate: Certificate): void;
};

export type Certificate = { readonly key: string; readonly cert: string };

export async function startFaultProxy(target: string, options: { readonly tls?: Certificate } = {}) {
  const requests: Request[] = [];
  const faults: { readonly fault: Fault; readonly matches: Matches }[] = [];
  const agent = new Agent({ connections: 256 });
  let connections = 0;

  /** Gets the true answer from the stack. */
  async function forward({ method = "GET", url = "/", headers }: IncomingMessage, body: Buffer | null) {
    const { connection, host, "content-length": length, ...kept } = headers;

    const answer = await agent.request({ origin: target, path: url, method: method as "GET", headers: kept, body });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const { "transfer-encoding": encoding, connection: _, "keep-alive": alive, ...shown } = answer.headers;
    return { status: answer.statusCode, headers: shown, bytes };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket, method = "", url: path = "" } = request;
    const arrived = { method, path };
    requests.push(arrived);
    const fault = faults.findLast(({ matches }) => matches(arrived))?.fault;
    if (fault?.kind === "reset before") return void socket.resetAndDestroy();
    const body = await read(request);
    if (fault?.kind === "silence") return;
    if (fault?.kind === "slow headers") return drip(socket);
    if (fault?.kind === "answer") {
      response
        .writeHead(fault.status, { "content-type": "text/html", ...fault.headers })
        .end("<h1>Service unavailable</h1>");
      return;
    }
    const { status, headers, bytes } = await forward(request, body);
    if (fault?.kind === "reset after") return void socket.resetAndDestroy();
    if (fault?.kind === "latency") await wait(fault.ms + Math.random() * (fault.jitterMs ?? 0));
    response.writeHead(status, { ...headers, "content-length": bytes.length });
    if (fault?.kind !== "half a body" && fault?.kind !== "stalled body") return void response.end(bytes);
    response.write(bytes.subarray(0, bytes.length >> 1), () => {
      if (fault.kind === "half a body") socket.end();
    });
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch(() => request.socket.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  async function close(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    url: new URL(`${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`),
    requests,
    get connections() {
      return connections;
    },
    async calls(work) {
      const before = requests.length;
      await work();
      return requests.slice(before).filter(isCall);
    },
    clear() {
      requests.length = 0;
      connections = 0;
    },
    fault(fault, matches = isCall) {
      const entry = { fault, matches };
      faults.push(entry);
      return {
        [Symbol.dispose]() {
          faults.splice(faults.indexOf(entry), 1);
        },
      };
    },
    async refuse() {
      await close();
      return {
        async [Symbol.asyncDispose]() {
          server.listen(port, "127.0.0.1");
          await once(server, "listening");
        },
      };
    },
    certify(certificate) {
      if ("setSecureContext" in server) server.setSecureContext(certificate);
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await close();
      await agent.destroy();
    },
  } satisfies FaultProxy as FaultProxy;
}

async function read(request: IncomingMessage): Promise<Buffer | null> {
  const body = Buffer.concat(await request.toArray());
  return body.length === 0 ? null : body;
}

function drip(socket: Socket): void {
  let lines = 0;
  socket.write("HTTP/1.1 200 OK\r\n");
  const timer = setInterval(() => {
    lines += 1;
    socket.write(`x-line-${lines}: slow\r\n`);
  }, 20);
  socket.once("close", () => clearInterval(timer));
}
