import { createHmac } from "node:crypto";
import fc, { type Arbitrary } from "fast-check";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { createAuthenticate } from "../../src/auth/authenticate.ts";
import type { Viewer } from "../../src/auth/viewer.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { toSchema } from "../../src/schema/index.ts";
import { createTestGateway, operator, psuViewer, type TestGateway } from "../support/helpers.ts";
import { accountGlobalId, attemptGlobalId, connectionGlobalId, connectorGlobalId, psuGlobalId } from "./global-ids.ts";

const schema = toSchema();
// Its clock stands still: what is deleted is on its way and never gone.
const world = createWorld({ clock: createManualClock(new Date()) });
for (const { psuID, connectorID } of world.connections)
  world.deletions.connection(psuID, connectorID, "no-such-connection");
const taskIds = world.events.flatMap(({ payload }) => {
  const { id } = payload as { readonly id?: unknown };
  return typeof id === "string" && world.task(id) !== undefined ? [id] : [];
});

/** As it was at first: operators create more. */
const people = [...world.people];

/** Real ids of everybody's, by the type that they name, as the graph writes them and as the service does. */
const payments = world.payments.filter((_row, at) => at % 10 === 0);
const ids: Readonly<Record<string, readonly string[]>> = {
  PaymentServiceUser: people.flatMap(({ id }) => [psuGlobalId(id), id]),
  Connector: world.connectors.flatMap(({ id }) => [connectorGlobalId(id), id]),
  BankConnection: world.connections.map(connectionGlobalId),
  LinkAttempt: world.attempts.map(attemptGlobalId),
  Account: world.accounts.flatMap(({ id }) => [accountGlobalId(id), id]),
  Payment: payments.flatMap(({ id }) => [toGlobalId("Payment", id), id]),
  Task: [...new Set(taskIds)].flatMap((id) => [toGlobalId("Task", id), id]),
};
const allIds = Object.values(ids).flat();

/** What a task is about: the end of it names its PSU. */
function namesTask(id: string): string {
  const upstream = Buffer.from(id, "base64url")
    .toString()
    .replace(/^Task:/, "");
  const { Reference = "" } = JSON.parse(
    upstream.startsWith("{") ? upstream : Buffer.from(upstream, "base64url").toString(),
  );
  return Reference;
}

const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

/** Whose text it is, of those that only one person's rows hold; words in capitals are kinds, states and assets. */
const owners = new Map<string, string | null>();
/** Those of them that are looked for inside of other texts, too. */
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
    if (text.length >= 5 && !/^[A-Z_-]+(\/\d+)?$/.test(text)) owners.set(text, owners.has(text) ? null : id);
  }
  const { name, contactDetails } = world.person(id) ?? {};
  for (const text of [id, ...globalIds.slice(0, 20), ...textsOf([name, contactDetails])]) names.set(text, id);
}
for (const text of textsOf([world.connectors, world.accounts.filter(({ psuID }) => psuID === null)]))
  owners.set(text, null);
for (const text of names.keys()) if ((owners.get(text) ?? null) === null) names.delete(text);

/** The persons, other than the viewer, of whom an answer tells something; nothing counts that its own request told. */
function toldOf(viewer: Viewer, { data, errors }: Told, sent: string): readonly string[] {
  const isForeign = (owner: string | null | undefined) => owner != null && owner !== viewer.psuId;
  const found = (value: unknown) => {
    const text = JSON.stringify(value) ?? "";
    const within = [...names].filter(([name, owner]) => isForeign(owner) && text.includes(name)).map(([name]) => name);
    return [...textsOf(value).filter((leaf) => isForeign(owners.get(leaf))), ...within];
  };
  return [...found(data), ...found(errors).filter((text) => !sent.includes(text))];
}

type Told = {
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
};

const viewers: readonly Viewer[] = [
  ...people.map(({ id }) => psuViewer(id)),
  ...[["payments:read", "payments:write"], ["payments:read"], ["payments:write"], []].map((scopes) => ({
    ...operator,
    scopes,
  })),
];

