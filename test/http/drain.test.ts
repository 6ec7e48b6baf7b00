/** How a gateway shuts down: sockets, streams and running operations. */
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId, firstOf } from "../schema/global-ids.ts";
import { fairNow } from "../support/fair-clock.ts";
import { until } from "../support/helpers.ts";
import { distinctSse, type LiveGateway, post, startLiveGateway } from "../support/live/clients.ts";
import { connectRawWebSocket, type RawWebSocket } from "../support/live/raw-websocket.ts";
import { startGatewayCommand } from "../support/process.ts";

const DrainedAttempt = graphql(`
  subscription DrainedAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { status }
  }
`);

const DrainedUsers = graphql(`
  query DrainedUsers {
    paymentServiceUsers(first: 1) { nodes { name } }
  }
`);

function createStage() {
  const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
  const [psuID, connectorID] = [firstOf(world.people).id, firstOf(world.connectors).id];
  const request = { applicationName: "Live", clientRedirectURL: "https://app.example.com/" };
  const { attemptID } = world.links.create({ psuID, connectorID, key: null, ...request });
  const attempt = attemptGlobalId({ psuID, connectorID, id: attemptID });
  return { world, attempt, complete: () => Object.assign(firstOf(world.attempts), { status: "completed" }) };
}

async function stage(graceMs?: number) {
  const { world, attempt } = createStage();
  const gateway = await startLiveGateway({
    sandbox: { world },
    drainMs: 1000,
    ...(graceMs !== undefined && { graceMs }),
  });
  return Object.assign(gateway, { attempt });
}

async function openSocket(gateway: LiveGateway): Promise<RawWebSocket> {
  const socket = await connectRawWebSocket(gateway.url, { answersPings: true });
  socket.send({ type: "connection_init" });
  await socket.next("connection_ack");
  return socket;
}

const watch = (attempt: string) => ({
  id: "watch",
  type: "subscribe",
  payload: { query: DrainedAttempt.toString(), variables: { id: attempt } },
});

/** Starts the shutdown; resolves once the gateway reports that it is draining. */
async function startDrain(gateway: LiveGateway): Promise<{ readonly ended: PromiseLike<void> }> {
  const ended = gateway[Symbol.asyncDispose]();
  await until(async () => {
    const answer = await fetch(`${gateway.origin}/health/ready`);
    expect(await answer.json()).toMatchObject({ reason: "draining" });
    return answer.status === 503;
  });
  return { ended };
}

describe("a gateway that shuts down", () => {
  it("closes sockets with 1001, spread over a second, without completing their streams", async () => {
    await using gateway = await stage();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => openSocket(gateway)));
    for (const socket of sockets) socket.send(watch(gateway.attempt));
    for (const socket of sockets) await socket.next("next");
    const { ended } = await startDrain(gateway);
    const closings = sockets.map(async (socket) => [await socket.closed, performance.now()] as const);
    const closed = await Promise.all(closings);
    expect(closed.map(([code]) => code)).toEqual(Array(20).fill(1001));
    const times = closed.map(([, at]) => at);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(300);
    for (const socket of sockets) await expect(socket.next("complete")).rejects.toThrow("1001");
    await ended;
  });

  it.each([distinctSse])("completes the streams of $name", async ({ connect }) => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const stream = client.open(DrainedAttempt, { id: gateway.attempt });
    await stream.nextData();
    const startedAt = fairNow();
    const { ended } = await startDrain(gateway);
    await stream.completed();
    await ended;
    expect(fairNow() - startedAt).toBeLessThan(2000);
  });

  it("opens no new stream, but still answers queries while other clients are disconnected", async () => {
    await using gateway = await stage();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => openSocket(gateway)));
    for (const socket of sockets) socket.send(watch(gateway.attempt));
    for (const socket of sockets) await socket.next("next");
    const { ended } = await startDrain(gateway);

    const subscription = { query: DrainedAttempt.toString(), variables: { id: gateway.attempt } };
    const refused = await post(gateway.url, subscription, { accept: "text/event-stream, application/json" }).catch(
      (error: Error) => error.message,
    );
    expect(JSON.stringify(refused)).toContain("RATE_LIMITED");
    const handshake = new WebSocket(gateway.url.replace("http", "ws"), "graphql-transport-ws");
    const status = new Promise((resolve) => {
      handshake.on("error", () => {}).once("unexpected-response", (_request, answer) => resolve(answer.statusCode));
    });
    expect(await status).toBe(503);
    expect(await post(gateway.url, { query: "{ __typename }" })).toEqual({ data: { __typename: "Query" } });
    await ended;
  });

  it("closes a socket after the query that runs on it", async () => {
    await using gateway = await stage();
    using _slow = gateway.sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 1500 });
    using socket = await openSocket(gateway);
    socket.send(watch(gateway.attempt));
    await socket.next("next");
    socket.send({ id: "query", type: "subscribe", payload: { query: DrainedUsers.toString() } });
    await until(async () => gateway.sandbox.calls.some(({ path }) => path === "/payment-service-users"));
    const { ended } = await startDrain(gateway);
    expect(await socket.next("next")).toMatchObject({ id: "query", payload: { data: { paymentServiceUsers: {} } } });
    expect(await socket.closed).toBe(1001);
    await ended;
  });

  it("waits no longer than its grace period", async () => {
    await using gateway = await stage(1500);
    using _stuck = gateway.sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 4500 });
    using socket = await openSocket(gateway);
    socket.send({ id: "query", type: "subscribe", payload: { query: DrainedUsers.toString() } });
    // Equal queries would share one call.
    const another = DrainedUsers.toString().replace(/first: \d+/, "first: 50");
    const overHttp = post(gateway.url, { query: another }).catch(() => "cut");
    await until(async () => gateway.sandbox.calls.filter(({ path }) => path === "/payment-service-users").length === 2);
    const startedAt = fairNow();
    const { ended } = await startDrain(gateway);
    await ended;
    expect(fairNow() - startedAt).toBeLessThan(3000);
    expect(await socket.closed).toBe(1001);
    expect(await overHttp).toBe("cut");
  });
});

