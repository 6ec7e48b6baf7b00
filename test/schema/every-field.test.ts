import {
  buildSchema,
  extendSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  parse,
} from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { toTaskId } from "../../sandbox/ids.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld, type World } from "../../sandbox/world.ts";
import { createMemoryEventBus } from "../../src/live/event-bus.ts";
import { toSchema } from "../../src/schema/index.ts";
import { createUpstreamClient } from "../../src/upstream/client.ts";
import { type ClientError, createTestGateway, psuViewer, type TestGateway } from "../support/helpers.ts";
import { attemptGlobalId, connectionGlobalId, firstOf, psuGlobalId } from "./global-ids.ts";

/**
 * Who may see what a field answers. At the roots `own`: the viewer's PSU and what hangs from it; `open`: whoever has a
 * token. Anywhere `operator`: refused to PSUs. Below the roots `value`: a plain part of its parent, whose rule it
 * shares; `way`: leads to other objects. `*` stands for a noun.
 */
type FieldRule = "own" | "open" | "operator" | "value" | "way";

const fieldRules: Readonly<Record<string, Partial<Record<FieldRule, string>>>> = {
  Query: {
    own: "viewer node nodes _entities paymentServiceUser connection linkAttempt account accounts payment payments task",
    open: "connector connectors",
    operator: "paymentServiceUsers _service",
  },
  Mutation: {
    // In an order in which one PSU can do all of them.
    own: "createLink updateLink deleteConnection deletePaymentServiceUserConnector forwardPaymentServiceUser deletePaymentServiceUser",
    operator: "createPaymentServiceUser",
  },
  Subscription: { own: "connectionChanged linkAttemptChanged taskChanged" },
  Node: { value: "id" },
  _Service: { operator: "sdl" },
  Viewer: { value: "subject scopes", way: "paymentServiceUser" },
  PaymentServiceUser: {
    value: "id psuId name createdAt metadata",
    way: "contactDetails address connections accounts linkAttempts payments",
  },
  ContactDetails: { value: "email phoneNumber locale" },
  Address: { value: "streetName streetNumber city region postalCode country" },
  Connector: { value: "id connectorId reference name provider createdAt" },
  BankConnection: {
    value:
      "id connectionId status error createdAt updatedAt dataUpdatedAt requiredAction consentExpiresAt isStale metadata",
    way: "paymentServiceUser connector accounts",
  },
  BankConnectionChange: { value: "kind connectionId at reason", way: "connection" },
  LinkAttempt: {
    value: "id attemptId status error clientRedirectUrl createdAt isExpired",
    way: "paymentServiceUser connector",
  },
  Account: {
    value: "id accountId reference name type provider defaultAsset createdAt metadata",
    way: "connector connection paymentServiceUser balances balanceHistory payments",
    operator: "raw",
  },
  Balance: { value: "createdAt lastUpdatedAt", way: "amount account" },
  Money: { value: "asset currency scale amount decimal formatted" },
  Payment: {
    value: "id paymentId reference type status scheme createdAt metadata",
    way: "amount initialAmount connector sourceAccount destinationAccount paymentServiceUser",
  },
  Task: { value: "id taskId status error createdAt updatedAt", way: "connector" },
  PageInfo: { value: "hasNextPage hasPreviousPage startCursor endCursor" },
  "*Page": { way: "edges nodes pageInfo" },
  "*Edge": { value: "cursor", way: "node" },
  LinkPayload: { value: "link", way: "attempt" },
  DeletePayload: { value: "deletedId", way: "task" },
  ForwardPaymentServiceUserPayload: { way: "paymentServiceUser connector" },
  CreatePaymentServiceUserPayload: { operator: "paymentServiceUser" },
};

const user = "PaymentServiceUser.id PaymentServiceUser.psuId";
const connector = "Connector.id Connector.connectorId";
const connection = "BankConnection.id";
const attempt = "LinkAttempt.id";
const account = "Account.id Account.accountId";
const payment = "Payment.id Payment.paymentId";
const task = "Task.id Task.taskId";
const anyNode = `PaymentServiceUser.id Connector.id ${connection} ${attempt} Account.id Payment.id Task.id`;
const anyEntity = `PaymentServiceUser.id Connector.id ${connection} Account.id`;
const page = { first: "plain", after: "cursor" };
const link = { clientRedirectUrl: "plain", applicationName: "plain", idempotencyKey: "key" };

/**
 * What an argument or a field of an input takes: values of the fields named here, by which it chooses; a `cursor`;
 * a `key` that its caller makes up; an `input` object; or `plain`, which names nothing.
 */