let sandbox: Sandbox;
let gateway: TestGateway;
let cursors: readonly string[];
beforeAll(async () => {
  sandbox = await startSandbox({ world });
  // In these tests a token is the place of its viewer in the list.
  gateway = createTestGateway(sandbox, {
    authenticate: async (authorization) => viewers[Number(authorization)] ?? operator,
  });
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
  cursors = [...longest.slice(0, 40), ...longest.slice(-20)];
  expect(cursors.length).toBeGreaterThan(40);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

async function post(authorization: number | string, query: string, variables: object = {}): Promise<Told> {
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

const codesOf = ({ errors = [] }: Told) => errors.map(({ extensions }) => extensions.code);

const harmless = new Set([
  "BAD_USER_INPUT",
  "NOT_FOUND",
  "CONFLICT",
  "FORBIDDEN",
  "UNAUTHENTICATED",
  "RATE_LIMITED",
  "QUERY_TOO_COMPLEX",
]);

function expectHarmless(answer: Told): void {
  expect(answer.status).toBeLessThan(500);
  expect(codesOf(answer).filter((code) => !harmless.has(code))).toEqual([]);
}

/** Fewer runs on a machine that is busy: what counts are all runs of all days. The seed of a failure is printed. */
const within = (numRuns: number): fc.Parameters<unknown> => ({ numRuns, interruptAfterTimeLimit: 3500 });

/** Real texts, changed a little. */
function mutated(real: Arbitrary<string>): Arbitrary<string> {
  const place = fc.nat({ max: 400 });
  const character = fc.oneof(fc.constantFrom(..."=-_.:/+ \0\"'{}%Aa0é𝕏"), fc.string({ unit: "binary", maxLength: 2 }));
  const changed = fc.tuple(real, real, place, character, fc.nat({ max: 7 })).map(([text, other, at, with_, kind]) => {
    const here = at % (text.length + 1);
    switch (kind) {
      case 0:
        return text.slice(0, here) + with_ + text.slice(here + 1);
      case 1:
        return text.slice(0, here) + with_ + text.slice(here);
      case 2:
        return text.slice(0, here);
      case 3:
        return text.slice(0, here) + other.slice(here);
      case 4:
        return at % 2 === 0 ? text.toUpperCase() : text.toLowerCase();
      case 5:
        return text.repeat(1 + (at % 20));
      default: {
        const inside = Buffer.from(text, "base64url").toString("latin1");
        const spot = at % (inside.length + 1);
        const otherInside = Buffer.from(other, "base64url").toString("latin1");
        const rest = kind === 6 ? with_ + inside.slice(spot + 1) : otherInside.slice(spot);
        return Buffer.from(inside.slice(0, spot) + rest, "latin1").toString("base64url");
      }
    }
  });
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 2, arbitrary: real }, { weight: 1, arbitrary: anyText });
}

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.base64String(),
  fc.uuid(),
  fc.json(),
  fc.json().map((text) => Buffer.from(text).toString("base64url")),
  fc.constantFrom("__proto__", "constructor", "null", "../..", "%2e%2e%2f", "' OR 1=1 --", "a".repeat(5000)),
);

const words = [
  ...people.flatMap(({ name, metadata }) => [name, ...textsOf(metadata)]),
  ...world.accounts.flatMap(({ name, reference }) => [name ?? "", reference]),
  ...payments.map(({ reference }) => reference),
  ..."EUR/2 USD/2 JPY SUCCEEDED PAYOUT PAY-IN plaid tink Tink de-DE en xx 2026-01-01T00:00:00Z".split(" "),
];

/** An id spliced from those of several people. */
const spliced = fc
  .tuple(
    fc.constantFrom(...people),
    fc.constantFrom(...world.connectors),
    fc.constantFrom(...world.connections, ...world.attempts),
  )
  .map(([{ id: psuID }, { id: connectorID }, row]) =>
    "connectionID" in row
      ? connectionGlobalId({ psuID, connectorID, connectionID: row.connectionID })
      : attemptGlobalId({ psuID, connectorID, id: row.id }),
  );

