import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createUpstreamClient, Upstream, type UpstreamClient } from "../../src/upstream/client.ts";
import { UpstreamError } from "../../src/upstream/errors.ts";
import * as wire from "../../src/upstream/wire-types.ts";
import { type Stack, startStack } from "./stack.ts";

const absent = Symbol("absent");
/** Years that no DateTime can have, some of them only in UTC. */
const strangeYears = [
  "0000-01-01T00:00:00Z",
  "10000-01-01T00:00:00Z",
  "+010000-01-01T00:00:00Z",
  "-000001-01-01T00:00:00Z",
  "9999-12-31T23:59:59-14:00",
  "0001-01-01T00:00:00+14:00",
];
const uuid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const at = "2026-08-05T12:00:00.123456Z";

/** What a member of each kind must not be. */
const wrong = {
  text: [absent, null, 5, true, [], {}],
  optionalText: [5, true, [], {}],
  uuid: [absent, null, 5, "", "not-a-uuid", [], {}],
  time: [absent, null, 5, "", "yesterday", "2026-08-05", [], {}, ...strangeYears],
  optionalTime: [5, "", "yesterday", [], {}, ...strangeYears],
  amount: [absent, null, "100", 1.5, "1.5", true, [], {}],
  // A text that the gateway does not know fails alone, in the field.
  status: [absent, null, 5, [], {}],
  url: [absent, null, 5, "", "somewhere", [], {}],
  metadata: ["text", 5, [], ["text"], { key: 5 }, { key: null }, { key: {} }],
  texts: ["text", 5, [], ["text"]],
  connector: ["text", 5, [], {}, { id: 5 }],
  optionalTexts: ["text", 5, {}, [5], [null]],
  optionalFlag: ["true", 1, [], {}],
  adjustments: [
    ...["text", 5, {}, ["text"], [null], [{}]],
    ...[{ id: 5 }, { createdAt: "0000-01-01T00:00:00Z" }, { status: null }, { amount: "5" }, { amount: 1.5 }].map(
      (broken) => [{ id: "a", createdAt: at, status: "PENDING", amount: 5, asset: "EUR/2", raw: {}, ...broken }],
    ),
  ],
} satisfies Record<string, readonly unknown[]>;

type Kind = keyof typeof wrong;
type Row = { readonly valid: Readonly<Record<string, unknown>>; readonly kinds: Readonly<Record<string, Kind>> };