const givenRules: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Query.node": { id: anyNode },
  "Query.nodes": { ids: anyNode },
  "Query._entities": { representations: anyEntity },
  "Query.paymentServiceUser": { id: user },
  "Query.paymentServiceUsers": { ...page, filter: "input" },
  "Query.connector": { id: connector },
  "Query.connectors": { ...page, filter: "input" },
  "Query.connection": { id: connection },
  "Query.linkAttempt": { id: attempt },
  "Query.account": { id: account },
  "Query.accounts": { ...page, filter: "input" },
  "Query.payment": { id: payment },
  "Query.payments": { ...page, filter: "input" },
  "Query.task": { id: task },
  "PaymentServiceUser.connections": { connectorId: connector, status: "BankConnection.status" },
  "PaymentServiceUser.linkAttempts": { ...page, connectorId: connector, status: "LinkAttempt.status" },
  "PaymentServiceUser.payments": { ...page, filter: "input" },
  "Account.balances": { asset: "Money.asset" },
  "Account.balanceHistory": { ...page, asset: "Money.asset", from: "Balance.createdAt", to: "Balance.createdAt" },
  "Account.payments": { ...page, filter: "input" },
  "Money.formatted": { locale: "plain" },
  "Mutation.createPaymentServiceUser": { input: "input" },
  "Mutation.forwardPaymentServiceUser": { input: "input" },
  "Mutation.deletePaymentServiceUser": { input: "input" },
  "Mutation.deletePaymentServiceUserConnector": { input: "input" },
  "Mutation.createLink": { input: "input" },
  "Mutation.updateLink": { input: "input" },
  "Mutation.deleteConnection": { input: "input" },
  "Subscription.connectionChanged": { psuId: user, connectorId: connector },
  "Subscription.linkAttemptChanged": { id: attempt },
  "Subscription.taskChanged": { id: task },
  PaymentServiceUserFilter: { ids: user, metadata: "PaymentServiceUser.metadata" },
  ConnectorFilter: { provider: "Connector.provider", name: "Connector.name" },
  AccountFilter: {
    psuId: user,
    connectorId: connector,
    connectionId: connection,
    type: "Account.type",
    name: "Account.name",
    reference: "Account.reference",
    defaultAsset: "Account.defaultAsset",
    metadata: "Account.metadata",
  },
  PaymentFilter: {
    psuId: user,
    connectorId: connector,
    connectionId: connection,
    accountId: account,
    type: "Payment.type",
    status: "Payment.status",
    asset: "Money.asset",
    reference: "Payment.reference",
    metadata: "Payment.metadata",
  },
  CreateLinkInput: { psuId: user, connectorId: connector, ...link },
  UpdateLinkInput: { connectionId: connection, ...link },
  DeleteConnectionInput: { connectionId: connection },
  ForwardPaymentServiceUserInput: { psuId: user, connectorId: connector },
  DeletePaymentServiceUserConnectorInput: { psuId: user, connectorId: connector },
  DeletePaymentServiceUserInput: { psuId: user },
  CreatePaymentServiceUserInput: { name: "plain", contactDetails: "input", address: "input", metadata: "plain" },
  ContactDetailsInput: { email: "plain", phoneNumber: "plain", locale: "plain" },
  AddressInput: {
    streetName: "plain",
    streetNumber: "plain",
    city: "plain",
    region: "plain",
    postalCode: "plain",
    country: "plain",
  },
};

const schema = toSchema({ federation: true });
const rootTypes = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];

const namesIn = (text: string | undefined) => (text ?? "").split(" ").filter((name) => name !== "");
const patternOf = (typeName: string) =>
  typeName in fieldRules ? typeName : typeName.replace(/^(?!PageInfo).+(?=(Page|Edge)$)/, "*");

function ruleOf(typeName: string, field: string): FieldRule | undefined {
  const ofType = Object.entries(fieldRules[patternOf(typeName)] ?? {}) as [FieldRule, string][];
  return ofType.find(([, names]) => namesIn(names).includes(field))?.[0];
}