/** Which ids an argument wants, by its name or by what its field leads to. */
function wantedBy(name: string, field: string): string | null {
  const byName: Readonly<Record<string, string>> = {
    psuId: "PaymentServiceUser",
    connectorId: "Connector",
    connectionId: "BankConnection",
    accountId: "Account",
    linkAttemptChanged: "LinkAttempt",
    taskChanged: "Task",
  };
  const type = getNamedType(schema.getQueryType()?.getFields()[field]?.type ?? null);
  const wanted = byName[name] ?? byName[field] ?? type?.name ?? "";
  return wanted in ids ? wanted : null;
}

/** Puts the caller's own ids where a document asks for them. */
function fillIn(document: string, { psuId }: Viewer): string {
  return document.replaceAll(/"own (\w+) (\d+)"/g, (_, type: string, at: string) => {
    const some = ids[type] ?? allIds;
    const own = some.filter((id) => psuId === null || type === "Connector" || owners.get(id) === psuId);
    return JSON.stringify(own[Number(at) % own.length] ?? some[0]);
  });
}

/** Literals of a type, as GraphQL writes them. */
function literal(type: GraphQLInputType, name: string, field: string): Arbitrary<string> {
  const wanted = getNullableType(type);
  if (isListType(wanted)) {
    const items = fc.array(literal(wanted.ofType, name, field), { minLength: 1, maxLength: 3 });
    return items.map((texts) => `[${texts.join(", ")}]`);
  }
  if (isEnumType(wanted)) return fc.constantFrom(...wanted.getValues().map((value) => value.name));
  if (isInputObjectType(wanted)) return given(Object.values(wanted.getFields()), field).map((text) => `{ ${text} }`);
  const written = (texts: Arbitrary<string>) => texts.map((text) => JSON.stringify(text));
  const word = fc.constantFrom(...words);
  if (name === "after") return written(fc.constantFrom(...cursors));
  switch (getNamedType(type).name) {
    case "ID": {
      const kind = wantedBy(name, field);
      const kinds = fc.constantFrom(...(kind === null ? Object.keys(ids) : [kind]));
      return written(
        fc.oneof(
          { weight: 6, arbitrary: fc.tuple(kinds, fc.nat({ max: 9 })).map(([type, at]) => `own ${type} ${at}`) },
          { weight: 4, arbitrary: fc.constantFrom(...(ids[kind ?? ""] ?? allIds)) },
          { weight: 1, arbitrary: fc.constantFrom(...allIds) },
          { weight: 1, arbitrary: spliced },
          { weight: 1, arbitrary: fc.string() },
        ),
      );
    }
    case "Int":
      return fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }).map(String) },
        { weight: 1, arbitrary: fc.constantFrom("0", "-1", "100", "101") },
      );
    case "Metadata":
      return fc.constantFrom(...people).map(({ metadata }) => {
        const entries = Object.entries(metadata ?? {}).slice(0, 1);
        return `{ ${entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")} }`;
      });
    case "URL":
      return fc.constant('"https://app.example.com/"');
    case "DateTime":
      return written(fc.constantFrom("2026-01-01T00:00:00Z", "2020-02-02T02:02:02.123456Z", "yesterday"));
    default:
      return written(fc.oneof({ weight: 9, arbitrary: word }, { weight: 1, arbitrary: fc.string() }));
  }
}

/** Arguments, or fields of an input: all that must be there, and some of the rest. */
function given(places: readonly (GraphQLArgument | GraphQLInputField)[], field: string): Arbitrary<string> {
  const texts = places.map((place) => {
    const text = literal(place.type, place.name, field).map((value) => `${place.name}: ${value}`);
    if (isNonNullType(place.type) && place.defaultValue === undefined) return text;
    // Most filters and cursors leave nothing to see, and a short page is soon read.
    const [some, none] = place.name === "first" ? [4, 1] : [1, 3];
    return fc.oneof({ weight: none, arbitrary: fc.constant("") }, { weight: some, arbitrary: text });
  });
  return fc.tuple(...texts).map((parts) => parts.filter((part) => part !== "").join(", "));
}

