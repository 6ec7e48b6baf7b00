/** One stage for all tests of a file, and all that can be read of its two PSUs. */

import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import { expect } from "vitest";
import { toTaskId } from "../../../sandbox/ids.ts";
import { toGlobalId } from "../../../src/schema/global-id.ts";
import { createUpstreamClient } from "../../../src/upstream/client.ts";
import type { TestGateway } from "../../support/helpers.ts";
import { attemptGlobalId, connectionGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";
import { ruleOf, schema, typeNameOf } from "./rules.ts";
import { stage } from "./stage.ts";

export const scene = await stage();

export const isNode = (type: GraphQLOutputType | GraphQLObjectType) => {
  const named = getNamedType(type);
  return isObjectType(named) && named.getInterfaces().some(({ name }) => name === "Node");
};

function isNodeIdField(coordinate: string): boolean {
  const [type = "", field] = coordinate.split(".");
  const object = schema.getType(type);
  return field === "id" && isObjectType(object) && isNode(object);
}

/** What was read of a PSU, by the field that answered it. */
type Seen = {
  readonly values: Map<string, unknown[]>;
  /** Every field that answered something. */
  readonly met: Set<string>;
  /** By the list that gave them. */
  readonly cursors: Map<string, string[]>;
};

export const toSeen = (): Seen => ({ values: new Map(), met: new Set(), cursors: new Map() });

function put<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else if (!values.includes(value)) values.push(value);
}

export function record(type: GraphQLOutputType, value: unknown, seen: Seen, list = ""): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) record(type, item, seen, list);
    return;
  }
  const named = getNamedType(type);
  const row = value as Record<string, unknown>;
  const object = isAbstractType(named) ? schema.getType(String(row["__typename"])) : named;
  if (!isObjectType(object)) return;
  for (const [name, field] of Object.entries(object.getFields())) {
    const answer = row[name];
    const isThere = Array.isArray(answer) ? answer.length > 0 : answer !== null && answer !== undefined;
    if (!isThere) continue;
    const coordinate = `${object.name}.${name}`;
    seen.met.add(coordinate);
    if (isLeafType(getNamedType(field.type))) for (const one of [answer].flat()) put(seen.values, coordinate, one);
    if (name === "cursor") put(seen.cursors, list, String(answer));
    record(field.type, answer, seen, getNamedType(field.type).name.endsWith("Page") ? coordinate : list);
  }
}

/** Every text and number in a value. */
export function leavesOf(value: unknown): readonly string[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leavesOf);
}

export const nodeId = (id: string) => `node(id: ${JSON.stringify(id)})`;

/** All that a viewer may select of a type, over so many steps from node to node. */
export function select(type: GraphQLOutputType, hops: number, isOperator = false): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return "";
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (ruleOf(named.name, field.name) === "operator" && !isOperator) return [];
    if (isLeafType(getNamedType(field.type))) return [field.name];
    const isStep = isNode(field.type);
    if (isStep && hops === 0) return [];
    const given = field.args.flatMap(({ name }) => {
      if (name === "first") return ["first: 20"];
      return name === "connectorId" ? [`connectorId: ${JSON.stringify(scene.connectorId)}`] : [];
    });
    const args = given.length === 0 || field.name === "connections" ? "" : `(${given.join(", ")})`;
    return [`${field.name}${args} ${select(field.type, isStep ? hops - 1 : hops, isOperator)}`];
  });
  return `{ __typename ${fields.join(" ")} }`;
}

/** Reads all that can be reached from these ids, each object with every field. */
export async function crawl(gateway: TestGateway, start: readonly string[], isOperator = false): Promise<Seen> {
  const seen = toSeen();
  const known = new Set<string>();
  const answer = schema.getQueryType()?.getFields()["node"]?.type;
  for (let next = [...start]; next.length > 0; ) {
    for (const id of next) known.add(id);
    await Promise.all(
      next.map(async (id) => {
        const type = schema.getType(typeNameOf(id)) as GraphQLObjectType;
        const document = `{ ${nodeId(id)} { ... on ${type.name} ${select(type, 1, isOperator)} } }`;
        const { data, errors } = await gateway.send<{ node: unknown }>(document);
        expect(errors).toEqual([]);
        if (answer !== undefined) record(answer, data?.node, seen);
      }),
    );
    const ids = [...seen.values].flatMap(([name, values]) => (isNodeIdField(name) ? values.map(String) : []));
    next = ids.filter((id) => !known.has(id));
  }
  return seen;
}

/** Reads every field of Query that needs no argument. */
export async function readRoots(gateway: TestGateway, seen: Seen, isOperator = false): Promise<void> {
  const query = schema.getQueryType();
  for (const field of Object.values(query?.getFields() ?? {})) {
    if (field.args.some(isRequiredArgument) || (!isOperator && ruleOf("Query", field.name) === "operator")) continue;
    const document = `{ ${field.name} ${select(field.type, 1, isOperator)} }`;
    const { data, errors } = await gateway.send<Record<string, unknown>>(document);
    expect(errors).toEqual([]);
    if (query) record(query, data, seen);
  }
}