/** The rules that are missing, do not fit, or are of nothing, by name. */
function faultsOf(schema: GraphQLSchema): readonly string[] {
  const faults: string[] = [];
  const met = new Set<string>();
  const checkGiven = (at: string, name: string, type: GraphQLInputType) => {
    const rule = givenRules[at]?.[name];
    const coordinate = `${at}.${name}`;
    met.add(coordinate);
    if (rule === undefined) faults.push(`${coordinate} has no rule`);
    else if (isInputObjectType(getNamedType(type)) !== (rule === "input"))
      faults.push(`${coordinate}: ${rule} does not fit`);
    else if (isId(type) && !rule.includes(".")) faults.push(`${coordinate} takes an id of what?`);
    else if (name === "after" && rule !== "cursor") faults.push(`${coordinate} is no cursor?`);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) checkGiven(type.name, field.name, field.type);
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    const isRoot = ["Query", "Mutation", "Subscription"].includes(type.name);
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const rule = ruleOf(type.name, field.name);
      met.add(coordinate).add(`${patternOf(type.name)}.${field.name}`);
      for (const argument of field.args) checkGiven(coordinate, argument.name, argument.type);
      const fits = isRoot ? ["own", "open"] : isLeafType(getNamedType(field.type)) ? ["value"] : ["way"];
      if (rule === undefined) faults.push(`${coordinate} has no rule`);
      else if (rule !== "operator" && !fits.includes(rule)) faults.push(`${coordinate}: ${rule} does not fit`);
    }
  }
  const ruled = [
    ...Object.entries(fieldRules).flatMap(([type, rules]) =>
      Object.values(rules).flatMap((names) => namesIn(names).map((name) => `${type}.${name}`)),
    ),
    ...Object.entries(givenRules).flatMap(([at, rules]) => Object.keys(rules).map((name) => `${at}.${name}`)),
  ];
  return [...faults, ...ruled.filter((coordinate) => !met.has(coordinate)).map((name) => `${name} is not there`)];
}

type Field = GraphQLField<unknown, unknown>;

/** What routers name an entity by is its id with the type. */
const isRepresentation = (type: GraphQLInputType) => getNamedType(type).name === "_Any";
const isId = (type: GraphQLInputType) => getNamedType(type).name === "ID" || isRepresentation(type);
const asGiven = (type: GraphQLInputType, id: unknown) =>
  isRepresentation(type) ? { __typename: typeNameOf(String(id)), id } : id;

const isNode = (type: GraphQLOutputType | GraphQLObjectType) => {
  const named = getNamedType(type);
  return isObjectType(named) && named.getInterfaces().some(({ name }) => name === "Node");
};

const typeNameOf = (globalId: string) => Buffer.from(globalId, "base64url").toString().split(":")[0] ?? "";
const isNodeId = (id: string) => /^(?!Node$)\w+$/.test(typeNameOf(id)) && schema.getType(typeNameOf(id)) !== undefined;

/** What was read of a PSU, by the field that answered it. */
type Seen = {
  readonly values: Map<string, unknown[]>;
  /** Every field that answered something. */
  readonly met: Set<string>;
  /** By the list that gave them. */
  readonly cursors: Map<string, string[]>;
};

const toSeen = (): Seen => ({ values: new Map(), met: new Set(), cursors: new Map() });

function put<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else if (!values.includes(value)) values.push(value);
}

function record(type: GraphQLOutputType, value: unknown, seen: Seen, list = ""): void {
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
function leavesOf(value: unknown): readonly string[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leavesOf);
}

/** Makes every field of a PSU's rows hold something, and texts that nobody else's hold. */
function mark(world: World, psuID: string, connectorID: string, country: string): void {
  const person = world.person(psuID);
  const of = (noun: string) => `${noun} of ${person?.name}`;
  const text = (noun: string, at: number) => ({
    metadata: { note: `${of(noun)} noted ${at}` },
    name: `${of(noun)} named ${at}`,
  });
  Object.assign(person ?? {}, {
    metadata: { note: of("note") },
    contactDetails: { email: of("email"), phoneNumber: of("phone"), locale: `${country.toLowerCase()}_${country}` },
    address: {
      streetName: of("street"),
      streetNumber: of("number"),
      city: of("city"),
      region: of("region"),
      postalCode: of("code"),
      country,
    },
  });
  const isOwn = (row: { readonly psuID: string | null }) => row.psuID === psuID;
  const accounts = world.accounts.filter(isOwn);
  for (const [at, row] of world.connections.filter(isOwn).entries()) {
    const broken = { status: "ERROR", error: of("failure") };
    Object.assign(row, { metadata: text("connection", at).metadata }, at === 0 ? broken : {});
  }
  for (const [at, row] of accounts.entries())
    Object.assign(row, text("account", at), { raw: { raw: of(`raw ${at}`) } });
  for (const [at, row] of world.payments.filter(isOwn).entries()) {
    const destinationAccountID = accounts[at % accounts.length]?.id ?? null;
    Object.assign(row, { metadata: text("payment", at).metadata, destinationAccountID });
  }
  const clientRedirectURL = `https://app.example.com/${psuID}`;
  const { attemptID } = world.links.create({
    psuID,
    connectorID,
    key: null,
    applicationName: "Name",
    clientRedirectURL,
  });
  const attempts = world.attempts.filter(({ id }) => id === attemptID);
  for (const row of attempts) Object.assign(row, { status: "exited", error: of("refusal") });
  // It fails, and its task stays.
  world.deletions.connection(psuID, connectorID, "no-such-connection");
}