/** One field of a selection, with the way that it is written there. */
type Item = {
  readonly on: string;
  readonly field: string;
  readonly args: string;
  readonly items: readonly Item[];
  readonly wrap: "plain" | "alias" | "inline" | "untyped" | "include" | "fragment";
};

const wraps = fc.oneof(
  { weight: 6, arbitrary: fc.constant("plain" as const) },
  { weight: 4, arbitrary: fc.constantFrom("alias", "inline", "untyped", "include", "fragment") },
) as Arbitrary<Item["wrap"]>;

function item(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number): Arbitrary<Item> {
  const items = select(field.type, depth - 1);
  return fc.record({
    on: fc.constant(type.name),
    field: fc.constant(field.name),
    args: field.args.length === 0 ? fc.constant("") : given(field.args, field.name),
    items,
    wrap: wraps,
  });
}

/** Some fields of whatever a field answers, to a depth. */
function select(type: GraphQLField<unknown, unknown>["type"], depth: number): Arbitrary<readonly Item[]> {
  const named = getNamedType(type);
  if (isInterfaceType(named)) {
    return fc.subarray([...schema.getPossibleTypes(named)], { minLength: 1, maxLength: 4 }).chain((types) =>
      fc.tuple(...types.map((one) => select(one, depth))).map((all) =>
        // Two nodes of different types may not answer different kinds of values by one name: each field has its own.
        all.flat().map((one): Item => (one.wrap === "fragment" ? one : { ...one, wrap: "inline" })),
      ),
    );
  }
  if (!isObjectType(named)) return fc.constant([]);
  const leads = (field: GraphQLField<unknown, unknown>) => !isLeafType(getNamedType(field.type));
  const fields = Object.values(named.getFields()).filter((field) => !leads(field) || depth > 0);
  const size = { minLength: Math.min(1, fields.length), maxLength: Math.min(4, fields.length) };
  const some = fc.subarray(fields, size);
  return some.chain((chosen) => fc.tuple(...chosen.map((field) => item(named, field, depth))));
}

/** Writes a selection. Within `node` each type's fields go by names of their own. */
function write(items: readonly Item[], fragments: string[], isAbstract: boolean): string {
  if (items.length === 0) return "{ __typename }";
  const texts = items.map(({ on, field, args, items: inner, wrap }, at) => {
    const { type } = (schema.getType(on) as GraphQLObjectType).getFields()[field] ?? {};
    const named = getNamedType(type ?? null);
    const selection = isLeafType(named) ? "" : ` ${write(inner, fragments, isInterfaceType(named))}`;
    const alias = isAbstract ? `${on}_${field}: ` : wrap === "alias" ? `a${at}: ` : "";
    const directive = wrap === "include" ? " @include(if: true)" : "";
    const text = `${alias}${field}${args === "" ? "" : `(${args})`}${directive}${selection}`;
    switch (wrap) {
      case "inline":
        return `... on ${on} { ${text} }`;
      case "untyped":
        return `... { ${text} }`;
      case "fragment": {
        const name = `F${fragments.length}`;
        fragments.push(`fragment ${name} on ${on} { ${text} }`);
        return `...${name}`;
      }
      default:
        return text;
    }
  });
  return `{ ${texts.join(" ")} }`;
}

/** Documents that the schema allows, of queries and some mutations. */
function documents(): Arbitrary<string> {
  const operation = (type: GraphQLObjectType | null | undefined, most: number, deepest: number) => {
    if (type == null) throw new Error("The schema has no such operation.");
    const fields = fc.array(fc.constantFrom(...Object.values(type.getFields())), { minLength: 1, maxLength: most });
    return fc
      .tuple(fields, fc.integer({ min: 1, max: deepest }))
      .chain(([chosen, depth]) => fc.tuple(...chosen.map((field) => item(type, field, depth))))
      .map((items) => {
        const fragments: string[] = [];
        // A field may come twice.
        const aliased = items.map((one) => write([{ ...one, wrap: "plain" }], fragments, false).slice(2, -2));
        const root = aliased.map((text, at) => `r${at}: ${text}`).join(" ");
        return [`${type.name.toLowerCase()} { ${root} }`, ...fragments].join("\n");
      });
  };
  return fc.oneof(
    { weight: 12, arbitrary: operation(schema.getQueryType(), 3, 5) },
    { weight: 1, arbitrary: operation(schema.getMutationType(), 1, 3) },
  );
}

