/** Clients that stop reading: memory stays bounded, and other clients do not wait. */
import { type IncomingMessage, request } from "node:http";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { connectionsTopic } from "../../src/live/connection-events.ts";
import { graphql } from "../graphql/gql.ts";
import { firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { isQuiet, type LiveGateway, startLiveGateway, webSocket } from "../support/live/clients.ts";
import { connectRawWebSocket } from "../support/live/raw-websocket.ts";

const ManyConnections = graphql(`
  subscription ManyConnections($psuId: ID!) {
    connectionChanged(psuId: $psuId) { kind connectionId reason }
  }
`);

const connections = 100;
const reasonOf = (round: number) => `round ${round} ${"because ".repeat(3000)}`; // 24 kB
const roundOf = (reason: string) => Number(/^round (\d+) /.exec(reason)?.[1]);

async function stage() {
  const world = createWorld({ size: { people: 1, connectionsEach: connections, accountsEach: 0 } });
  const gateway = await startLiveGateway({ sandbox: { world }, deliversEvents: false });
  return Object.assign(gateway, { world, psuId: firstOf(world.people).id });
}

type Stage = Awaited<ReturnType<typeof stage>>;

const gc = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** Megabytes that are in use, wherever Node keeps them. */
async function used(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    gc();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

/** Changes every connection in each round; returns how long a reader that keeps up waits for each round. */
async function changeAll(gateway: Stage, first: number, last: number): Promise<number[]> {
  using client = webSocket.connect(gateway.url);
  const stream = client.open(ManyConnections, { psuId: gateway.psuId });
  for (let at = 0; at < connections; at += 1) await stream.nextData();
  const waits: number[] = [];
  for (let round = first; round <= last; round += 1) {
    const startedAt = performance.now();
    for (const connection of gateway.world.connections) {
      Object.assign(connection, { status: "ERROR", error: reasonOf(round) });
    }
    gateway.receive({ topics: [connectionsTopic(gateway.psuId)], event: null });
    for (let at = 0; at < connections; at += 1) {
      const { reason } = (await stream.nextData()).connectionChanged;
      if (roundOf(reason ?? "") !== round) throw new Error(`Of round ${round} came ${reason?.slice(0, 20)}.`);
    }
    waits.push(performance.now() - startedAt);
  }
  stream.unsubscribe();
  return waits;
}

type Slow = AsyncDisposable & {
  stop(): void;
  read(): void;
  /** The newest round that arrived for each connection. */
  readonly newest: ReadonlyMap<string, number>;
  readonly messages: number;
};

const transports = [
  ["WebSocket", openWebSocket],
  ["SSE, a stream for each operation", openDistinctSse],
] as const;

describe.each(transports)("a reader over %s that stops reading", (_name, open) => {
  it("makes neither memory grow nor others wait, and gets the newest states when it reads again", async () => {
    await using gateway = await stage();
    await using slow = await open(gateway);
    await until(async () => slow.messages === connections);
    slow.stop();
    await changeAll(gateway, 1, 10); // fills what the system keeps for a socket, and warms up
    const usedBefore = await used();
    const waits = await changeAll(gateway, 11, 30);
    // If all messages were kept for the reader that stopped, it would be 48 MB.
    expect((await used()) - usedBefore).toBeLessThan(12);
    // The next refresh starts 100 ms after the last at the earliest.
    expect(waits.sort((a, b) => a - b)[10]).toBeLessThan(300);

    const before = slow.messages;
    slow.read();
    await until(async () => [...slow.newest.values()].every((round) => round === 30));
    expect(slow.messages).toBeGreaterThan(before);
    expect(slow.messages).toBeLessThan(connections * 15);
    await slow[Symbol.asyncDispose]();
    await until(() => isQuiet(gateway));
  }, 60_000);

  it("leaves nothing behind when it then disconnects", async () => {
    await using gateway = await stage();
    const idle = process.getActiveResourcesInfo().length;
    const slow = await open(gateway);
    await until(async () => slow.messages === connections);
    slow.stop();
    await changeAll(gateway, 1, 10);
    await until(async () => gateway.live.watchers.size.streams === 1);
    await slow[Symbol.asyncDispose]();
    await until(() => isQuiet(gateway));
    await until(async () => process.getActiveResourcesInfo().length <= idle + 2); // connections that are kept alive
  }, 60_000);
});

it("a client that sends operations but reads nothing is not read from until it reads", async () => {
  await using gateway = await stage();
  using socket = await connectRawWebSocket(gateway.url, { answersPings: true });
  socket.send({ type: "connection_init" });
  await socket.next("connection_ack");
  socket.stopReading();
  const query = "query Wide { __schema { types { description } } }";
  const sent = 6000; // some 6 kB of answer each
  for (let at = 0; at < sent; at += 1) socket.send({ id: `${at}`, type: "subscribe", payload: { query } });
  let handled = -1;
  await until(async () => {
    const before = handled;
    await new Promise((resolve) => setTimeout(resolve, 300));
    handled = gateway.lines.filter((line) => line.includes('"Wide"')).length;
    return handled > 0 && handled === before;
  });
  expect(handled).toBeLessThan(sent / 2);
  socket.resumeReading();
  await until(async () => gateway.lines.filter((line) => line.includes('"Wide"')).length === sent);
}, 60_000);

function collect() {
  const newest = new Map<string, number>();
  let messages = 0;
  return {
    newest,
    count: () => messages,
    add(text: string) {
      const { payload = null, data = payload?.data } = JSON.parse(text) as {
        payload?: { data: unknown } | null;
        data?: unknown;
      };
      const { connectionId, reason } = (data as { connectionChanged: { connectionId: string; reason: string | null } })
        .connectionChanged;
      messages += 1;
      newest.set(connectionId, roundOf(reason ?? ""));
    },
  };
}

async function openWebSocket(gateway: Stage): Promise<Slow> {
  const { newest, count, add } = collect();
  const socket = await connectRawWebSocket(gateway.url, { answersPings: true });
  socket.send({ type: "connection_init" });
  await socket.next("connection_ack");
  socket.send({
    id: "1",
    type: "subscribe",
    payload: { query: ManyConnections.toString(), variables: { psuId: gateway.psuId } },
  });
  let isOpen = true;
  void (async () => {
    while (isOpen) add(JSON.stringify(await socket.next("next")));
  })().catch(() => {});
  return {
    newest,
    get messages() {
      return count();
    },
    stop: socket.stopReading,
    read: socket.resumeReading,
    async [Symbol.asyncDispose]() {
      isOpen = false;
      socket[Symbol.dispose]();
    },
  };
}

const body = ({ psuId }: Stage) => ({ query: ManyConnections.toString(), variables: { psuId } });

function openDistinctSse(gateway: Stage): Promise<Slow> {
  return readSse(gateway, body(gateway));
}

function readSse(gateway: LiveGateway, params: object): Promise<Slow> {
  const { newest, count, add } = collect();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      gateway.url,
      {
        method: "POST",
        agent: false,
        headers: { "content-type": "application/json", accept: "text/event-stream" },
      },
      (response: IncomingMessage) => {
        let rest = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          const lines = `${rest}${chunk}`.split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) if (line.startsWith("data: {")) add(line.slice("data: ".length));
        });
        response.on("error", () => {});
        resolve({
          newest,
          get messages() {
            return count();
          },
          stop: () => void response.pause(),
          read: () => void response.resume(),
          async [Symbol.asyncDispose]() {
            outgoing.destroy();
          },
        });
      },
    );
    outgoing.once("error", reject).end(JSON.stringify(params));
  });
}