const startedAt = new Date();

/** Equal each time. Two PSUs with the same kinds of data, one gateway for each and one for an operator, with one seal for cursors. */
async function stage() {
  const clock = createManualClock(startedAt);
  const world = createWorld({ clock, size: { people: 2, connectionsEach: 2, accountsEach: 2 } });
  const sandbox = await startSandbox({ world });
  const [me = "", other = ""] = world.people.map(({ id }) => id);
  const connectorId = firstOf(world.connectors, ({ provider }) => provider === "plaid").id;
  const bus = createMemoryEventBus();
  for (const psuId of [me, other]) {
    mark(world, psuId, connectorId, psuId === me ? "DE" : "FR");
    for (const row of world.connections.filter(({ psuID }) => psuID === psuId)) {
      const consent = { psuId, connectorId: row.connectorID, connectionId: row.connectionID };
      await bus.consents.keep(consent, new Date(Date.now() + 9e8).toISOString());
    }
  }
  clock.advance(1000);
  const shared = { bus, cursorSecret: "the same for all of these gateways", guards: { schema } };
  // An operator's scopes make no operator of a PSU.
  const scopes = ["payments:read", "payments:write"];
  const mine = createTestGateway(sandbox, { ...shared, viewer: { ...psuViewer(me), scopes } });
  const theirs = createTestGateway(sandbox, { ...shared, viewer: psuViewer(other) });
  const operator = createTestGateway(sandbox, shared);
  return {
    ...{ clock, world, sandbox, me, other, connectorId, mine, theirs, operator },
    async [Symbol.asyncDispose]() {
      for (const gateway of [mine, theirs, operator, sandbox]) await gateway[Symbol.asyncDispose]();
    },
  };
}

type Stage = Awaited<ReturnType<typeof stage>>;

let scene: Stage;
/** What an operator sees of each PSU. */
let own: Seen;
let foreign: Seen;
/** Texts and numbers that are the other PSU's alone. */
let markers: ReadonlySet<string>;
let longMarkers: readonly string[];
/** Ids of the other's, of every kind and spelling. */
let foreignIds: readonly string[];
/** What can be spliced from the ids of the two. */
let splicedIds: readonly string[];
let foreignCursors: readonly string[];

const nodeId = (id: string) => `node(id: ${JSON.stringify(id)})`;

/** All that a viewer may select of a type, over so many steps from node to node. */
function select(type: GraphQLOutputType, hops: number, isOperator = false): string {
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
async function crawl(gateway: TestGateway, start: readonly string[], isOperator = false): Promise<Seen> {
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
    const ids = [...seen.values].flatMap(([name, values]) => (/\.id$/.test(name) ? values.map(String) : []));
    next = ids.filter((id) => !known.has(id));
  }
  return seen;
}

/** Reads every field of Query that needs no argument. */
async function readRoots(gateway: TestGateway, seen: Seen, isOperator = false): Promise<void> {
  const query = schema.getQueryType();
  for (const field of Object.values(query?.getFields() ?? {})) {
    if (field.args.some(isRequiredArgument) || (!isOperator && ruleOf("Query", field.name) === "operator")) continue;
    const document = `{ ${field.name} ${select(field.type, 1, isOperator)} }`;
    const { data, errors } = await gateway.send<Record<string, unknown>>(document);
    expect(errors).toEqual([]);
    if (query) record(query, data, seen);
  }
}

beforeAll(async () => {
  scene = await stage();
  const { world, sandbox, me, other, operator } = scene;
  const taskOf = (psuId: string) => {
    const { provider, reference } = firstOf(world.connectors, ({ id }) => id === scene.connectorId);
    return toTaskId(scene.connectorId, `delete-user-connection-sandbox-${provider}-${reference}-${psuId}`);
  };
  const startOf = (psuId: string) => [
    psuGlobalId(psuId),
    Buffer.from(`Task:${taskOf(psuId)}`).toString("base64url"),
    ...world.attempts.filter(({ psuID }) => psuID === psuId).map(attemptGlobalId),
  ];
  own = await crawl(operator, startOf(me), true);
  foreign = await crawl(operator, startOf(other), true);

  const rowsOf = (psuId: string) => {
    const rows = [world.connections, world.attempts, world.accounts, world.payments].flat();
    return [world.person(psuId), ...rows.filter(({ psuID }) => psuID === psuId)];
  };
  const everything = (seen: Seen, psuId: string) => leavesOf([[...seen.values.values()], rowsOf(psuId)]);
  const shared = new Set(everything(own, me));
  markers = new Set(everything(foreign, other).filter((leaf) => leaf.length > 1 && !shared.has(leaf)));
  longMarkers = [...markers].filter((leaf) => leaf.length >= 8);

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
  foreignIds = [...nodeTypes.map((type) => `${type}.id`), ...upstreamIds].flatMap((name) => idsAt(name).slice(0, 1));
  foreignIds = [
    ...foreignIds,
    other.toUpperCase(),
    encode({ ...key, Reference: `x-${me}`, reference: key.Reference }),
    encode({ ...key, Reference: `${key.Reference}-${me}` }),
  ];
  splicedIds = [...new Set(spliced.filter((id) => !real.has(id)))];

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
  foreignCursors = [
    // The last one of a full page holds a cursor of the service's, with its filter.
    ...lists.flatMap(({ cursors }) => [...cursors.values()].flatMap((all) => [...all.slice(0, 2), ...all.slice(-1)])),
    ...nextPages.flatMap(({ next }) => (next === null ? [] : [next])),
  ];
});
afterAll(() => scene[Symbol.asyncDispose]());

