import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it stood on the wire. */
export type Asked = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Resolves when the asker has closed the socket before the answer was whole. */
  readonly left: Promise<void>;
};

export type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string };

export type Stack = AsyncDisposable & {
  /** What `FORMANCE_API_URL` would be. */
  readonly url: URL;
  readonly asked: readonly Asked[];
  /** Of those, the ones for a token. */
  readonly tokenRequests: readonly Asked[];
  /** And the others. */
  readonly calls: readonly Asked[];
  /** That were opened so far. */
  readonly connections: number;
  /** Resolves when so many calls have come. */
  called(times: number): Promise<void>;
};

export const tokenPath = "/api/auth/oauth/token";

/** An upstream that answers only what a test tells it to; `null`: the test answers by itself, or nobody ever does. */
export async function startStack(
  answer: (asked: Asked, response: ServerResponse) => Reply | null | Promise<Reply | null>,
): Promise<Stack> {
  const asked: Asked[] = [];
  const isToken = ({ path }: Asked) => path.endsWith(tokenPath);
  const calls = () => asked.filter((one) => !isToken(one));
  let notice = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const { method = "", url: path = "", headers } = request;
    const left = new Promise<void>((resolve) => {
      response.once("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
    let body = "";
    for await (const chunk of request) body += chunk;
    const one = { method, path, headers, body, left };
    asked.push(one);
    notice.resolve();
    notice = Promise.withResolvers();
    const reply = await answer(one, response);
    if (reply === null) return;
    response.writeHead(reply.status ?? 200, reply.headers ?? { "content-type": "application/json" });
    response.end(reply.body ?? "");
  });
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    asked,
    get tokenRequests() {
      return asked.filter(isToken);
    },
    get calls() {
      return calls();
    },
    get connections() {
      return connections;
    },
    async called(times) {
      while (calls().length < times) await notice.promise;
    },
    [Symbol.asyncDispose]() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** An address of this machine where nobody listens. */
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
