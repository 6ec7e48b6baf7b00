/** A stack for tests, which replies what they give and records what it receives. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type ReceivedRequest = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Resolves when the client closes the socket before the response is complete. */
  readonly disconnected: Promise<void>;
};

export type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string };

export type Stack = AsyncDisposable & {
  /** What `FORMANCE_API_URL` would be. */
  readonly url: URL;
  readonly requests: readonly ReceivedRequest[];
  /** Requests for a token. */
  readonly tokenRequests: readonly ReceivedRequest[];
  /** All other requests. */
  readonly calls: readonly ReceivedRequest[];
  /** Opened so far. */
  readonly connections: number;
  /** Resolves when so many calls have been received. */
  waitForCalls(times: number): Promise<void>;
};

/** For tests in which the token does not matter. */
export const credentials = { kind: "token", token: "t" } as const;
export const tokenPath = "/api/auth/oauth/token";

/** A stack that replies only what a test gives; `null`: the test writes the response, or there never is one. */
export async function startStack(
  reply: (request: ReceivedRequest, response: ServerResponse) => Reply | null | Promise<Reply | null>,
): Promise<Stack> {
  const requests: ReceivedRequest[] = [];
  const isToken = ({ path }: ReceivedRequest) => path.endsWith(tokenPath);
  const calls = () => requests.filter((one) => !isToken(one));
  let nextRequest = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const { method = "", url: path = "", headers } = request;
    const disconnected = new Promise<void>((resolve) => {
      response.once("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
    let body = "";
    for await (const chunk of request) body += chunk;
    const received = { method, path, headers, body, disconnected };
    requests.push(received);
    nextRequest.resolve();
    nextRequest = Promise.withResolvers();
    const given = await reply(received, response);
    if (given === null) return;
    response.writeHead(given.status ?? 200, given.headers ?? { "content-type": "application/json" });
    response.end(given.body ?? "");
  });
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    requests,
    get tokenRequests() {
      return requests.filter(isToken);
    },
    get calls() {
      return calls();
    },
    get connections() {
      return connections;
    },
    async waitForCalls(times) {
      while (calls().length < times) await nextRequest.promise;
    },
    [Symbol.asyncDispose]() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** An address of this machine where nothing listens. */
export async function closedUrl(): Promise<URL> {
  const stack = await startStack(() => null);
  await stack[Symbol.asyncDispose]();
  return stack.url;
}

/** One page of a list, as the service writes it. */
export function page(
  rows: readonly unknown[],
  more: { readonly next?: string; readonly hasMore?: boolean } = {},
): Reply {
  const { next, hasMore = next !== undefined } = more;
  return { body: JSON.stringify({ cursor: { pageSize: 15, hasMore, ...(next && { next }), data: rows } }) };
}

export function granted(token: string, expiresIn = 3600): Reply {
  return { body: JSON.stringify({ access_token: token, token_type: "Bearer", expires_in: expiresIn }) };
}