function idsAt(name: string): string[] {
  return (foreign.values.get(name) ?? []).map(String);
}

/**
 * The other's values in an answer. What the request itself has sent may come back in the words of an error, but not as
 * data.
 */
function foreignIn(answer: { readonly data: unknown; readonly errors: readonly ClientError[] }, sent: unknown = null) {
  let told = JSON.stringify(answer.errors);
  for (const text of leavesOf(sent)) told = told.replaceAll(text, "");
  const shown = JSON.stringify(answer.data);
  return [
    ...leavesOf([answer.data, JSON.parse(told)]).filter((leaf) => markers.has(leaf)),
    ...longMarkers.filter((text) => shown.includes(text) || told.includes(text)),
  ];
}

/** A place for a value: an argument, or a field of an input below one. */
type Given = { readonly path: readonly string[]; readonly rule: string; readonly type: GraphQLInputType };

function givensOf(at: string, given: readonly (GraphQLArgument | GraphQLInputField)[]): readonly Given[] {
  return given.flatMap(({ name, type }): readonly Given[] => {
    const input = getNamedType(type);
    if (!isInputObjectType(input)) return [{ path: [name], rule: givenRules[at]?.[name] ?? "", type }];
    const inner = givensOf(input.name, Object.values(input.getFields()));
    return inner.map((one) => ({ ...one, path: [name, ...one.path] }));
  });
}

const takesId = ({ type }: Given) => isId(type);
const choosesPerson = ({ rule }: Given) => rule.includes(".") && !rule.startsWith("Connector.");

/** The other's values for a place; every id of theirs where an id goes. */
function foreignValues(given: Given): readonly unknown[] {
  if (given.rule === "cursor") return foreignCursors;
  if (given.rule === "key") return idsAt("LinkAttempt.attemptId");
  if (!given.rule.includes(".")) return [];
  // Two of a kind are enough: they differ in nothing but their place in a list.
  const fitting = namesIn(given.rule).flatMap((name) => {
    // A connector is everybody's.
    const isOpen = takesId(given) && name.startsWith("Connector.");
    return isOpen ? [] : (foreign.values.get(name) ?? []).slice(0, 2);
  });
  if (!takesId(given)) return fitting;
  const fittingSplices = splicedIds.filter((id) => namesIn(given.rule).some((kind) => isOf(kind, id)));
  return [...new Set([...foreignIds, ...fitting, ...fittingSplices])].map((id) => asGiven(given.type, id));
}

const asListed = (type: GraphQLInputType, value: unknown) => (isListType(getNullableType(type)) ? [value] : value);

/** The viewer's own value for a place. */
function ownValue(rule: string, type: GraphQLInputType): unknown {
  const [value] = namesIn(rule).flatMap((name) => own.values.get(name) ?? []);
  if (rule === connector) return scene.connectorId;
  if (value !== undefined) return asListed(type, asGiven(type, value));
  return getNamedType(type).name === "URL" ? "https://app.example.com/" : "some text";
}

/** Arguments with a value at `path` and the viewer's own wherever one must stand; with `all`, wherever an id can. */
function fill(
  at: string,
  given: readonly (GraphQLArgument | GraphQLInputField)[],
  [head, ...rest]: readonly string[],
  value: unknown,
  all = false,
): Record<string, unknown> {
  const entries = given.flatMap((place): [string, unknown][] => {
    const { name, type } = place;
    const input = getNamedType(type);
    // Plaid wants the name of the application, which is no more than a word.
    const isRequired = (isNonNullType(type) && place.defaultValue === undefined) || name === "applicationName";
    if (isInputObjectType(input)) {
      if (name !== head && !isRequired) return [];
      const inner = fill(input.name, Object.values(input.getFields()), name === head ? rest : [], value, all);
      return [[name, inner]];
    }
    if (name === head) return [[name, asListed(type, value)]];
    if (!isRequired && !(all && input.name === "ID")) return [];
    return [[name, ownValue(givenRules[at]?.[name] ?? "", type)]];
  });
  return Object.fromEntries(entries);
}