export function textsAt({ values }: Seen, name: string): string[] {
  return (values.get(name) ?? []).map(String);
}

/** Reads both PSUs as an operator sees them, and collects what is the other's alone. */
async function readScene() {
  const { world, sandbox, me, other, operator } = scene;
  const taskOf = (psuId: string) => {
    const { provider, reference } = firstOf(world.connectors, ({ id }) => id === scene.connectorId);
    return toTaskId(scene.connectorId, `delete-user-connection-sandbox-${provider}-${reference}-${psuId}`);
  };
  const startOf = (psuId: string) => [
    psuGlobalId(psuId),
    toGlobalId("Task", taskOf(psuId)),
    ...world.attempts.filter(({ psuID }) => psuID === psuId).map(attemptGlobalId),
  ];
  const own = await crawl(operator, startOf(me), true);
  const foreign = await crawl(operator, startOf(other), true);

  const rowsOf = (psuId: string) => {
    const rows = [world.connections, world.attempts, world.accounts, world.payments].flat();
    return [world.person(psuId), ...rows.filter(({ psuID }) => psuID === psuId)];
  };
  const everything = (seen: Seen, psuId: string) => leavesOf([[...seen.values.values()], rowsOf(psuId)]);
  const shared = new Set(everything(own, me));
  const markers: ReadonlySet<string> = new Set(
    everything(foreign, other).filter((leaf) => leaf.length > 1 && !shared.has(leaf)),
  );
  const longMarkers = [...markers].filter((leaf) => leaf.length >= 8);

  const isOwn = ({ psuID }: { readonly psuID: string }) => psuID === me;
  const spliced = [me, other, other.toUpperCase()].flatMap((psuID) =>
    world.connections.flatMap(({ connectorID }) => [
      ...world.connections.map(({ connectionID }) => connectionGlobalId({ psuID, connectorID, connectionID })),
      ...world.attempts.map(({ id }) => attemptGlobalId({ psuID, connectorID, id })),
    ]),
  );
  const real = new Set([
    ...world.connections.filter(isOwn).map(connectionGlobalId),
    ...world.attempts.filter(isOwn).map(attemptGlobalId),
  ]);
  const key = JSON.parse(Buffer.from(taskOf(other), "base64url").toString());
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const plainIds = ["PaymentServiceUser.psuId", "LinkAttempt.attemptId", "BankConnection.connectionId"];
  const upstreamIds = [...plainIds, "Account.accountId", "Payment.paymentId", "Task.taskId"];
  const nodeTypes = ["PaymentServiceUser", "BankConnection", "LinkAttempt", "Account", "Payment", "Task"];
  const foreignIds = [
    ...[...nodeTypes.map((type) => `${type}.id`), ...upstreamIds].flatMap((name) => textsAt(foreign, name).slice(0, 1)),
    other.toUpperCase(),
    encode({ ...key, Reference: `x-${me}`, reference: key.Reference }),
    encode({ ...key, Reference: `${key.Reference}-${me}` }),
  ];
  const splicedIds = [...new Set(spliced.filter((id) => !real.has(id)))];

  const lists = [await crawl(scene.theirs, [psuGlobalId(other)]), await crawl(operator, [psuGlobalId(other)], true)];
  for (const [at, gateway] of [scene.theirs, operator].entries()) {
    await readRoots(gateway, lists[at] ?? own, gateway === operator);
  }
  const { clientId, clientSecret } = sandbox;
  await using upstream = createUpstreamClient({
    url: new URL(sandbox.url),
    credentials: { kind: "client", clientId, clientSecret },
    timeoutMs: 5000,
    sockets: 1,
  });
  const calls = upstream.within({});
  const nextPages = await Promise.all([calls.accounts({ pageSize: 1 }), calls.payments({ pageSize: 1 })]);
  const foreignCursors = [
    // The last one of a full page holds a cursor of the service's, with its filter.
    ...lists.flatMap(({ cursors }) => [...cursors.values()].flatMap((all) => [...all.slice(0, 2), ...all.slice(-1)])),
    ...nextPages.flatMap(({ next }) => (next === null ? [] : [next])),
  ];
  return { own, foreign, markers, longMarkers, foreignIds, splicedIds, foreignCursors };
}

export const {
  /** What an operator sees of the viewer's PSU. */
  own,
  /** What an operator sees of the other PSU. */
  foreign,
  /** Texts and numbers that are the other PSU's alone. */
  markers,
  longMarkers,
  /** Ids of the other's, of every kind and spelling. */
  foreignIds,
  /** What can be spliced from the ids of the two. */
  splicedIds,
  foreignCursors,
} = await readScene();