const connectorBase = {
  ...{ id: "c", reference: "r", name: "Plaid", createdAt: at, provider: "plaid" },
};
const connector: Row = {
  valid: { ...connectorBase, config: { secret: "x" }, capabilities: ["FETCH_ACCOUNTS"], scheduledForDeletion: false },
  kinds: {
    ...{ id: "text", reference: "text", name: "text", createdAt: "time", provider: "text" },
    ...{ capabilities: "optionalTexts", scheduledForDeletion: "optionalFlag" },
  },
};
const texts = { email: "a@example.com", phoneNumber: null, locale: "" };
const user: Row = {
  valid: { id: uuid, name: "Ada", createdAt: at, contactDetails: texts, address: { city: "Paris" }, metadata: null },
  kinds: {
    ...{ id: "uuid", name: "text", createdAt: "time", contactDetails: "texts", address: "texts", metadata: "metadata" },
  },
};
const connection: Row = {
  valid: {
    ...{ connectionID: "1", connectorID: "c", createdAt: at, dataUpdatedAt: "0001-01-01T00:00:00Z", updatedAt: at },
    ...{ status: "ACTIVE", error: null, metadata: {} },
  },
  kinds: {
    ...{ connectionID: "text", connectorID: "text", createdAt: "time", dataUpdatedAt: "time" },
    ...{ updatedAt: "optionalTime", status: "status", error: "optionalText", metadata: "metadata" },
  },
};
const attempt: Row = {
  valid: {
    ...{ id: uuid, psuID: uuid, connectorID: "c", createdAt: at, status: "pending" },
    ...{ clientRedirectURL: "https://app.example.com", error: null },
  },
  kinds: {
    ...{ id: "uuid", psuID: "uuid", connectorID: "text", createdAt: "time", status: "status" },
    ...{ clientRedirectURL: "optionalText", error: "optionalText" },
  },
};
const account: Row = {
  valid: {
    ...{ id: "a", connectorID: "c", connector: connectorBase, provider: "plaid", reference: "r", createdAt: at },
    ...{ type: "INTERNAL", name: null, defaultAsset: "EUR/2", psuID: uuid, metadata: { kind: "card" }, raw: {} },
  },
  kinds: {
    ...{ id: "text", connectorID: "text", connector: "connector", provider: "text", reference: "text" },
    ...{ createdAt: "time", type: "status", name: "optionalText", defaultAsset: "optionalText" },
    ...{ psuID: "optionalText", openBankingConnectionID: "optionalText", metadata: "metadata" },
  },
};
const balance: Row = {
  valid: { accountID: "a", createdAt: at, lastUpdatedAt: at, asset: "EUR/2", balance: 100, psuID: "" },
  kinds: { accountID: "text", createdAt: "time", lastUpdatedAt: "time", asset: "text", balance: "amount" },
};
const payment: Row = {
  valid: {
    ...{ id: "p", connectorID: "c", provider: "plaid", reference: "r", createdAt: at, type: "PAYOUT" },
    ...{ initialAmount: 5, amount: -5, asset: "EUR/2", scheme: "OTHER", status: "SUCCEEDED", metadata: null },
    ...{ sourceAccountID: "a", destinationAccountID: null },
  },
  kinds: {
    ...{ id: "text", connectorID: "text", provider: "text", reference: "text", createdAt: "time", type: "text" },
    ...{ initialAmount: "amount", amount: "amount", asset: "text", scheme: "text", status: "text" },
    ...{ sourceAccountID: "optionalText", destinationAccountID: "optionalText", psuID: "optionalText" },
    ...{ openBankingConnectionID: "optionalText", metadata: "metadata" },
  },
};
/** Lists have `null` in place of adjustments. */
const adjustment = { id: "a", reference: "r", createdAt: at, status: "PENDING", amount: 5, asset: "EUR/2", raw: {} };
const paymentInFull: Row = {
  valid: { ...payment.valid, adjustments: [adjustment, { ...adjustment, amount: null, asset: null, raw: null }] },
  kinds: { ...payment.kinds, adjustments: "adjustments" },
};
const task: Row = {
  valid: { id: "t", connectorID: "c", status: "PROCESSING", createdAt: at, updatedAt: at },
  kinds: {
    ...{ id: "text", connectorID: "optionalText", status: "status", createdAt: "time", updatedAt: "time" },
    ...{ createdObjectID: "optionalText", error: "optionalText" },
  },
};
const link: Row = {
  valid: { attemptID: uuid, link: "https://bank.example.com/1" },
  kinds: { attemptID: "uuid", link: "url" },
};
const bankAccount: Row = {
  valid: {
    ...{ id: uuid, createdAt: at, name: "Ada", accountNumber: null, iban: "FR76*******************0189" },
    ...{ swiftBicCode: null, country: "FR", metadata: null, relatedAccounts: null },
  },
  kinds: {
    ...{ id: "uuid", createdAt: "time", name: "text", accountNumber: "optionalText", iban: "optionalText" },
    ...{ swiftBicCode: "optionalText", country: "optionalText", metadata: "metadata" },
  },
};
const taskReference: Row = { valid: { taskID: "t" }, kinds: { taskID: "text" } };

type Endpoint = {
  readonly name: string;
  readonly row: Row;
  readonly wrap: (row: unknown) => unknown;
  readonly call: (upstream: Upstream) => Promise<unknown>;
};

const pageSize = { pageSize: 15 };
const body = { clientRedirectURL: "https://app.example.com" };

const inList = (row: unknown) => ({ cursor: { pageSize: 15, hasMore: false, data: [row] } });
const lists: readonly Endpoint[] = (
  [
    ["paymentServiceUsers", user, (upstream) => upstream.paymentServiceUsers(pageSize)],
    ["bankAccounts", bankAccount, (upstream) => upstream.bankAccounts(pageSize)],
    ["connections", connection, (upstream) => upstream.connections(uuid, null, pageSize)],
    ["connections of one connector", connection, (upstream) => upstream.connections(uuid, "c", pageSize)],
    ["linkAttempts", attempt, (upstream) => upstream.linkAttempts(uuid, "c", pageSize)],
    ["accounts", account, (upstream) => upstream.accounts(pageSize)],
    ["balances", balance, (upstream) => upstream.balances("a", pageSize)],
    ["payments", payment, (upstream) => upstream.payments(pageSize)],
    ["connectors", connector, (upstream) => upstream.connectors(pageSize)],
  ] satisfies [string, Row, Endpoint["call"]][]
).map(([name, row, call]) => ({ name, row, call, wrap: inList }));