/** A document that asks for one field with its arguments as variables, at the root or of an object of the viewer's. */
function ask(type: GraphQLObjectType, field: Field, sent: unknown): string {
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(", ");
  const declared = field.args.map((argument) => `$${argument.name}: ${argument.type}`).join(", ");
  const abstract = getNamedType(field.type);
  const isPossible = (name: string) =>
    isAbstractType(abstract) && schema.getPossibleTypes(abstract).some((type) => type.name === name);
  const [named = "Account"] = leavesOf(sent).filter(isNodeId).map(typeNameOf).filter(isPossible);
  const selection = isAbstractType(abstract)
    ? `{ __typename ... on ${named} ${select(schema.getType(named) as GraphQLObjectType, 0)} }`
    : select(field.type, 1);
  const asked = `${field.name}(${passed}) ${selection}`;
  if (!rootTypes.includes(type)) {
    const [id] = own.values.get(`${type.name}.id`) ?? [];
    return `query(${declared}) { ${nodeId(String(id))} { ... on ${type.name} { ${asked} } } }`;
  }
  const operation = type.name.toLowerCase();
  return declared === "" ? `${operation} { ${field.name} ${selection} }` : `${operation}(${declared}) { ${asked} }`;
}

/** Whether a field answered with nothing: null, an empty list or an empty page, wherever it stands. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.every(isNothing);
  if (typeof value !== "object") return false;
  const { edges, nodes, pageInfo, __typename, ...rest } = value as Record<string, unknown>;
  if (edges !== undefined) return isNothing(edges) && isNothing(nodes);
  return Object.values(rest).every(isNothing) && pageInfo === undefined && __typename === undefined;
}

const codesOf = (errors: readonly ClientError[]) => errors.map(({ extensions }) => extensions.code);

/** Every field of these types that takes arguments, by name. */
function fieldsOf(types: readonly (GraphQLObjectType | null | undefined)[]) {
  return types.flatMap((type) =>
    Object.values(type?.getFields() ?? {}).flatMap((field) => {
      const name = `${type?.name}.${field.name}`;
      return type && field.args.length > 0 ? [{ name, type, field, rule: ruleOf(type.name, field.name) }] : [];
    }),
  );
}

const objectTypes = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !isIntrospectionType(type),
);

describe("the table of rules", () => {
  it("has one for every field, argument and input field, and none for what is not there", () => {
    expect(faultsOf(schema)).toEqual([]);
  });

  it("names what was added without one, and what is gone", () => {
    const more = extendSchema(
      schema,
      parse(`
        extend type Account { newField: String, newAccounts(of: ID): [Account!] }
        extend input AccountFilter { newId: ID }
        extend type Query { news(id: ID!): NewType }
        type NewType { text: String }
      `),
    );
    expect(faultsOf(more).toSorted()).toEqual([
      "Account.newAccounts has no rule",
      "Account.newAccounts.of has no rule",
      "Account.newField has no rule",
      "AccountFilter.newId has no rule",
      "NewType.text has no rule",
      "Query.news has no rule",
      "Query.news.id has no rule",
    ]);
    const fewer = buildSchema("type Query { node(id: ID!): Node } interface Node { id: ID! }");
    expect(faultsOf(fewer)).toEqual(
      expect.arrayContaining(["Query.viewer is not there", "Task.taskId is not there", "Query.nodes.ids is not there"]),
    );
  });
});

describe("the stage", () => {
  it("has something in every field of both PSUs, and hundreds of texts that are only the other's", () => {
    const fields = objectTypes
      .filter(isNode)
      .flatMap((type) => Object.keys(type.getFields()).map((name) => [type, name]));
    const names = fields.map(([type, name]) => `${type}.${name}`);
    expect(names.filter((name) => !own.met.has(name))).toEqual([]);
    expect(names.filter((name) => !foreign.met.has(name))).toEqual([]);
    expect(markers.size).toBeGreaterThan(200);
    expect(foreignIds.length).toBeGreaterThan(12);
    expect(splicedIds.length).toBeGreaterThan(20);
    expect(foreignCursors.length).toBeGreaterThan(20);
  });
});

