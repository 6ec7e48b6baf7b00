import { createManualClock } from "../../../sandbox/clock.ts";
import { type Attempt, toWireAttempt } from "../../../sandbox/models/attempt.ts";
import type { Connection } from "../../../sandbox/models/connection.ts";
import type { Provider } from "../../../sandbox/models/connector.ts";
import { bankOf } from "../../../sandbox/seed/banks.ts";
import type { Call } from "../../../sandbox/server.ts";
import type { Envelope } from "../../../sandbox/store/outbox.ts";
import { toTimestamp } from "../../../sandbox/time.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { toInvalidation } from "../../../src/live/connection-events.ts";
import type { LiveOptions } from "../../../src/live/live.ts";
import { graphql } from "../../graphql/gql.ts";
import type { StagedConnectionsSubscription } from "../../graphql/graphql.ts";
import { attemptGlobalId, firstOf } from "../../schema/global-ids.ts";
import { startTestGateway, type TestGateway, type TestGatewayOptions, type TestStream, until } from "../helpers.ts";

/** How fast watchers refresh in tests that have no need to measure it: the pauses of a second are of 50 ms. */
export const quickly = 0.05;

export type StageOptions = Omit<TestGatewayOptions, "sandbox" | "live"> & {
  readonly live?: Partial<LiveOptions>;
  /** Whether the world's events reach the gateway at once. Default: none does. */
  readonly deliversEvents?: boolean;
  readonly people?: number;
};

/**
 * A regular world with a manual clock, which starts at the machine's time: each person has a connection of
 * Plaid's, one of Tink's and one of Powens's, each with one account.
 */
export async function stage({ deliversEvents = false, people = 2, live, ...options }: StageOptions = {}) {
  const clock = createManualClock(new Date());
  const world = createWorld({ clock, size: { people, connectionsEach: 3, accountsEach: 1 } });
  const gateway = await startTestGateway({ ...options, sandbox: { world }, live: { pace: quickly, ...live } });
  if (deliversEvents) world.onEvent((event) => void publishEvent(gateway, event));
  const connector = (provider: Provider) => firstOf(world.connectors, (row) => row.provider === provider).id;
  const psu = firstOf(world.people).id;
  const other = firstOf(world.people, ({ id }) => id !== psu || people === 1).id;
  const own = (provider: Provider) =>
    firstOf(world.connections, (row) => row.psuID === psu && row.connectorID === connector(provider));

  /** Where a user is on the way, to a new connection or to renew one. */
  function link(psuID: string, provider: Provider, relinks?: Connection) {
    const { token, attemptID } = world.links.create({
      psuID,
      connectorID: connector(provider),
      key: null,
      applicationName: "Stage",
      clientRedirectURL: "https://app.example.com/back",
      ...(relinks !== undefined && { relinks: relinks.connectionID }),
    });
    return { token, attempt: firstOf(world.attempts, ({ id }) => id === attemptID) };
  }

  /** The user comes back from the bank; with Tink and Powens there is no event. */
  function end(token: string, decision: "consent" | "cancel", afterMs = 1500): void {
    const session = world.links.find(token);
    if (typeof session === "string") throw new Error(`The link is ${session}.`);
    const { connector: at, relinks } = session;
    const banks: Readonly<Record<string, string>> = { plaid: "harbour-vale", tink: "spreebank", powens: "lilas" };
    const bankID = relinks?.bankID ?? banks[at.provider] ?? "";
    if (decision === "consent") world.links.grant(session, bankID, bankOf(bankID)?.products ?? []);
    const next = world.links[decision === "consent" ? "finish" : "cancel"](session);
    if (next.startsWith("/")) world.links.complete(at.id, new URL(next, "http://sandbox").searchParams);
    clock.advance(afterMs);
  }

  /** The bank gives access again, without a link of ours. */
  function reconnect(connection: Connection): void {
    const provider = firstOf(world.connectors, ({ id }) => id === connection.connectorID).provider as Provider;
    end(link(connection.psuID, provider, connection).token, "consent");
  }

  return Object.assign(gateway, { clock, world, psu, other, connector, own, link, end, reconnect });
}

export type Stage = Awaited<ReturnType<typeof stage>>;