describe("any document by anybody", () => {
  it("shows a PSU nothing of another's, and fails only with what its caller has done", async () => {
    const seen = { documents: 0, own: 0 };
    const callers = fc.oneof(
      { weight: 4, arbitrary: fc.nat({ max: people.length - 1 }) },
      { weight: 1, arbitrary: fc.integer({ min: people.length, max: viewers.length - 1 }) },
    );
    await fc.assert(
      fc.asyncProperty(callers, documents(), async (caller, template) => {
        const viewer = viewers[caller] ?? operator;
        const document = fillIn(template, viewer);
        expect(validate(schema, parse(document))).toEqual([]);
        const answer = await post(caller, document);
        expectHarmless(answer);
        const told = toldOf(viewer, answer, document);
        if (viewer.psuId !== null) expect(told).toEqual([]);
        seen.documents += 1;
        if (textsOf(answer.data).some((text) => owners.get(text) === (viewer.psuId ?? ""))) seen.own += 1;
      }),
      within(1000),
    );
    // It was no empty exercise: PSUs find what is theirs, and what an operator finds would have been noticed.
    expect(seen.own).toBeGreaterThan(seen.documents / 20);
    const all = await post(people.length, "{ accounts(first: 100) { nodes { id } } }");
    expect(toldOf(viewers[0] ?? operator, all, "").length).toBeGreaterThan(10);
  });
});

describe("any text", () => {
  const rows = "{ edges { cursor node { id } } }";

  it("as an id is no way to another's, and no fault", async () => {
    const caller = 0;
    const { psuId } = viewers[caller] ?? operator;
    const fields = `
      node(id: $id) { id __typename }
      nodes(ids: [$id]) { id }
      paymentServiceUser(id: $id) { id name connections { id } }
      connection(id: $id) { id accounts { id name } }
      linkAttempt(id: $id) { id clientRedirectUrl }
      account(id: $id) { id name reference balances { createdAt } }
      payment(id: $id) { id reference }
      task(id: $id) { id taskId }
      connector(id: $id) { id }
      ofUser: accounts(filter: { psuId: $id }) ${rows}
      ofConnection: payments(filter: { connectionId: $id }) ${rows}
      ofAccount: payments(filter: { accountId: $id }) ${rows}`.trim();
    const query = fields.split(/\n\s*/).map((field) => `query($id: ID!) { ${field} }`);
    const url = 'clientRedirectUrl: "https://app.example.com/"';
    const mutations = [
      `deleteConnection(input: { connectionId: $id }) { deletedId }`,
      `updateLink(input: { connectionId: $id, ${url} }) { link }`,
      `createLink(input: { psuId: $id, connectorId: "${world.connectors[0]?.id}", ${url} }) { link }`,
    ].map((field) => `mutation($id: ID!) { ${field} }`);
    await fc.assert(
      fc.asyncProperty(
        mutated(fc.constantFrom(...allIds)),
        fc.constantFrom(...query, ...mutations),
        fc.boolean(),
        async (id, document, isOperator) => {
          const answer = await post(isOperator ? people.length + 1 : caller, document, { id });
          expectHarmless(answer);
          if (!isOperator) expect(toldOf(psuViewer(psuId ?? ""), answer, JSON.stringify(id) + id)).toEqual([]);
        },
      ),
      within(600),
    );
  });

  it("as a cursor is no way to another's, and no fault", async () => {
    const own = `paymentServiceUser(id: "${people[0]?.id}")`;
    const lists = [
      `accounts(after: $after) ${rows}`,
      `payments(after: $after) ${rows}`,
      `connectors(after: $after) ${rows}`,
      `paymentServiceUsers(after: $after) ${rows}`,
      `${own} { payments(after: $after) ${rows} }`,
      `${own} { linkAttempts(connectorId: "${world.connectors[0]?.id}", after: $after) ${rows} }`,
      `${own} { accounts { balanceHistory(after: $after) { edges { cursor } } } }`,
    ];
    // The service's own cursors, which it trusts blindly.
    const upstream = fc
      .record({ offset: fc.integer(), pageSize: fc.integer(), filters: fc.jsonValue() })
      .map((position) => Buffer.from(JSON.stringify(position)).toString("base64url"));
    const after = fc.oneof({ weight: 4, arbitrary: mutated(fc.constantFrom(...cursors)) }, upstream);
    await fc.assert(
      fc.asyncProperty(after, fc.constantFrom(...lists), fc.boolean(), async (text, list, isOperator) => {
        const document = `query($after: String) { ${list} }`;
        const answer = await post(isOperator ? people.length + 1 : 0, document, { after: text });
        expectHarmless(answer);
        if (!isOperator) expect(toldOf(viewers[0] ?? operator, answer, document + text)).toEqual([]);
      }),
      within(400),
    );
  });
});

