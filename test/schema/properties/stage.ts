/** A world of several people, and whose text each text in it is. */

import type fc from "fast-check";
import { expect } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import type { Viewer } from "../../../src/auth/viewer.ts";
import { parseGlobalId, toGlobalId } from "../../../src/schema/global-id.ts";
import { parseUpstreamId } from "../../../src/upstream/upstream-id.ts";
import { createTestGateway, operator, psuViewer } from "../../support/helpers.ts";
import { accountGlobalId, attemptGlobalId, connectionGlobalId, connectorGlobalId, psuGlobalId } from "../global-ids.ts";

// Its clock stands still: what is deleted is on its way and never gone.
export const world = createWorld({ clock: createManualClock(new Date()) });
for (const { psuID, connectorID } of world.connections)
  world.deletions.connection(psuID, connectorID, "no-such-connection");
const taskIds = world.events.flatMap(({ payload }) => {
  const { id } = payload as { readonly id?: unknown };
  return typeof id === "string" && world.task(id) !== undefined ? [id] : [];
});

/** As it was at first: operators create more. */
export const people = [...world.people];

/** Real ids of all people, by the type that they name, as global ids and as the service's own. */
export const payments = world.payments.filter((_row, at) => at % 10 === 0);
export const ids: Readonly<Record<string, readonly string[]>> = {
  PaymentServiceUser: people.flatMap(({ id }) => [psuGlobalId(id), id]),
  Connector: world.connectors.flatMap(({ id }) => [connectorGlobalId(id), id]),
  BankConnection: world.connections.map(connectionGlobalId),
  LinkAttempt: world.attempts.map(attemptGlobalId),
  Account: world.accounts.flatMap(({ id }) => [accountGlobalId(id), id]),
  Payment: payments.flatMap(({ id }) => [toGlobalId("Payment", id), id]),
  Task: [...new Set(taskIds)].flatMap((id) => [toGlobalId("Task", id), id]),
};
export const allIds = Object.values(ids).flat();

/** What a task is about: the end of it names its PSU. */
function namesTask(id: string): string {
  return parseUpstreamId(parseGlobalId(id)?.id ?? id)?.Reference ?? "";
}

export const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

/** Whose text it is, of those that only one person's rows hold; kinds, states, assets and days are nobody's. */
export const owners = new Map<string, string | null>();
/** Those of them that are searched for inside other texts, too. */
const names = new Map<string, string>();
for (const { id } of people) {
  const isTheirs = ({ psuID }: { readonly psuID: string | null }) => psuID === id;
  const connections = world.connections.filter(isTheirs);
  const attempts = world.attempts.filter(isTheirs);
  const accounts = world.accounts.filter(isTheirs);
  const ownPayments = world.payments.filter(isTheirs);
  const globalIds = [
    psuGlobalId(id),
    ...connections.map(connectionGlobalId),
    ...attempts.map(attemptGlobalId),
    ...accounts.map((row) => accountGlobalId(row.id)),
    ...ownPayments.map((row) => toGlobalId("Payment", row.id)),
  ];
  const tasks = (ids["Task"] ?? []).filter((task) => namesTask(task).endsWith(`-${id}`));
  const rows = [world.person(id), tasks, connections, attempts, accounts, ownPayments, globalIds];
  for (const text of new Set(textsOf(rows))) {
    if (text.length >= 5 && !/^[A-Z_-]+(\/\d+)?$|^\d{4}-\d\d-\d\d(T00:00:00Z)?$/.test(text))
      owners.set(text, owners.has(text) ? null : id);
  }
  const { name, contactDetails } = world.person(id) ?? {};
  for (const text of [id, ...globalIds.slice(0, 20), ...textsOf([name, contactDetails])]) names.set(text, id);
}
for (const text of textsOf([world.connectors, world.accounts.filter(({ psuID }) => psuID === null)]))
  owners.set(text, null);
for (const text of names.keys()) if ((owners.get(text) ?? null) === null) names.delete(text);