const inData = (data: unknown) => ({ data });
const objects: readonly Endpoint[] = (
  [
    ["paymentServiceUser", user, (upstream) => upstream.paymentServiceUser(uuid)],
    ["linkAttempt", attempt, (upstream) => upstream.linkAttempt(uuid, "c", uuid)],
    ["bankAccount", bankAccount, (upstream) => upstream.bankAccount(uuid)],
    ["forwardBankAccount", taskReference, (upstream) => upstream.forwardBankAccount(uuid, uuid, "c")],
    ["account", account, (upstream) => upstream.account("a")],
    ["payment", paymentInFull, (upstream) => upstream.payment("p")],
    ["task", task, (upstream) => upstream.task("t")],
    ["deletePaymentServiceUser", taskReference, (upstream) => upstream.deletePaymentServiceUser(uuid)],
    [
      "deletePaymentServiceUserConnector",
      taskReference,
      (upstream) => upstream.deletePaymentServiceUserConnector(uuid, "c"),
    ],
    ["deleteConnection", taskReference, (upstream) => upstream.deleteConnection(uuid, "c", "1")],
  ] satisfies [string, Row, Endpoint["call"]][]
).map(([name, row, call]) => ({ name, row, call, wrap: inData }));

const bare: readonly Endpoint[] = (
  [
    ["createLink", link, (upstream) => upstream.createLink(uuid, "c", uuid, body)],
    ["updateLink", link, (upstream) => upstream.updateLink(uuid, "c", "1", uuid, body)],
    ["version", { valid: { version: "v3.0.0" }, kinds: { version: "text" } }, (upstream) => upstream.version()],
  ] satisfies [string, Row, Endpoint["call"]][]
).map(([name, row, call]) => ({ name, row, call, wrap: (it) => it }));

/** A client of a stack that responds to every call with the given text. */
async function startResponding() {
  let text = "";
  const stack: Stack = await startStack(() => ({ body: text }));
  const client: UpstreamClient = createUpstreamClient({
    url: stack.url,
    credentials: { kind: "token", token: "t" },
    timeoutMs: 5000,
    sockets: 1,
  });
  return {
    respond(call: Endpoint["call"], value: unknown): Promise<unknown> {
      text = typeof value === "string" ? value : JSON.stringify(value);
      return call(client.within({}));
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await stack[Symbol.asyncDispose]();
    },
  };
}

type Variant = { readonly title: string; readonly value: unknown };

/** Which of the responses got anything but `malformed`, and what. */
async function accepted(call: Endpoint["call"], variants: readonly Variant[]): Promise<string[]> {
  await using server = await startResponding();
  const found: string[] = [];
  for (const { title, value } of variants) {
    const outcome = await server.respond(call, value).then(
      () => "accepted",
      (error: unknown) => (error instanceof UpstreamError ? error.kind : String(error)),
    );
    if (outcome !== "malformed") found.push(`${title}: ${outcome}`);
  }
  return found;
}

function withMember(object: object, name: string, value: unknown): object {
  const { [name as never]: _dropped, ...rest } = object;
  return value === absent ? rest : { ...rest, [name]: value };
}

const show = (value: unknown) => (value === absent ? "absent" : JSON.stringify(value));

/** The valid row with each of its members made wrong in each way. */
const brokenRows = ({ valid, kinds }: Row): Variant[] =>
  Object.entries(kinds).flatMap(([name, kind]) =>
    wrong[kind].map((value) => ({ title: `${name} ${show(value)}`, value: withMember(valid, name, value) })),
  );

const anything = [null, "text", 5, true, [], {}];
const notAnObject = anything.map((value) => ({ title: show(value), value }));

