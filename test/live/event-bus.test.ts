import { describe, expect, it } from "vitest";
import { attemptsTopic, connectionsTopic, type Invalidation, taskTopic } from "../../src/live/connection-events.ts";
import { createMemoryEventBus, type EventBus } from "../../src/live/event-bus.ts";
import { startRedisEventBus } from "../../src/live/redis-event-bus.ts";
import { until } from "../support/helpers.ts";
import { countResources, isInstalled, startRedis } from "../support/servers.ts";

/** The gateways of one installation: invalidations go from each to all. */
type Replicas = AsyncDisposable & {
  readonly first: EventBus;
  readonly last: EventBus;
  readonly all: readonly EventBus[];
};

const kinds = [
  {
    name: "in memory",
    isHere: true,
    async start(onProblem: (kind: string) => void = () => {}): Promise<Replicas> {
      const bus = createMemoryEventBus({ onProblem });
      return { first: bus, last: bus, all: [bus], [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
    },
  },
  {
    name: "over Redis, between two replicas",
    isHere: isInstalled("redis-server"),
    async start(onProblem: (kind: string) => void = () => {}): Promise<Replicas> {
      await using starting = new AsyncDisposableStack();
      const server = starting.use(await startRedis());
      const options = { url: new URL(`redis://127.0.0.1:${server.port}`), onProblem };
      const first = starting.use(await startRedisEventBus(options));
      const last = starting.use(await startRedisEventBus(options));
      const started = starting.move();
      return { first, last, all: [first, last], [Symbol.asyncDispose]: () => started.disposeAsync() };
    },
  },
] as const;

const task = (id: number | string): Invalidation => ({ topics: [taskTopic(String(id))], event: null });
const psuId = "0b5cbf2a-8d0b-4f3a-9d53-0c5f0a1f6a01";
const connection = { psuId, connectorId: "eyJQcm92aWRlciI6InBsYWlkIn0", connectionId: "item:1/ä" };
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

/** All that this bus receives from now on. */
function record(bus: EventBus): Invalidation[] {
  const received: Invalidation[] = [];
  bus.subscribe((invalidation) => received.push(invalidation));
  return received;
}

/** Resolves when all that was published before is received, also what would come a second time. */
async function settled({ first, last, all }: Replicas): Promise<void> {
  for (const [from, mark] of [
    [first, task("settled-1")],
    [last, task("settled-2")],
  ] as const) {
    let waiting = all.length;
    const subscriptions = all.map((bus) =>
      bus.subscribe((invalidation) => {
        if (invalidation.topics[0] === mark.topics[0]) waiting -= 1;
      }),
    );
    await from.publish(mark);
    await until(async () => waiting === 0);
    for (const one of subscriptions) one[Symbol.dispose]();
  }
}

const isMark = ({ topics }: Invalidation) => topics[0]?.startsWith("task:settled-");
const withoutMarks = (received: readonly Invalidation[]) => received.filter((invalidation) => !isMark(invalidation));

for (const kind of kinds) {
  describe.skipIf(!kind.isHere)(`a bus ${kind.name}`, () => {
    it("is connected", async () => {
      await using replicas = await kind.start();
      expect(replicas.all.map((bus) => bus.state())).toEqual(replicas.all.map(() => "connected"));
    });

    it("delivers each invalidation once to every listener of every replica, unchanged", async () => {
      await using replicas = await kind.start();
      const records = [...replicas.all, ...replicas.all].map(record);
      const at = "2026-08-05T12:00:00.123456Z";
      const invalidations: Invalidation[] = [
        { topics: [attemptsTopic(psuId, connection.connectorId), connectionsTopic(psuId)], event: null },
        { topics: [taskTopic("t")], event: null },
        {
          topics: [connectionsTopic(psuId)],
          event: { ...connection, kind: "PENDING_DISCONNECT", at, reason: "the consent ends" },
        },
        {
          topics: [connectionsTopic(psuId)],
          event: { ...connection, connectionId: "", kind: "DISCONNECTED", at, reason: null },
        },
      ];
      for (const invalidation of invalidations) await replicas.first.publish(invalidation);
      await settled(replicas);
      for (const received of records) expect(withoutMarks(received)).toEqual(invalidations);
    });

    it("notifies the listeners of the replica that publishes before it returns", async () => {
      await using replicas = await kind.start();
      const received = record(replicas.first);
      const publishing = replicas.first.publish(task(1));
      expect(received).toEqual([task(1)]);
      await publishing;
    });

    it("delivers the invalidations of each replica in the order in which it published them", async () => {
      await using replicas = await kind.start();
      const records = replicas.all.map(record);
      const ids = Array.from({ length: 200 }, (_, index) => index);
      await Promise.all(
        ids.flatMap((id) => [replicas.first.publish(task(id)), replicas.last.publish(task(id + 1000))]),
      );
      await settled(replicas);
      for (const received of records) {
        const numbers = withoutMarks(received).map(({ topics }) => Number(topics[0]?.slice("task:".length)));
        expect(numbers.filter((number) => number < 1000)).toEqual(ids);
        expect(numbers.filter((number) => number >= 1000)).toEqual(ids.map((id) => id + 1000));
      }
    });

    it("notifies a listener no more once it is disposed, and the others go on", async () => {
      await using replicas = await kind.start();
      const gone: Invalidation[] = [];
      const subscription = replicas.last.subscribe((invalidation) => gone.push(invalidation));
      const received = record(replicas.last);
      await replicas.first.publish(task(1));
      await settled(replicas);
      subscription[Symbol.dispose]();
      gone.length = 0;
      await replicas.first.publish(task(2));
      await settled(replicas);
      expect(gone).toEqual([]);
      expect(withoutMarks(received)).toEqual([task(1), task(2)]);
    });

    it("does not notify a listener that an earlier one has just disposed", async () => {
      await using replicas = await kind.start();
      const gone: Invalidation[] = [];
      const subscriptions: Disposable[] = [];
      replicas.last.subscribe(() => subscriptions[0]?.[Symbol.dispose]());
      subscriptions.push(replicas.last.subscribe((invalidation) => gone.push(invalidation)));
      await replicas.first.publish(task(1));
      await settled(replicas);
      expect(gone).toEqual([]);
    });

    it("notifies the others, accepts the invalidation and reports it when a listener throws", async () => {
      const problems: string[] = [];
      await using replicas = await kind.start((problem) => problems.push(problem));
      replicas.last.subscribe((invalidation) => {
        if (!isMark(invalidation)) throw new TypeError("a listener's own fault");
      });
      const records = replicas.all.map(record);
      await replicas.first.publish(task(1));
      await settled(replicas);
      for (const received of records) expect(withoutMarks(received)).toEqual([task(1)]);
      expect(problems).toEqual(["a listener failed: TypeError"]);
    });

    it("loses none of 10,000 invalidations", async () => {
      await using replicas = await kind.start();
      const records = replicas.all.map(record);
      const ids = Array.from({ length: 10_000 }, (_, index) => index);
      for (let start = 0; start < ids.length; start += 500) {
        await Promise.all(ids.slice(start, start + 500).map((id) => replicas.first.publish(task(id))));
      }
      await settled(replicas);
      for (const received of records) {
        expect(withoutMarks(received).map(({ topics }) => topics[0])).toEqual(ids.map((id) => taskTopic(String(id))));
      }
    });

    it("has no end of a consent that was not stored", async () => {
      await using replicas = await kind.start();
      await replicas.first.consents.keep({ ...connection, connectionId: "another" }, inMs(60_000));
      expect(await replicas.last.consents.expiryOf(connection)).toBeNull();
    });

    it("keeps when a consent ends, for all replicas, unchanged", async () => {
      await using replicas = await kind.start();
      await replicas.first.consents.keep(connection, "2126-08-05T14:00:00.123456+02:00");
      for (const bus of replicas.all) {
        expect(await bus.consents.expiryOf(connection)).toBe("2126-08-05T14:00:00.123456+02:00");
      }
    });

    it("keeps what was stored last, by any replica", async () => {
      await using replicas = await kind.start();
      await replicas.first.consents.keep(connection, inMs(60_000));
      await replicas.last.consents.keep(connection, "2126-01-01T00:00:00Z");
      for (const bus of replicas.all) expect(await bus.consents.expiryOf(connection)).toBe("2126-01-01T00:00:00Z");
    });

    it("forgets a consent for all replicas on `forget`", async () => {
      await using replicas = await kind.start();
      await replicas.first.consents.keep(connection, inMs(60_000));
      await replicas.last.consents.forget(connection);
      for (const bus of replicas.all) expect(await bus.consents.expiryOf(connection)).toBeNull();
    });

    const keptMs = 400 * 86_400_000;

    it("forgets the end of a consent by itself, 400 days after it", async () => {
      await using replicas = await kind.start();
      const endsAt = inMs(1000 - keptMs);
      await replicas.first.consents.keep(connection, endsAt);
      expect(await replicas.last.consents.expiryOf(connection)).toBe(endsAt);
      await until(async () => (await replicas.last.consents.expiryOf(connection)) === null);
      expect(Date.now() - keptMs).toBeGreaterThanOrEqual(Date.parse(endsAt));
      expect(await replicas.first.consents.expiryOf(connection)).toBeNull();
    });

    it("keeps no end that has passed so long ago, and lets it replace one that has not", async () => {
      await using replicas = await kind.start();
      await replicas.first.consents.keep(connection, inMs(60_000));
      await replicas.first.consents.keep(connection, inMs(-1000 - keptMs));
      for (const bus of replicas.all) expect(await bus.consents.expiryOf(connection)).toBeNull();
    });

    it("leaves no socket, no timer and no listener when it is disposed", async () => {
      const before = countResources();
      await using replicas = await kind.start();
      const received: Invalidation[] = [];
      replicas.first.subscribe((invalidation) => received.push(invalidation));
      await replicas.last.publish(task(1));
      await until(async () => received.length === 1);
      for (const bus of replicas.all) await bus[Symbol.asyncDispose]();
      await until(async () => countResources().sockets <= before.sockets && countResources().timers <= before.timers);
      await replicas.first.publish(task(2)).catch(() => {});
      expect(received).toEqual([task(1)]);
    });
  });
}