describe("a PSU", () => {
  it("reaches all of its own, by every field, and nothing of another's", async () => {
    const seen = await crawl(scene.mine, [psuGlobalId(scene.me), ...(own.values.get("Task.id") ?? []).map(String)]);
    await readRoots(scene.mine, seen);
    expect(foreignIn({ data: [...seen.values], errors: [] })).toEqual([]);
    for (const name of [...own.values.keys()].filter((name) => name.endsWith(".id"))) {
      const wanted = own.values.get(name)?.map(String).toSorted();
      // The lists of connectors show those that nobody has used yet, too.
      const found = seen.values.get(name)?.map(String).toSorted();
      if (!name.startsWith("Connector.")) expect([name, found]).toEqual([name, wanted]);
    }
    // What the crawl does not ask for: lookups by each field that wants an id.
    for (const { name, type, field } of fieldsOf([schema.getQueryType()])) {
      if (!field.args.some(isRequiredArgument)) continue;
      const { data, errors } = await scene.mine.send(ask(type, field, null), fill(name, field.args, [], null));
      expect([name, errors]).toEqual([name, []]);
      record(type, data, seen);
    }
    const isElsewhere = (type: string) =>
      /Payload$|Change$|^Mutation$|^Subscription$|^PaymentServiceUser(Page|Edge)$/.test(type);
    const fields = objectTypes.flatMap((type) =>
      Object.keys(type.getFields()).map((field) => [type.name, field] as const),
    );
    const allowed = fields.filter(([type, field]) => !isElsewhere(type) && ruleOf(type, field) !== "operator");
    expect(allowed.map((names) => names.join(".")).filter((name) => !seen.met.has(name))).toEqual([]);
  });

  const queries = fieldsOf([schema.getQueryType(), ...objectTypes.filter((type) => !rootTypes.includes(type))]);

  it.each(queries.filter(({ rule }) => rule !== "operator"))(
    "gets nothing of another's from $name",
    async ({ name, type, field }) => {
      for (const given of givensOf(name, field.args)) {
        for (const value of foreignValues(given)) {
          for (const all of given.path.length > 1 && takesId(given) ? [false, true] : [false]) {
            const variables = fill(name, field.args, given.path, value, all);
            const answer = await scene.mine.send(ask(type, field, value), variables);
            const told = { name, given: given.path.join("."), value, errors: answer.errors };
            expect({ ...told, foreign: foreignIn(answer, variables) }).toEqual({ ...told, foreign: [] });
            const codes = codesOf(answer.errors);
            expect({ ...told, codes: codes.filter((code) => code !== "BAD_USER_INPUT") }).toEqual({
              ...told,
              codes: [],
            });
            if (!takesId(given) && given.rule !== "cursor") continue;
            expect({ ...told, data: isNothing(answer.data) }).toEqual({ ...told, data: true });
            if (given.rule === "cursor") expect({ ...told, codes }).toEqual({ ...told, codes: ["BAD_USER_INPUT"] });
          }
        }
      }
    },
  );

  it("is refused what is for operators, before anything is read", async () => {
    const refused = objectTypes.flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => ruleOf(type.name, field.name) === "operator" && type !== schema.getSubscriptionType())
        .map((field) => ({ type, field, name: `${type.name}.${field.name}` })),
    );
    expect(refused.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Query.paymentServiceUsers", "Account.raw"]),
    );
    for (const { type, field, name } of refused) {
      // What a refused field would answer can't be reached by anything else.
      if (!rootTypes.includes(type) && !isNode(type)) continue;
      const places = [undefined, ...givensOf(name, field.args).filter((given) => foreignValues(given).length > 0)];
      for (const given of places) {
        const value = given === undefined ? undefined : foreignValues(given)[0];
        const variables = fill(name, field.args, given?.path ?? [], value);
        const [id] = own.values.get(`${type.name}.id`) ?? [];
        const document =
          field.args.length > 0 || rootTypes.includes(type)
            ? ask(type, field, value)
            : `{ ${nodeId(String(id))} { ... on ${type.name} { ${field.name} } } }`;
        let answer = await scene.mine.send(document, variables);
        const calls = await scene.mine.calls(async () => {
          answer = await scene.mine.send(document, variables);
        });
        expect([name, codesOf(answer.errors), foreignIn(answer, variables)]).toEqual([name, ["FORBIDDEN"], []]);
        expect(isNothing(answer.data)).toBe(true);
        if (rootTypes.includes(type)) expect(calls).toEqual([]);
      }
    }
  });

  it.each(fieldsOf([schema.getSubscriptionType()]))(
    "is told nothing of another's by $name",
    async ({ name, type, field }) => {
      for (const given of givensOf(name, field.args)) {
        await Promise.all(
          foreignValues(given).map(async (value) => {
            const variables = fill(name, field.args, given.path, value);
            await using stream = scene.mine.subscribe(ask(type, field, value), variables);
            const codes = await stream.codes();
            expect([name, value, codes]).toEqual([
              name,
              value,
              [expect.stringMatching(/^(NOT_FOUND|BAD_USER_INPUT)$/)],
            ]);
            const [message] = stream.messages;
            expect(message && foreignIn(message, variables)).toEqual([]);
            expect(isNothing(message?.data)).toBe(true);
          }),
        );
      }
    },
  );

  it.each(fieldsOf([schema.getMutationType()]))(
    "changes nothing of another's by $name",
    async ({ name, type, field, rule }) => {
      const { world, other, clock } = scene;
      const theirs = () => {
        const rows = [world.connections, world.attempts, world.accounts, world.payments].flat();
        return structuredClone([world.person(other), ...rows.filter(({ psuID }) => psuID === other)]);
      };
      const before = theirs();
      for (const given of givensOf(name, field.args)) {
        for (const value of foreignValues(given)) {
          const variables = fill(name, field.args, given.path, value);
          let answer: Awaited<ReturnType<TestGateway["send"]>> = { status: 0, data: null, errors: [] };
          const calls = await scene.mine.calls(async () => {
            answer = await scene.mine.send(ask(type, field, value), variables);
          });
          const told = { name, given: given.path.join("."), value };
          expect({ ...told, foreign: foreignIn(answer, variables) }).toEqual({ ...told, foreign: [] });
          // A key is the viewer's own word: it makes an attempt of its own, whoever else uses the same.
          if (given.rule === "key") continue;
          const isOfKind = choosesPerson(given) && namesIn(given.rule).some((kind) => isOf(kind, String(value)));
          const refusals =
            rule === "operator" ? /^FORBIDDEN$/ : isOfKind ? /^NOT_FOUND$/ : /^(NOT_FOUND|BAD_USER_INPUT)$/;
          expect({ ...told, codes: codesOf(answer.errors) }).toEqual({
            ...told,
            codes: [expect.stringMatching(refusals)],
          });
          expect({ ...told, data: answer.data, writes: calls.filter(({ method }) => method !== "GET") }).toEqual({
            ...told,
            data: null,
            writes: [],
          });
        }
      }
      clock.advance(10_000);
      expect(theirs()).toEqual(before);
    },
  );
});