/** What a webhook would bring. */
export async function publishEvent({ bus }: TestGateway, event: Pick<Envelope, "type" | "payload">): Promise<void> {
  const invalidation = toInvalidation(event);
  if (invalidation !== null) await bus.publish(invalidation);
}

type EventKind = "DATA_SYNCED" | "PENDING_DISCONNECT" | "DISCONNECTED" | "RECONNECTED";

/** An event about a connection, whether or not it is true. */
export function eventOf(
  kind: EventKind,
  { psuID, connectorID, connectionID }: Pick<Connection, "psuID" | "connectorID" | "connectionID">,
  more: { readonly at: string; readonly reason?: string },
) {
  return {
    type: `OPEN_BANKING_USER_CONNECTION_${kind}`,
    payload: { psuID, connectorID, connectionID, ...more },
  } as const;
}

export function attemptEvent({ psuID, connectorID }: Pick<Attempt, "psuID" | "connectorID">, status = "completed") {
  return { type: "OPEN_BANKING_USER_LINK_STATUS", payload: { psuID, connectorID, status } } as const;
}

/** `ms` from now, as the stack writes it. */
export const inMs = (ms: number) => toTimestamp((Date.now() + ms) * 1000);

export const readsAttempt = ({ method, path }: Call) => method === "GET" && path.includes("/link-attempts/");
export const readsConnections = ({ method, path }: Call) => method === "GET" && path.endsWith("/connections");

/** Records when each matching call comes, from now on. */
export function recordCalls({ sandbox }: TestGateway, matches: (call: Call) => boolean) {
  const times: number[] = [];
  const tap = sandbox.fault((call) => {
    if (matches(call)) times.push(performance.now());
    return false;
  }, {});
  return Object.assign(times, tap);
}

export const StagedAttempt = graphql(`
  subscription StagedAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { attemptId status error isExpired }
  }
`);

export const StagedConnections = graphql(`
  subscription StagedConnections($psuId: ID!, $connectorId: ID) {
    connectionChanged(psuId: $psuId, connectorId: $connectorId) {
      kind connectionId at reason
      connection { id status error createdAt updatedAt dataUpdatedAt consentExpiresAt requiredAction }
    }
  }
`);

export const StagedTask = graphql(`
  subscription StagedTask($id: ID!) {
    taskChanged(id: $id) { taskId status error }
  }
`);

export type Changes = TestStream<StagedConnectionsSubscription>;

export const openConnections = (gateway: Stage, more: { connectorId?: string } = {}): Changes =>
  gateway.subscribe(StagedConnections, { psuId: gateway.psu, ...more });

/** The changes so far, after the first `skipped`. */
export const changesOf = ({ messages }: Changes, skipped = 3) =>
  messages.slice(skipped).flatMap(({ data }) => (data === null ? [] : [data.connectionChanged]));

/** Waits for so many changes after the three CURRENT ones. */
export async function changes(stream: Changes, count: number) {
  await stream.first(3 + count);
  return changesOf(stream);
}

/** Resolves after so many more refreshes: what the first of them finds has been emitted by then. */
export async function afterRefreshes(
  gateway: TestGateway,
  matches: Parameters<typeof recordCalls>[1],
  count = 3,
): Promise<void> {
  using refreshes = recordCalls(gateway, matches);
  await until(async () => refreshes.length > count);
}

/** After its first refresh a watcher pauses for 2.4 s at least: a message before that has another cause. */
export const slowly = { pace: 3 };

export const beforePollMs = 1500;

/** A subscription to a pending attempt, whose first state has been received. */
export async function watched(gateway: Stage) {
  const { token, attempt } = gateway.link(gateway.psu, "tink");
  const id = attemptGlobalId(attempt);
  const stream = gateway.subscribe(StagedAttempt, { id });
  await stream.first(1);
  return Object.assign(stream, { token, attempt, id });
}

export const statuses = (received: readonly { linkAttemptChanged: { status: string } }[]) =>
  received.map(({ linkAttemptChanged }) => linkAttemptChanged.status);

/** The first refresh finds the attempt pending; before its response arrives, the attempt can change. */
export function delayFirstRefresh(gateway: Stage, attempt: Attempt) {
  const body = JSON.stringify({ data: toWireAttempt(attempt) });
  let refreshes = 0;
  return gateway.sandbox.fault((call) => readsAttempt(call) && ++refreshes === 1, { delayMs: 200, body });
}
