/** What a client can make the gateway hold over WebSockets: unfinished messages, and sockets. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { fairNow } from "../support/fair-clock.ts";
import { operator, psuViewer, until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";
import { post, startLiveGateway } from "../support/live/clients.ts";
import { connectRawWebSocket } from "../support/live/raw-websocket.ts";
import { startGatewayCommand } from "../support/process.ts";

const me = "6e15de1a-951d-46fc-845b-27598e41eca9";
const other = "7e15de1a-951d-46fc-845b-27598e41eca9";

/** Opens a WebSocket, and sends most of one message. */
async function begin(url: string, part: Buffer, address = "203.0.113.1"): Promise<Socket> {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: ${address}\r\n` +
      "upgrade: websocket\r\nconnection: Upgrade\r\n" +
      "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n" +
      "sec-websocket-protocol: graphql-transport-ws\r\n\r\n",
  );
  await once(socket, "data");
  const head = Buffer.alloc(14);
  head.writeUInt16BE(0x81_ff);
  head.writeBigUInt64BE(262_000n, 2);
  socket.resume().write(Buffer.concat([head, part]));
  return socket;
}

describe("before it is signed in, a WebSocket", () => {
  it("is ended when its address holds back more than 8 MiB, and no other is", async () => {
    await using gateway = await startLiveGateway({ guards: { trustedProxies: 1 } });
    const part = Buffer.alloc(250_000, " ");
    const open = async (count: number, address: string) =>
      Promise.all(Array.from({ length: count }, () => begin(gateway.url, part, address)));
    const others = await open(10, "203.0.113.2");
    const sockets = await open(60, "203.0.113.1");
    const countOpen = (all: readonly Socket[]) => all.filter((socket) => !socket.closed).length;
    await until(async () => countOpen(sockets) <= 33);
    expect([countOpen(sockets) > 25, countOpen(others)]).toEqual([true, 10]);
    for (const socket of [...sockets, ...others]) socket.destroy();
  });

  it("may send a long token, and after that longer messages", async () => {
    const authenticate = async () => operator;
    await using gateway = await startLiveGateway({ authenticate });
    using socket = await connectRawWebSocket(gateway.url, { answersPings: true });
    socket.send({ type: "connection_init", payload: { authorization: `Bearer ${"x".repeat(50_000)}` } });
    await socket.next("connection_ack");
    const query = `{ viewer { subject } } ${" ".repeat(100_000)}`;
    socket.send({ id: "1", type: "subscribe", payload: { query } });
    expect(await socket.next("next")).toMatchObject({ id: "1" });
  });

  it("is gone soon when it sends no `connection_init` and answers nothing", async () => {
    await using gateway = await startLiveGateway();
    const socket = await begin(gateway.url, Buffer.alloc(1000, " "));
    const startedAt = fairNow();
    await once(socket, "close");
    expect(fairNow() - startedAt).toBeLessThan(6000);
  });
});

describe("the sockets of one PSU", () => {
  it("are a hundred at the most; those of others and of operators are not counted with them", async () => {
    const authenticate = async (token: string | null) => (token === "operator" ? operator : psuViewer(token ?? me));
    await using gateway = await startLiveGateway({ authenticate });
    async function open(authorization: string) {
      const socket = await connectRawWebSocket(gateway.url, { answersPings: true });
      socket.send({ type: "connection_init", payload: { authorization } });
      return socket;
    }
    using stack = new DisposableStack();
    const mine = await Promise.all(Array.from({ length: 100 }, async () => stack.use(await open(me))));
    await Promise.all(mine.map((socket) => socket.next("connection_ack")));
    using refused = await open(me);
    expect(await refused.closed).toBe(1013);
    for (const authorization of [other, "operator"]) await stack.use(await open(authorization)).next("connection_ack");
    mine[0]?.[Symbol.dispose]();
    for (let tries = 0; ; tries += 1) {
      const again = stack.use(await open(me));
      const isOpen = await Promise.race([
        again.next("connection_ack").then(() => true),
        again.closed.then(() => false),
      ]);
      if (isOpen) break;
      expect(tries).toBeLessThan(200);
      await wait(50);
    }
  });
});

describe.skipIf(process.platform !== "linux")("2,500 WebSockets without a token that send 250 kB, and stop", () => {
  it("take less than a third of what they send, and a signed-in user is served meanwhile", async () => {
    using issuer = await startIssuer();
    await using sandbox = await startSandbox();
    await using gateway = await startGatewayCommand({
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
      AUTH_JWKS_URL:
        issuer.config.kind === "jwt" && issuer.config.keys.kind === "url" ? issuer.config.keys.url.href : "",
      AUTH_ISSUER: "https://issuer.example.com",
      AUTH_AUDIENCE: "gateway",
    });
    const memory = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${gateway.pid}/status`, "utf8"))?.[1]) / 1024;
    const authorization = await issuer.bearer({ sub: "ops", scope: "payments:read" });
    const ask = () => post(`${gateway.url}/graphql`, { query: "{ viewer { subject } }" }, { authorization });
    await ask();
    const before = await memory();
    const part = Buffer.alloc(250_000, " ");
    const sockets: Socket[] = [];
    let most = before;
    for (let at = 0; at < 2500; at += 50) {
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => begin(gateway.url, part)))));
      most = Math.max(most, await memory());
      expect(await ask()).toEqual({ data: { viewer: { subject: "ops" } } });
    }
    for (const socket of sockets) socket.destroy();
    expect(most - before).toBeLessThan(200); // most of it is what has not been collected yet
  }, 60_000);
});