describe("npm start", () => {
  it("exits with code 0 on SIGTERM, even with open sockets and streams", async () => {
    await using sandbox = await startSandbox({ world: createStage().world });
    await using gateway = await startGatewayCommand(settingsOf(sandbox));
    const attempt = attemptGlobalId(firstOf(sandbox.world.attempts));
    using socket = await openSocket({ url: `${gateway.url}/graphql` } as LiveGateway);
    socket.send(watch(attempt));
    await socket.next("next");
    using client = distinctSse.connect(`${gateway.url}/graphql`);
    const stream = client.open(DrainedAttempt, { id: attempt });
    await stream.nextData();
    gateway.kill("SIGTERM");
    expect(await socket.closed).toBe(1001);
    await stream.completed();
    expect(await gateway.exit).toBe(0);
  });

  it("exits at once on a second SIGTERM, whatever is running", async () => {
    await using sandbox = await startSandbox({ world: createStage().world });
    using _stuck = sandbox.fault(({ path }) => path === "/payment-service-users", { delayMs: 20_000 });
    await using gateway = await startGatewayCommand(settingsOf(sandbox));
    const answer = post(`${gateway.url}/graphql`, { query: DrainedUsers.toString() }).catch(() => "cut");
    await until(async () => sandbox.calls.some(({ path }) => path === "/payment-service-users"));
    const startedAt = fairNow();
    let isOver = false;
    void gateway.exit.then(() => {
      isOver = true;
    });
    await until(async () => {
      // One that comes at once is the first again: npm passes on what a terminal or a service manager sends to both.
      gateway.kill("SIGTERM");
      return isOver;
    });
    expect(gateway.output()).toContain("stopping");
    expect(await gateway.exit).not.toBe(0);
    expect(fairNow() - startedAt).toBeLessThan(5000);
    expect(await answer).toBe("cut");
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "a client continues at another gateway, and misses nothing, when its own gets a %s",
    async (signal) => {
      const { world, attempt, complete } = createStage();
      await using sandbox = await startSandbox({ world });
      await using first = await startGatewayCommand(settingsOf(sandbox));
      await using second = await startGatewayCommand(settingsOf(sandbox));
      let connects = 0;
      const client = createClient({
        url: () => `${(connects++ === 0 ? first : second).url.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
      });
      const statuses: unknown[] = [];
      const completed = new Promise<void>((resolve, reject) => {
        client.subscribe<{ linkAttemptChanged: { status: string } }>(
          { query: DrainedAttempt.toString(), variables: { id: attempt } },
          {
            next: ({ data }) => void statuses.push(data?.linkAttemptChanged.status),
            complete: resolve,
            error: reject,
          },
        );
      });
      await until(async () => statuses.length === 1);
      first.kill(signal);
      await until(async () => statuses.length === 2);
      complete();
      await completed;
      expect(statuses).toEqual(["PENDING", "PENDING", "COMPLETED"]);
      expect(connects).toBe(2);
      await client.dispose();
    },
  );
});

const settingsOf = ({ url, clientId, clientSecret }: { url: string; clientId: string; clientSecret: string }) => ({
  FORMANCE_API_URL: url,
  FORMANCE_CLIENT_ID: clientId,
  FORMANCE_CLIENT_SECRET: clientSecret,
});
