import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import { attemptsTopic } from "../../src/live/connection-events.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId, firstOf, ownIdOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { type Client, startLiveGateway, webSocket } from "../support/live/clients.ts";
import type { Order, Report } from "../support/live/load-gateway.ts";

const LoadedAttempt = graphql(`
  subscription LoadedAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { attemptId status }
  }
`);

/** `SUBSCRIBERS=5000 npx vitest run test/live/load.test.ts` for the figures of the README. */
const subscribers = Number(process.env["SUBSCRIBERS"] ?? 1000);
const onOneSocket = 100;
const isFull = subscribers >= 5000;

function createAttempts(world: World, count: number): string[] {
  const tink = firstOf(world.connectors, ({ provider }) => provider === "tink").id;
  return world.people.slice(0, count).map(({ id: psuID }) => {
    const request = { applicationName: "", clientRedirectURL: "https://app.example.com/" };
    const { attemptID } = world.links.create({ psuID, connectorID: tink, key: null, ...request });
    return attemptGlobalId({ psuID, connectorID: tink, id: attemptID });
  });
}

async function forkGateway({ url, clientId, clientSecret }: Sandbox) {
  const child: ChildProcess = fork(
    new URL("../support/live/load-gateway.ts", import.meta.url),
    [url, clientId, clientSecret],
    {
      execArgv: ["--expose-gc"],
    },
  );
  const nextReport = async () => (await once(child, "message"))[0] as Report;
  const started = await nextReport();
  if (!("url" in started)) throw new Error("The gateway did not send its URL.");
  return {
    url: started.url,
    order: (order: Order) => void child.send(order),
    async measure() {
      child.send("measure" satisfies Order);
      const report = await nextReport();
      if ("url" in report) throw new Error("The gateway started twice.");
      return report;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

it(
  `${subscribers} subscribers of as many attempts cost under 30 kB each, are polled with growing pauses, and all get a change within 2 s`,
  async () => {
    const world = createWorld({ size: { people: subscribers, connectionsEach: 0, accountsEach: 0 } });
    const attempts = createAttempts(world, subscribers);
    await using sandbox = await startSandbox({ world });
    await using gateway = await forkGateway(sandbox);
    using clients = new DisposableStack();
    const connect = () => clients.use(webSocket.connect(gateway.url));

    const subscribe = async (client: Client, id: string) => {
      const stream = client.open(LoadedAttempt, { id });
      expect((await stream.nextData()).linkAttemptChanged.status).toBe("PENDING");
      return stream;
    };
    // The first ones load code and fill caches, which is no subscriber's share.
    const early = connect();
    for (const stream of await Promise.all(attempts.slice(0, 100).map((id) => subscribe(early, id))))
      stream.unsubscribe();
    await until(async () => (await gateway.measure()).streams === 0);
    const before = await gateway.measure();

    sandbox.clearCalls();
    const openedAt = performance.now();
    const streams = (
      await Promise.all(
        Array.from({ length: subscribers / onOneSocket }, (_, at) => {
          const client = connect();
          return Promise.all(
            attempts.slice(at * onOneSocket, (at + 1) * onOneSocket).map((id) => subscribe(client, id)),
          );
        }),
      )
    ).flat();
    const openMs = performance.now() - openedAt;
    const open = await gateway.measure();
    expect([open.streams, open.watchers]).toEqual([subscribers, subscribers]);
    const bytesEach = (open.bytes - before.bytes) / subscribers;
    expect(bytesEach).toBeLessThan(30_000);

    // Pauses of 1, 1.5, 2.25, 3.4 … s, each up to a fifth shorter: at most 4 refreshes in the first 5 s.
    let refreshes = sandbox.calls.length;
    sandbox.clearCalls();
    const perSecond: number[] = [];
    const watchForMs = isFull ? 120_000 : 5_000 - openMs;
    for (const startedAt = performance.now(); performance.now() < startedAt + watchForMs; ) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      perSecond.push(sandbox.calls.length);
      refreshes += sandbox.calls.length;
      sandbox.clearCalls();
    }
    if (!isFull) expect(refreshes).toBeLessThanOrEqual(4 * subscribers);
    const later = await gateway.measure();

    for (const attempt of world.attempts) attempt.status = "completed";
    const burstAt = performance.now();
    gateway.order({
      invalidations: world.attempts.map(({ psuID, connectorID }) => ({
        topics: [attemptsTopic(psuID, connectorID)],
        event: null,
      })),
    });
    const deliveredAfter = await Promise.all(
      streams.map(async (stream) => {
        expect((await stream.nextData()).linkAttemptChanged.status).toBe("COMPLETED");
        return performance.now() - burstAt;
      }),
    );
    const lastDeliveryMs = Math.max(...deliveredAfter);
    const afterBurst = await gateway.measure();
    process.stdout.write(
      `${subscribers} subscribers: ${Math.round(bytesEach)} B each, later ${Math.round((later.bytes - before.bytes) / subscribers)} B; opened in ${Math.round(openMs)} ms; ` +
        `delivered in ${Math.round(lastDeliveryMs)} ms (median ${Math.round(deliveredAfter.sort((a, b) => a - b)[subscribers >> 1] ?? 0)} ms, ` +
        `${Math.round(afterBurst.cpuMs - later.cpuMs)} ms of CPU); upstream reads a second: ${perSecond.join(" ")}\n`,
    );
    expect(lastDeliveryMs).toBeLessThan(2000);
    for (const stream of streams) await stream.completed();
    expect((await gateway.measure()).streams).toBe(0);
  },
  isFull ? 300_000 : 40_000,
);

it("200 subscribers of one attempt cost no more reads than one subscriber of another", async () => {
  const world = createWorld({ size: { people: 2, connectionsEach: 0, accountsEach: 0 } });
  const [popular = "", other = ""] = createAttempts(world, 2);
  await using gateway = await startLiveGateway({ sandbox: { world } });
  using clients = new DisposableStack();
  const streams = Array.from({ length: 4 }, () => clients.use(webSocket.connect(gateway.url))).flatMap((client) =>
    Array.from({ length: 50 }, () => client.open(LoadedAttempt, { id: popular })),
  );
  const single = clients.use(webSocket.connect(gateway.url)).open(LoadedAttempt, { id: other });
  for (const stream of [...streams, single]) {
    expect((await stream.nextData()).linkAttemptChanged.status).toBe("PENDING");
  }
  expect(gateway.live.watchers.size).toMatchObject({ watchers: 2, streams: 201 });
  const readsOf = (id: string) => gateway.sandbox.calls.filter(({ path }) => path.endsWith(ownIdOf(id))).length;
  await until(async () => readsOf(other) >= 3);
  expect(Math.abs(readsOf(popular) - readsOf(other))).toBeLessThanOrEqual(1);

  for (const attempt of world.attempts) attempt.status = "completed";
  for (const stream of streams) expect((await stream.nextData()).linkAttemptChanged.status).toBe("COMPLETED");
});