describe("the check of every response", () => {
  it("is tested for each endpoint", () => {
    const tested = [...lists, ...objects, ...bare].map(({ name }) => name);
    const others = Object.getOwnPropertyNames(Upstream.prototype).filter((name) => !tested.includes(name));
    const withoutRow = [
      "addBankAccount",
      "createBankAccount",
      "createPaymentServiceUser",
      "forwardPaymentServiceUser",
      "health",
    ];
    expect(others.toSorted()).toEqual(["constructor", "deadline", "reserve", ...withoutRow].toSorted());
  });

  it.each([...lists, ...objects, ...bare])("$name accepts what the service promises", async ({ call, row, wrap }) => {
    await using server = await startResponding();
    await server.respond(call, wrap(row.valid));
  });

  it.each([...lists, ...objects, ...bare])("$name rejects each wrong member", async ({ call, row, wrap }) => {
    const variants = brokenRows(row).map(({ title, value }) => ({ title, value: wrap(value) }));
    expect(variants.length).toBeGreaterThan(5);
    expect(await accepted(call, variants)).toEqual([]);
  });

  it.each([...lists, ...objects, ...bare])("$name rejects anything else in place of a row", async ({ call, wrap }) => {
    expect(
      await accepted(
        call,
        notAnObject.map(({ title, value }) => ({ title, value: wrap(value) })),
      ),
    ).toEqual([]);
  });

  it.each([...lists, ...objects, ...bare])("$name rejects every other envelope", async ({ call, row, wrap }) => {
    const whole = wrap(row.valid);
    const { valid } = row;
    const envelopes: unknown[] = [null, 5, true, [], {}, [whole], { body: whole }, { cursor: null }, { cursor: [] }];
    envelopes.push({ data: null }, { data: [] }, { data: [valid] }, { cursor: valid });
    if (wrap !== inData) envelopes.push({ data: valid });
    if (wrap !== inList) envelopes.push(inList(valid), { cursor: { data: valid } });
    const isBare = Object.is(whole, valid);
    if (!isBare) envelopes.push(valid);
    expect(
      await accepted(
        call,
        envelopes.map((value) => ({ title: show(value), value })),
      ),
    ).toEqual([]);
  });

  it.each([...lists, ...objects, ...bare])("$name rejects what is not JSON", async ({ call, row, wrap }) => {
    const text = JSON.stringify(wrap(row.valid));
    const texts = ["", " ", "<html></html>", "undefined", `${text}${text}`, text.slice(0, -1), `\u0000${text}`];
    expect(
      await accepted(
        call,
        texts.map((value) => ({ title: show(value), value })),
      ),
    ).toEqual([]);
  });

  it.each(lists)("$name rejects a page with wrong members", async ({ call, row }) => {
    const cursor = { pageSize: 15, hasMore: false, data: [row.valid] };
    const variants = [
      ...[absent, {}, "text", 5, row.valid, { 0: row.valid }, [[row.valid]], [row.valid, null]].map((value) => ({
        title: `data ${show(value)}`,
        value: { cursor: withMember(cursor, "data", value) },
      })),
      ...[absent, null, "false", 0].map((value) => ({
        title: `hasMore ${show(value)}`,
        value: { cursor: withMember(cursor, "hasMore", value) },
      })),
      ...[absent, null, "15", 1.5].map((value) => ({
        title: `pageSize ${show(value)}`,
        value: { cursor: withMember(cursor, "pageSize", value) },
      })),
      ...[5, true, [], {}].map((value) => ({
        title: `next ${show(value)}`,
        value: { cursor: withMember(cursor, "next", value) },
      })),
    ];
    expect(await accepted(call, variants)).toEqual([]);
  });

  it("createPaymentServiceUser accepts only a UUID in data", async () => {
    const create = (upstream: Upstream) => upstream.createPaymentServiceUser({ name: "Ada" });
    const values = [null, 5, "", "not-a-uuid", [], {}, [uuid], { id: uuid }];
    const variants: unknown[] = [uuid, JSON.stringify(uuid), {}, { id: uuid }, ...values.map((data) => ({ data }))];
    expect(
      await accepted(
        create,
        variants.map((value) => ({ title: show(value), value })),
      ),
    ).toEqual([]);
    await using server = await startResponding();
    expect(await server.respond(create, { data: uuid })).toBe(uuid);
  });

  it("accepts Go's `null` as an empty list", async () => {
    await using server = await startResponding();
    const answer = { cursor: { pageSize: 15, hasMore: false, data: null } };
    expect(await server.respond((upstream) => upstream.accounts(pageSize), answer)).toMatchObject({ data: [] });
  });

  it("is compiled: a shape that zod cannot compile would be checked slowly, without a warning", () => {
    const rows = Object.values(wire).filter((shape) => shape instanceof z.ZodType);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows as z.ZodType[])
      for (const shape of [row, wire.dataOf(row), wire.listOf(row)]) z.compile(shape, { strict: true });
  });

  it("drops a connector's config, which holds secrets", async () => {
    await using server = await startResponding();
    const ofList = await server.respond((upstream) => upstream.connectors(pageSize), inList(connector.valid));
    const ofAccount = await server.respond((upstream) => upstream.account("a"), inData(account.valid));
    expect(JSON.stringify([ofList, ofAccount])).not.toContain("secret");
  });

  it("names only members and codes of a wrong response, never its values", async () => {
    await using server = await startResponding();
    const row = { ...user.valid, name: { first: "Ada Lovelace" }, createdAt: "Ada's birthday" };
    const error = await server.respond((upstream) => upstream.paymentServiceUser(uuid), inData(row)).catch((it) => it);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(String(error)).toMatch(/data\.name: invalid_type; data\.createdAt: custom/);
    expect(String(error)).not.toContain("Ada");
  });
});
