import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import { startTestGateway, until } from "../../support/helpers.ts";
import { credentials, page, startStack } from "../stack.ts";

it("successive calls reuse one connection, also those with a filter, which is the body of a GET", async () => {
  await using stack = await startStack(() => page([]));
  await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
  const send = async () => {
    const { errors } = await gateway.send('{ connectors(filter: { name: "x" }) { nodes { id } } }');
    expect(errors).toEqual([]);
  };
  await send();
  await send();
  const before = stack.connections;
  for (let times = 0; times < 10; times += 1) await send();
  expect(stack.calls).toHaveLength(12);
  expect(stack.calls.at(-1)?.body).toBe('{"$match":{"name":"x"}}');
  expect(stack.connections).toBe(before);
});

const ok = (more = "") => {
  const body = JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data: [] } });
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
};

it.each<{ title: string; answer: (socket: Socket) => void }>([
  { title: "an answer", answer: (socket) => socket.write(ok()) },
  { title: "an answer that closes it", answer: (socket) => socket.end(ok("connection: close\r\n")) },
  { title: "an answer that does not say that it closes it", answer: (socket) => socket.end(ok()) },
  { title: "an answer with bytes behind it", answer: (socket) => socket.write(`${ok()}HTTP/1.1 200 OK\r\n`) },
  { title: "half an answer", answer: (socket) => socket.end(ok().slice(0, -20)) },
  { title: "what is no HTTP", answer: (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n") },
  { title: "a reset", answer: (socket) => socket.resetAndDestroy() },
  { title: "silence until the deadline", answer: () => {} },
])(
  "a connection that has ended with $title is free for other calls, and there are never more than may be",
  async ({ answer }) => {
    const sockets = new Set<Socket>();
    let most = 0;
    let respond = answer;
    const server = createServer((socket) => {
      sockets.add(socket);
      most = Math.max(most, sockets.size);
      socket.on("close", () => sockets.delete(socket)).on("error", () => {});
      socket.on("data", () => respond(socket));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const upstream = createUpstreamClient({
      url,
      credentials: { kind: "token", token: "t" },
      timeoutMs: 3000,
      sockets: 4,
    });
    const call = (timeoutMs: number) =>
      upstream.within({ timeoutMs, shares: () => false }).connectors({ pageSize: 15 });
    try {
      await Promise.allSettled(Array.from({ length: 8 }, () => call(300)));
      respond = (socket) => socket.write(ok());
      // The circuit breaker may have opened.
      const callMany = () => Promise.all(Array.from({ length: 50 }, () => call(3000)));
      const answered = await until(() => callMany().catch(() => false as const));
      expect(answered.map(({ data }) => data)).toEqual(Array(50).fill([]));
      expect(most).toBeLessThanOrEqual(4 + 2);
      expect(upstream.state()).toMatchObject({ inFlight: 0, queued: 0 });
    } finally {
      await upstream[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  },
);
