/** A sandbox whose webhooks can be called and watched, and an endpoint that receives them. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { createManualClock } from "../../../sandbox/clock.ts";
import { type SandboxOptions, startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { call, find, grant, type Reply, read, type Stage } from "../helpers.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const secret = Buffer.alloc(24, 1).toString("base64");
export const newSecret = Buffer.alloc(24, 2).toString("base64");
export const disconnected = "payments.open_banking_user_connection_disconnected";

type SendOptions = { readonly token?: string | null; readonly body?: unknown; readonly contentType?: string };

/** A sandbox whose clock stands still, and a way to call its webhooks API. */
export async function start(options: Pick<SandboxOptions, "webhooks"> = {}) {
  const clock = createManualClock();
  const world = createWorld({ clock });
  const sandbox = await startSandbox({ ...options, world });
  const { access_token: token } = (await grant(sandbox, "webhooks:read webhooks:write")).body;
  const { access_token: paymentsToken } = (await grant(sandbox)).body;
  const connection = find(world.connections, ({ status }) => status === "ACTIVE");

  async function send(method: string, path: string, request: SendOptions = {}): Promise<Reply> {
    const bearer = request.token === undefined ? token : request.token;
    return read(`${sandbox.url}/api/webhooks${path}`, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(request.body !== undefined && { "content-type": request.contentType ?? "application/json" }),
      },
      ...(request.body !== undefined && {
        body: typeof request.body === "string" ? request.body : JSON.stringify(request.body),
      }),
    });
  }

  const pay = (method: string) => (path: string, request?: Parameters<typeof call>[4]) =>
    call(sandbox, method, path, paymentsToken, request);
  const stage: Stage = {
    sandbox,
    world,
    advance: clock.advance,
    get: pay("GET"),
    post: pay("POST"),
    remove: pay("DELETE"),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
  let disconnections = 0;
  return {
    ...stage,
    stage,
    send,
    connection,
    deliveries: sandbox.webhooks.deliveries,
    now: () => clock.now().getTime(),
    /** Has one event sent. */
    disconnect: () => world.breakConnection(connection, `The bank said no, ${++disconnections}.`),
    /** Until no request is under way. */
    async settled() {
      for (const deadline = Date.now() + 5000; Date.now() < deadline; ) {
        await new Promise((resolve) => setImmediate(resolve));
        if (sandbox.webhooks.deliveries.every(({ status }) => status !== "delivering")) return;
      }
      throw new Error("A delivery did not end.");
    },
  };
}

export type Taken = { readonly headers: IncomingHttpHeaders; readonly body: string };
export type Reaction = { readonly status: number; readonly headers?: Record<string, string> } | "hang" | "hang up";

/** A receiver's server, which records requests and responds as `react` says. */
export async function startEndpoint(react: () => Reaction = () => ({ status: 204 })) {
  const taken: Taken[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      taken.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const reaction = react();
      if (reaction === "hang up") request.socket.destroy();
      else if (reaction !== "hang") response.writeHead(reaction.status, reaction.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    taken,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

export const idOf = ({ headers }: Taken) => headers["formance-webhook-id"];
