/** The graphql-transport-ws protocol: close codes, operation ids, and peers that are gone. */
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import { firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { createAttempt, isQuiet, type LiveGateway, startLiveGateway, webSocket } from "../support/live/clients.ts";
import { connectRawWebSocket, type RawWebSocket } from "../support/live/raw-websocket.ts";

const SocketAttempt = graphql(`
  subscription SocketAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { status }
  }
`);

async function stage(pingMs?: number) {
  const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
  return startLiveGateway({ sandbox: { world }, ...(pingMs !== undefined && { pingMs }) });
}

const newAttempt = (gateway: LiveGateway) => {
  const { people, connectors } = gateway.sandbox.world;
  return createAttempt(gateway, firstOf(people).id, firstOf(connectors, ({ provider }) => provider === "tink").id);
};

async function connectReady(gateway: LiveGateway, answersPings = true): Promise<RawWebSocket> {
  const socket = await connectRawWebSocket(gateway.url, { answersPings });
  socket.send({ type: "connection_init" });
  await socket.next("connection_ack");
  return socket;
}

const watch = (id: string, attempt: { readonly id: string }) => ({
  id,
  type: "subscribe",
  payload: { query: SocketAttempt.toString(), variables: { id: attempt.id } },
});

const operation = (id: string, query: string) => ({ id, type: "subscribe", payload: { query } });

describe("what is not an operation", () => {
  it.each([
    ["text that is not JSON", ["nonsense"], 4400],
    ["a message of an unknown type", ['{"type":"hello"}'], 4400],
    ["a message without a type", ["[]"], 4400],
    ["a message that only a server sends", ['{"type":"connection_init"}', '{"type":"connection_ack"}'], 4400],
    ["an operation before connection_init", [JSON.stringify(operation("1", "{ __typename }"))], 4401],
    ["a second connection_init", ['{"type":"connection_init"}', '{"type":"connection_init"}'], 4429],
    [
      "an operation without a document",
      ['{"type":"connection_init"}', '{"id":"1","type":"subscribe","payload":{}}'],
      4400,
    ],
    [
      "variables that are a string",
      [
        '{"type":"connection_init"}',
        '{"id":"1","type":"subscribe","payload":{"query":"{ __typename }","variables":"x"}}',
      ],
      4400,
    ],
    [
      "a message of 300 kB",
      ['{"type":"connection_init"}', JSON.stringify(operation("1", `{ ${"a".repeat(300_000)} }`))],
      1009,
    ],
  ])("%s closes its socket with the protocol's code, and no other socket", async (_what, texts, code) => {
    await using gateway = await stage();
    using consoleErrors = vi.spyOn(console, "error");
    using other = await connectReady(gateway);
    using socket = await connectRawWebSocket(gateway.url, { answersPings: true });
    for (const text of texts) socket.sendText(text);
    expect(await socket.closed).toBe(code);
    other.send(operation("1", "{ __typename }"));
    expect(await other.next("next")).toMatchObject({ payload: { data: { __typename: "Query" } } });
    expect(consoleErrors).not.toHaveBeenCalled();
  });

  it("bytes that are no frame close their socket, and no other", async () => {
    await using gateway = await stage();
    using consoleErrors = vi.spyOn(console, "error");
    using other = await connectReady(gateway);
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      "GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.write(Buffer.alloc(1000, 0xff));
    await new Promise((resolve) => socket.once("close", resolve).resume());
    other.send(operation("1", "{ __typename }"));
    await other.next("next");
    expect(consoleErrors).not.toHaveBeenCalled();
  });

  it("a client of another protocol is disconnected with 4406", async () => {
    await using gateway = await stage();
    using socket = await connectRawWebSocket(gateway.url, { answersPings: true, protocol: "graphql-ws" });
    expect(await socket.closed).toBe(4406);
  });

  it("a client that sends no connection_init is disconnected with 4408", async () => {
    await using gateway = await stage();
    using socket = await connectRawWebSocket(gateway.url, { answersPings: true });
    expect(await socket.closed).toBe(4408);
  });

  it("an upgrade at any other path than /graphql gets 404", async () => {
    await using gateway = await stage();
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write("GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    socket.destroy();
  });
});

describe("operation ids", () => {
  it("an id that is in use closes the socket with 4409, and its watch ends", async () => {
    await using gateway = await stage();
    const attempt = await newAttempt(gateway);
    using socket = await connectReady(gateway);
    socket.send(watch("1", attempt));
    await socket.next("next");
    socket.send(watch("1", attempt));
    expect(await socket.closed).toBe(4409);
    await until(() => isQuiet(gateway));
  });

  it("an id can be reused when its operation is over, even right after the client has completed it", async () => {
    await using gateway = await stage();
    const attempt = await newAttempt(gateway);
    using socket = await connectReady(gateway);
    socket.send(operation("1", "{ __typename }"));
    await socket.next("next");
    await socket.next("complete");
    socket.send(watch("1", attempt));
    for (let round = 0; round < 20; round += 1) {
      expect(await socket.next("next")).toMatchObject({ id: "1", payload: { data: { linkAttemptChanged: {} } } });
      socket.send({ id: "1", type: "complete" }, watch("1", attempt));
    }
    await socket.next("next");
    expect(gateway.live.watchers.size.streams).toBe(1);
  });

  it("one of two streams of the same attempt continues when the other is cancelled", async () => {
    await using gateway = await stage();
    const attempt = await newAttempt(gateway);
    using client = webSocket.connect(gateway.url);
    const [first, second] = [1, 2].map(() => client.open(SocketAttempt, { id: attempt.id }));
    await first?.nextData();
    await second?.nextData();
    first?.unsubscribe();
    await until(async () => gateway.live.watchers.size.streams === 1);
    firstOf(gateway.sandbox.world.attempts).status = "completed";
    expect((await second?.nextData())?.linkAttemptChanged.status).toBe("COMPLETED");
  });
});

describe("sockets whose peer is gone", () => {
  it("a peer that answers no ping is disconnected, and its watch ends; one that answers stays", async () => {
    await using gateway = await stage(50);
    const attempt = await newAttempt(gateway);
    using dead = await connectReady(gateway, false);
    using alive = await connectReady(gateway, true);
    dead.send(watch("1", attempt));
    alive.send(watch("1", attempt));
    await dead.next("next");
    await alive.next("next");
    expect(await dead.closed).toBe(null);
    expect(dead.pings).toBe(1);
    await until(async () => alive.pings > 5);
    expect(gateway.live.watchers.size.streams).toBe(1);
    alive[Symbol.dispose]();
    await until(() => isQuiet(gateway));
  });

  it("a socket that is cut ends its watches", async () => {
    await using gateway = await stage();
    const attempt = await newAttempt(gateway);
    using socket = await connectReady(gateway);
    for (const id of ["1", "2", "3"]) socket.send(watch(id, attempt));
    await until(async () => gateway.live.watchers.size.streams === 3);
    socket[Symbol.dispose]();
    await until(() => isQuiet(gateway));
  });
});