/** The texts of other people in an answer. In errors, what the request itself has sent does not count. */
export function leaksIn(viewer: Viewer, { data, errors }: Answer, sent: string): readonly string[] {
  const isForeign = (owner: string | null | undefined) => owner != null && owner !== viewer.psuId;
  const found = (value: unknown) => {
    const text = JSON.stringify(value) ?? "";
    const within = [...names].filter(([name, owner]) => isForeign(owner) && text.includes(name)).map(([name]) => name);
    return [...textsOf(value).filter((leaf) => isForeign(owners.get(leaf))), ...within];
  };
  return [...found(data), ...found(errors).filter((text) => !sent.includes(text))];
}

export type Answer = {
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
};

export const viewers: readonly Viewer[] = [
  ...people.map(({ id }) => psuViewer(id)),
  ...[["payments:read", "payments:write"], ["payments:read"], ["payments:write"], []].map((scopes) => ({
    ...operator,
    scopes,
  })),
];

async function start() {
  const sandbox = await startSandbox({ world });
  // In these tests a token is the place of its viewer in the list.
  const gateway = createTestGateway(sandbox, {
    authenticate: async (authorization) => viewers[Number(authorization)] ?? operator,
  });
  return { sandbox, gateway };
}

let stage: ReturnType<typeof start> | null = null;

/** A sandbox of this world and a gateway, opened at their first use. */
export function openStage(): ReturnType<typeof start> {
  stage ??= start();
  return stage;
}

/** The files that use the stage may share this module, so that the next one opens it again. */
export async function closeStage(): Promise<void> {
  const { sandbox, gateway } = await openStage();
  stage = null;
  await gateway[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
}

export async function post(authorization: number | string, query: string, variables: object = {}): Promise<Answer> {
  const { gateway } = await openStage();
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      authorization: String(authorization),
    },
    body: JSON.stringify({ query, variables }),
  });
  return { ...((await response.json()) as object), status: response.status };
}

const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code);

const harmless = new Set([
  "BAD_USER_INPUT",
  "NOT_FOUND",
  "CONFLICT",
  "FORBIDDEN",
  "UNAUTHENTICATED",
  "RATE_LIMITED",
  "QUERY_TOO_COMPLEX",
]);

export function expectHarmless(answer: Answer): void {
  expect(answer.status).toBeLessThan(500);
  expect(codesOf(answer).filter((code) => !harmless.has(code))).toEqual([]);
}

/** Runs of a random test: more with TEST_RUNS. */
export const runs = (few: number): fc.Parameters<unknown> => ({ numRuns: few * Number(process.env["TEST_RUNS"] ?? 1) });

/** Cursors of lists of several viewers. */
async function readCursors(): Promise<readonly string[]> {
  const page = (first: number) => `(first: ${first}) { edges { cursor } }`;
  const lists = `accounts${page(4)} payments${page(17)} connectors${page(2)}`;
  const nested = `id payments${page(17)} linkAttempts(connectorId: "${world.connectors[0]?.id}", first: 2) { edges { cursor } }`;
  const answers = await Promise.all(
    [0, 1, 2, people.length].map(async (at) => {
      const users = (viewers[at]?.psuId ?? null) === null ? `paymentServiceUsers(first: 3) { edges { cursor } }` : "";
      const own = `node(id: "${psuGlobalId(people[at]?.id ?? people[0]?.id ?? "")}") { ... on PaymentServiceUser { ${nested} } }`;
      return post(at, `{ ${lists} ${users} ${own} }`);
    }),
  );
  const all = answers.flatMap(({ data }) => textsOf(data).filter((text) => !allIds.includes(text)));
  // The longest hold a cursor of the service's, with its filter: those behind a whole page of the service.
  const longest = all.toSorted((one, other) => other.length - one.length);
  const cursors = [...longest.slice(0, 40), ...longest.slice(-20)];
  expect(cursors.length).toBeGreaterThan(40);
  return cursors;
}

export const cursors = await readCursors();