describe("any token", () => {
  const issuer = "https://issuer.example.com";
  const audience = "gateway";
  const claims = { iss: issuer, aud: audience };
  const encode = (part: unknown) =>
    Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

  it("that the issuer did not sign is nobody's", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const stranger = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" };
    const strange = { ...(await exportJWK(stranger.publicKey)), kid: "two", alg: "ES256" };
    const authenticate = createAuthenticate({
      kind: "jwt",
      keys: { kind: "file", set: { keys: [jwk] } },
      ...{ issuer, audience, psuClaim: "psu_id" },
    });
    await using door = createTestGateway(sandbox, { authenticate });
    const [mine, victim] = people;
    const exp = Math.floor(Date.now() / 1000) + 600;
    const sign = (payload: JWTPayload, header: object = {}, key = privateKey) =>
      new SignJWT({ ...claims, exp, ...payload }).setProtectedHeader({ alg: "ES256", kid: "one", ...header }).sign(key);
    const real = await sign({ sub: "me", psu_id: mine?.id ?? "" });
    const others = [
      await sign({ sub: "other", psu_id: victim?.id ?? "" }, {}, stranger.privateKey),
      await sign({ sub: "other", psu_id: victim?.id ?? "" }, { kid: "two" }, stranger.privateKey),
      await sign({ sub: "other", psu_id: victim?.id ?? "" }, { jwk: strange, kid: "two" }, stranger.privateKey),
      await sign({ sub: "other", psu_id: victim?.id ?? "", exp: 1 }),
    ];
    const [header = "", payload = "", signature = ""] = real.split(".");
    const secrets = [await exportSPKI(publicKey), JSON.stringify(jwk), String(jwk.x), ""];
    const wanted = fc.record(
      {
        ...{ iss: fc.constant(issuer), aud: fc.constant(audience), exp: fc.constant(exp), sub: fc.constant("other") },
        psu_id: fc.oneof(fc.constant(victim?.id), fc.jsonValue()),
        scope: fc.constantFrom("payments:read payments:write", ""),
      },
      { requiredKeys: ["iss", "aud", "exp"] },
    );
    const heads = fc.record(
      {
        alg: fc.oneof(
          fc.constantFrom("none", "None", "HS256", "HS512", "ES256", "RS256", "ES256K", ""),
          fc.jsonValue(),
        ),
        kid: fc.oneof(fc.constantFrom("one", "two", "../../dev/null"), fc.jsonValue()),
        ...{
          typ: fc.jsonValue(),
          jwk: fc.constant(strange),
          jku: fc.webUrl(),
          x5c: fc.jsonValue(),
          zip: fc.constant("DEF"),
        },
        ...{ crit: fc.jsonValue(), b64: fc.boolean() },
      },
      { requiredKeys: ["alg"] },
    );
    const forged = fc
      .tuple(heads, wanted, fc.constantFrom(...secrets), fc.nat({ max: 3 }), anyText)
      .map(([head, body, secret, kind, text]) => {
        const signed = `${encode(head)}.${encode(body)}`;
        const hash = head.alg === "HS512" ? "sha512" : "sha256";
        const signatures = [signature, "", encode(text), createHmac(hash, secret).update(signed).digest("base64url")];
        return `${signed}.${signatures[kind]}`;
      });
    const swapped = fc
      .tuple(wanted, fc.constantFrom(header, encode({ alg: "none" })), fc.constantFrom(signature, ""))
      .map(([body, head, end]) => `${head}.${encode(body)}.${end}`);
    const torn = fc.constantFrom(
      ...[`${header}.${payload}.`, `${header}..${signature}`, `.${payload}.${signature}`, `${real}.${signature}`],
      ...[`${header}.${encode("{")}.${signature}`, `${encode("null")}.${payload}.${signature}`, "..", "a.b.c"],
      ...[`${real}=`, `${header}.${payload}.${"A".repeat(100_000)}`, real.repeat(500)],
    );
    const tokens = fc.oneof(
      mutated(fc.constantFrom(real, ...others)),
      forged,
      swapped,
      torn,
      fc.constantFrom(...others),
      anyText,
    );
    const schemes = fc.oneof(
      { weight: 8, arbitrary: fc.constant("Bearer ") },
      { weight: 1, arbitrary: fc.constantFrom("bearer ", "Basic ", "Bearer", "Bearer  ", "", "Bearer Bearer ") },
    );
    const query = `{
      viewer { subject paymentServiceUser { id name } }
      accounts(first: 2) { nodes { id name } }
      paymentServiceUser(id: "${victim?.id}") { id name contactDetails { email } }
    }`;
    const ask = async (authorization: string) => {
      const headers = { "content-type": "application/json", accept: "application/json", authorization };
      const response = await door.fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query }) });
      return { ...((await response.json()) as object), status: response.status } as Told;
    };

    const answer = await ask(`Bearer ${real}`);
    expect(answer).toMatchObject({
      data: { viewer: { subject: "me", paymentServiceUser: { id: psuGlobalId(mine?.id ?? "") } } },
    });
    await fc.assert(
      fc.asyncProperty(schemes, tokens, async (scheme, token) => {
        const text = `${scheme}${token}`;
        // As from a WebSocket, whose texts need be no header's.
        const viewer = await authenticate(text).catch((error: { extensions?: { code?: string } }) => {
          expect(error.extensions?.code).toBe("UNAUTHENTICATED");
          return null;
        });
        // Bits that base64 does not use can change: then it is still the viewer's own token.
        if (viewer !== null) expect(viewer).toMatchObject({ subject: "me", psuId: mine?.id });
        const isHeader = /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
        if (!isHeader) return;
        const told = await ask(text);
        expectHarmless(told);
        if (viewer === null) expect([told.data ?? null, [401, 429].includes(told.status)]).toEqual([null, true]);
        expect(toldOf(psuViewer(mine?.id ?? ""), told, query)).toEqual([]);
      }),
      within(600),
    );
  });

  it("with odd claims, though signed, makes nobody an operator or somebody else", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const keys = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" }];
    const authenticate = createAuthenticate({
      kind: "jwt",
      keys: { kind: "file", set: { keys } },
      ...{ issuer, audience, psuClaim: "psu_id" },
    });
    const exp = Math.floor(Date.now() / 1000) + 600;
    const users = fc.constantFrom(...people.map(({ id }) => id));
    const psu = fc.oneof(users, mutated(users), fc.jsonValue());
    const scope = fc.oneof(fc.constantFrom("payments:read", "payments:read payments:write"), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(psu, scope, fc.oneof(fc.string(), fc.jsonValue()), async (psu_id, scope, sub) => {
        const body = { ...claims, exp, psu_id, scope, sub } as JWTPayload;
        const token = await new SignJWT(body).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(privateKey);
        const viewer = await authenticate(`Bearer ${token}`).catch((error: { extensions?: { code?: string } }) => {
          expect(error.extensions?.code).toBe("UNAUTHENTICATED");
          return null;
        });
        if (viewer === null) return;
        expect(viewer.psuId).toBe(String(psu_id).toLowerCase());
        expect(viewer.psuId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        // It tells callers apart: it binds cursors.
        expect(viewer.subject === null || typeof viewer.subject === "string").toBe(true);
      }),
      within(200),
    );
  });
});