/** Whether a value can be one that this field answers. */
function isOf(coordinate: string, value: string): boolean {
  const [type = "", field = ""] = coordinate.split(".");
  return field === "id" ? typeNameOf(value) === type : idsAt(coordinate).includes(value.toLowerCase());
}

describe("the same values", () => {
  it.each(fieldsOf([schema.getQueryType()]).filter(({ rule }) => rule !== "open"))(
    "find what is the other's for an operator, by $name",
    async ({ name, type, field }) => {
      for (const given of givensOf(name, field.args).filter((one) => choosesPerson(one) || one.rule === "cursor")) {
        let found = 0;
        for (const value of foreignValues(given)) {
          const variables = fill(name, field.args, given.path, value);
          const { data } = await scene.operator.send(ask(type, field, value), variables);
          found += foreignIn({ data, errors: [] }).length;
          if (found > 0) break;
        }
        expect([name, given.path, found > 0]).toEqual([name, given.path, true]);
      }
    },
  );
});

describe("a PSU that uses all that it may", () => {
  it("is answered, in every field, with what is its own", async () => {
    await using scene = await stage();
    const { mine, clock, world } = scene;
    const seen = toSeen();
    const mutation = schema.getMutationType();
    const subscription = schema.getSubscriptionType();
    for (const { name, type, field } of fieldsOf([subscription])) {
      await using stream = mine.subscribe<object, object>(ask(type, field, null), fill(name, field.args, [], null));
      for (const data of await stream.first(1)) if (subscription) record(subscription, data, seen);
    }
    for (const step of namesIn(fieldRules["Mutation"]?.own)) {
      const field = mutation?.getFields()[step];
      if (mutation === undefined || mutation === null || field === undefined) continue;
      const name = `Mutation.${step}`;
      const { data, errors } = await mine.send(ask(mutation, field, null), fill(name, field.args, [], null));
      expect([name, errors]).toEqual([name, []]);
      record(mutation, data, seen);
      clock.advance(1000);
    }
    expect(world.people.map(({ id }) => id)).toEqual([scene.other]);
    expect(foreignIn({ data: [...seen.values], errors: [] })).toEqual([]);
    const names = objectTypes.flatMap((type) => {
      if (!/Payload$|Change$|^Mutation$|^Subscription$/.test(type.name)) return [];
      const allowed = Object.keys(type.getFields()).filter((name) => ruleOf(type.name, name) !== "operator");
      return allowed.map((name) => `${type.name}.${name}`);
    });
    expect(names.filter((name) => !seen.met.has(name))).toEqual([]);
  });
});
