import { expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId, firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { distinctSse, isQuiet, startLiveGateway, transports } from "../support/live/clients.ts";

const LeakyAttempt = graphql(`
  subscription LeakyAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { status }
  }
`);

const LeakyConnections = graphql(`
  subscription LeakyConnections($psuId: ID!) {
    connectionChanged(psuId: $psuId) { kind connection { accounts { name } } }
  }
`);

const rounds = 20;
/** Of each round, on one client: 20 unsubscribe at once, 20 after their first message, 10 while a message is resolved for them. */
const [atOnce, behindFirst, within] = [20, 20, 10];

it("no watcher, stream, timer, socket or upstream call remains of a thousand subscribers that have come and gone over each transport", async () => {
  const world = createWorld({ size: { people: 40, connectionsEach: 1, accountsEach: 1 } });
  const tink = firstOf(world.connectors, ({ provider }) => provider === "tink").id;
  const attempts = world.people.map(({ id: psuID }) => {
    const request = { applicationName: "", clientRedirectURL: "https://app.example.com/" };
    const { attemptID } = world.links.create({ psuID, connectorID: tink, key: null, ...request });
    return attemptGlobalId({ psuID, connectorID: tink, id: attemptID });
  });
  await using gateway = await startLiveGateway({ sandbox: { world } });
  using _slow = gateway.sandbox.fault(({ path }) => path === "/accounts", { delayMs: 50 });
  const idle = process.getActiveResourcesInfo().length;
  const psuIds = world.people.map(({ id }) => id);
  const pick = (ids: readonly string[], at: number) => ids[at % ids.length] ?? "";

  for (const { name, connect } of transports) {
    for (let round = 0; round < rounds; round += 1) {
      using client = connect(gateway.url);
      for (let at = 0; at < atOnce; at += 1) client.open(LeakyAttempt, { id: pick(attempts, at) }).unsubscribe();
      const watched = Array.from({ length: behindFirst }, (_, at) =>
        client.open(LeakyAttempt, { id: pick(attempts, at) }),
      );
      const making = Array.from({ length: within }, (_, at) =>
        client.open(LeakyConnections, { psuId: pick(psuIds, at) }),
      );
      for (const stream of watched) {
        expect((await stream.nextData()).linkAttemptChanged.status).toBe("PENDING");
        stream.unsubscribe();
      }
      await until(async () => gateway.live.watchers.size.streams <= within);
      for (const stream of making) stream.unsubscribe();
    }
    await until(() => isQuiet(gateway));
    expect(gateway.live.watchers.size, name).toEqual({ watchers: 0, streams: 0, timers: 0 });
  }

  const { length } = gateway.sandbox.calls;
  const quietAt = performance.now();
  // Connections that are kept alive end some seconds later. A watcher would refresh again within 1.2 s.
  await until(async () => process.getActiveResourcesInfo().length <= idle && performance.now() > quietAt + 1500);
  expect(gateway.sandbox.calls.length).toBe(length);
}, 40_000);

it("a client that unsubscribes during authentication opens no watcher", async () => {
  const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 0 } });
  let authenticating = 0;
  const authenticated = Promise.withResolvers<void>();
  await using gateway = await startLiveGateway({
    sandbox: { world },
    async authenticate() {
      authenticating += 1;
      await authenticated.promise;
      return { subject: null, scopes: ["payments:read"], psuId: null, expiresAt: null };
    },
  });
  for (const { connect } of transports) {
    using client = connect(gateway.url);
    client.open(LeakyConnections, { psuId: firstOf(world.people).id });
    const before = authenticating;
    await until(async () => authenticating > before);
  }
  authenticated.resolve();
  // The last operation is served last: the others are done by then.
  using last = distinctSse.connect(gateway.url);
  await last.open(LeakyConnections, { psuId: firstOf(world.people).id }).nextData();
  expect(gateway.live.watchers.size.streams).toBe(1);
});
