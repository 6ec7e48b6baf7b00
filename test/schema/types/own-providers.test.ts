/** Providers of one's own, over a sandbox with a connector of theirs. */
import { describe, expect, it } from "vitest";
import { createPayment, type Payment } from "../../../sandbox/models/payment.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { toAmount, toDecimal } from "../../../src/upstream/providers/amount.ts";
import { plaid } from "../../../src/upstream/providers/plaid.ts";
import type { Provider, RawRow } from "../../../src/upstream/providers/provider.ts";
import { at, toText } from "../../../src/upstream/providers/raw.ts";
import { createTestGateway, psuViewer, startTestGateway, type TestGateway } from "../../support/helpers.ts";
import { accountGlobalId, attemptGlobalId, connectionGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

/** A world of two PSUs, each with an account and a payment of acme's, and of two other providers. */
async function stage(acme: Provider, raw: { readonly account?: RawRow; readonly payment?: RawRow } = {}) {
  const world = createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 1 } });
  const connector = firstOf(world.connectors, ({ provider }) => provider === "tink");
  Object.assign(connector, { provider: "acme", name: "Acme" });
  const accounts = world.accounts.filter(({ connectorID }) => connectorID === connector.id);
  const payments = accounts.map((account) => {
    Object.assign(account, { raw: raw.account ?? { iban: "GB29NWBK60161331926819" }, defaultAsset: "EUR/2" });
    const payment = createPayment({
      ...{ connectorID: connector.id, reference: `of ${account.id}`, type: "PAYOUT", amount: 5n, asset: "EUR/2" },
      ...{ createdAt: world.now(), sourceAccountID: account.id, psuID: account.psuID },
      raw: raw.payment ?? { iban: "GB29NWBK60161331926819" },
    });
    (world.payments as Payment[]).unshift(payment);
    return payment;
  });
  const gateway = await startTestGateway({ sandbox: { world }, providers: { acme } });
  return Object.assign(gateway, { world, connector, account: firstOf(accounts), accounts, payments });
}

const money = "{ asset amount }";
const ofAccount = `name kind isLiability officialName mask refreshedAt available ${money} limit ${money}`;
const ofPayment = `paymentId isPending description bookedOn valueOn occurredAt
  counterparty { name logoUrl website } category { name detailed source }`;

type Row = Readonly<Record<string, unknown>>;
type Read = { readonly row: Row | undefined; readonly failed: readonly string[]; readonly codes: readonly unknown[] };

/** Acme's row in a page of all, and the fields of it that have an error. */
async function read(gateway: TestGateway, list: "accounts" | "payments"): Promise<Read> {
  const fields = list === "accounts" ? ofAccount : ofPayment;
  type Data = Record<string, { nodes: (Row & { connector: { provider: string } })[] }>;
  const { data, errors } = await gateway.send<Data>(
    `{ ${list}(first: 50) { nodes { connector { provider } ${fields} } } }`,
  );
  const nodes = data?.[list]?.nodes ?? [];
  const index = nodes.findIndex(({ connector }) => connector.provider === "acme");
  const others = errors.filter(({ path }) => nodes[Number(path?.[2])]?.connector.provider !== "acme");
  expect([nodes.length > 2, others]).toEqual([true, []]);
  const { connector: _connector, ...row } = nodes[index] ?? {};
  const own = errors.filter(({ path }) => path?.[2] === index);
  return { row, failed: own.map(({ path }) => String(path?.at(-1))), codes: own.map((one) => one.extensions.code) };
}

const failures = ({ lines }: TestGateway) =>
  lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "a provider's mapper failed");

const nothing = {
  account: {
    ...{ kind: "UNKNOWN", isLiability: false, officialName: null, mask: null, refreshedAt: null },
    ...{ available: null, limit: null },
  },
  payment: {
    ...{ isPending: null, description: null, counterparty: null, category: null },
    ...{ bookedOn: null, valueOn: null, occurredAt: null },
  },
};

describe("a provider of one's own", () => {
  it("maps its accounts and payments, with amounts of any size exact", async () => {
    const acme: Provider = {
      account: (raw, defaultAsset) => ({
        kind: at(raw, "kind") === "card" ? "CREDIT_CARD" : "OTHER",
        mask: toText(at(raw, "iban")),
        available: toAmount(toDecimal(at(raw, "left")), "EUR", defaultAsset),
        limit: toAmount(toDecimal(at(raw, "limit")), "EUR", defaultAsset),
        refreshedAt: "2026-11-20T08:30:00+01:00",
      }),
      payment: (raw) => ({
        description: ` ${toText(at(raw, "text"))} `,
        counterparty: { name: "Shop", website: "shop.example" },
        category: { name: "food" },
        bookedOn: "2026-11-20",
        occurredAt: "0001-01-01T00:00:00Z",
      }),
    };
    const raw = JSON.parse('{"left": 0, "limit": 0}');
    const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
    Object.assign(raw, { left: rawJSON("90071992547409931.01"), limit: rawJSON("9007199254740993") });
    Object.assign(raw, { kind: "card", iban: "GB29NWBK60161331926819" });
    await using gateway = await stage(acme, { account: raw, payment: { text: "Ramen" } });
    expect(await read(gateway, "accounts")).toMatchObject({
      row: {
        ...{ kind: "CREDIT_CARD", isLiability: true, mask: "6819", officialName: null },
        ...{ refreshedAt: "2026-11-20T07:30:00.000Z", limit: { asset: "EUR/2", amount: "900719925474099300" } },
        available: { asset: "EUR/2", amount: "9007199254740993101" },
      },
      failed: [],
    });
    expect(await read(gateway, "payments")).toMatchObject({
      row: {
        ...{ isPending: null, description: "Ramen", bookedOn: "2026-11-20", valueOn: null, occurredAt: null },
        counterparty: { name: "Shop", logoUrl: null, website: "https://shop.example" },
        category: { name: "food", detailed: null, source: "acme" },
      },
      failed: [],
    });
    expect(failures(gateway)).toEqual([]);
  });

  it("that says nothing more is shown as the service itself shows it", async () => {
    await using gateway = await stage({});
    expect(await read(gateway, "accounts")).toMatchObject({ row: nothing.account, failed: [] });
    expect(await read(gateway, "payments")).toMatchObject({ row: nothing.payment, failed: [] });
  });

  it("has users link a bank where it can, with what it needs", async () => {
    await using gateway = await stage({ canLink: true, needs: ["LOCALE"] });
    const { data } = await gateway.send(
      `{ connectors(filter: { canLink: true }) { nodes { provider needs canLink } } }`,
    );
    expect(data).toMatchObject({
      connectors: { nodes: expect.arrayContaining([{ provider: "acme", needs: ["LOCALE"], canLink: true }]) },
    });
    await using other = createTestGateway(gateway.sandbox, { providers: { acme: { needs: ["COUNTRY"] } } });
    const { data: others } = await other.send(
      `{ connectors(filter: { provider: "acme" }) { nodes { needs canLink } } }`,
    );
    expect(others).toEqual({ connectors: { nodes: [{ needs: ["COUNTRY"], canLink: false }] } });
  });

  it.each([
    [true, "5"],
    [false, "-5"],
  ])("counts what is owed by its sign, owedIsPositive: %s", async (owedIsPositive, liabilities) => {
    await using gateway = await stage({ owedIsPositive, account: () => ({ kind: "LOAN" }) });
    const { account, world } = gateway;
    const seen = { accountID: account.id, createdAt: world.now(), lastUpdatedAt: world.now() };
    for (const { id, psuID } of world.accounts) {
      if (psuID !== account.psuID) continue;
      const rows = world.balances(id) as object[];
      rows.splice(0, rows.length, { ...seen, accountID: id, asset: "EUR/2", amount: id === account.id ? 5n : 0n });
    }
    const { data } = await gateway.send(
      `{ paymentServiceUser(id: "${psuGlobalId(String(account.psuID))}") { totals { liabilities { amount } } } }`,
    );
    expect(data).toEqual({ paymentServiceUser: { totals: [{ liabilities: { amount: liabilities } }] } });
  });

  it.each<[string, Provider["linkErrorCode"], string | null, readonly string[]]>([
    ["the code in it", (error) => /\[(\w+)\]/.exec(error)?.[1] ?? null, "NO_CONSENT", []],
    ["nothing of it", () => null, null, []],
    ["no more than a word of it", (error) => error, null, ["must be one word"]],
  ])("shows users of a link's error %s", async (_title, linkErrorCode, code, problems) => {
    await using gateway = await startTestGateway();
    const attempt = firstOf(gateway.sandbox.world.attempts, ({ error }) => error?.includes("tink") === true);
    Object.assign(attempt, { error: "The bank said [NO_CONSENT] of GB29NWBK60161331926819" });
    const options = { viewer: psuViewer(attempt.psuID), providers: { tink: { linkErrorCode } as Provider } };
    await using own = createTestGateway(gateway.sandbox, options);
    const { data, errors } = await own.send(`{ linkAttempt(id: "${attemptGlobalId(attempt)}") { error createdAt } }`);
    expect(data).toMatchObject({ linkAttempt: { error: code, createdAt: expect.any(String) } });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(problems.map(() => "INTERNAL_SERVER_ERROR"));
    expect(failures(own).map(({ problem }) => problem)).toEqual(problems);
  });
});

describe("a built-in provider", () => {
  it("is changed in what one's own of its name has, and stays as it is in the rest", async () => {
    const own: Provider = { account: (raw, asset) => ({ ...plaid.account?.(raw, asset), officialName: "Mine" }) };
    await using gateway = await startTestGateway({ providers: { plaid: own } });
    const account = firstOf(gateway.sandbox.world.accounts, ({ raw }) => raw["subtype"] === "credit card");
    const { data } = await gateway.send(`{ account(id: "${accountGlobalId(account.id)}") { officialName kind } }`);
    expect(data).toEqual({ account: { officialName: "Mine", kind: "CREDIT_CARD" } });
    const { data: linkable } = await gateway.send(
      `{ connectors(filter: { provider: "plaid" }) { nodes { canLink needs } } }`,
    );
    const needs = ["COUNTRY", "LOCALE", "APPLICATION_NAME"];
    expect(linkable).toEqual({ connectors: { nodes: [{ canLink: true, needs }] } });
  });
});

it("two gateways with other providers in one process each have their own", async () => {
  await using gateway = await stage({ payment: () => ({ description: "one" }) });
  const providers = { acme: { payment: () => ({ description: "other" }) } };
  await using other = createTestGateway(gateway.sandbox, { providers });
  for (const [each, description] of [[gateway, "one"] as const, [other, "other"] as const]) {
    expect((await read(each, "payments")).row).toMatchObject({ description });
  }
});

type Case = readonly [title: string, returned: unknown, failed: readonly string[], problem: string | null];

/** What a mapper in JavaScript may return, the fields that fail then, and what the log says of it. */
const accountCases: readonly Case[] = [
  ["an unknown kind", { kind: "CARD", mask: "1" }, [], "must be one of CHECKING, "],
  ["a name that is no text", { officialName: 5, mask: "1" }, ["officialName"], "must be a text"],
  ["an amount as a number", { limit: { asset: "EUR/2", amount: 5 }, mask: "1" }, ["limit"], "as a bigint"],
  ["an amount that is no object", { limit: 5n, mask: "1" }, ["limit"], "must be an object"],
  ["an amount without an asset", { limit: { amount: 5n }, mask: "1" }, ["limit"], "must have an asset"],
  ...["", "€", "eur/2", "EUR/2/2", "EUR/x", "EUR/999", "EUR ", 978].map(
    (asset): Case => [
      `the currency ${JSON.stringify(asset)}`,
      { available: { asset, amount: 5n }, mask: "1" },
      ["available"],
      "must have an asset such as EUR/2",
    ],
  ),
  ["a time that is none", { refreshedAt: "yesterday", mask: "1" }, ["refreshedAt"], "must be a time such as "],
  ["members that are undefined", { kind: undefined, limit: undefined, mask: "1" }, [], null],
  ["a member that there is none of", { masc: "4321", mask: "1" }, [], "there is no such member"],
];

const paymentCases: readonly Case[] = [
  ...["2026-02-30", "20.11.2026", "2026-11-20T08:30:00Z", 20261120, ""].map(
    (bookedOn): Case => [`the day ${bookedOn}`, { bookedOn, description: "1" }, ["bookedOn"], "must be a day such as"],
  ),
  ...["2026-11-20", "2026-11-20 08:30", "2026-13-20T08:30:00Z", 5].map(
    (occurredAt): Case => [
      `the time ${occurredAt}`,
      { occurredAt, description: "1" },
      ["occurredAt"],
      "must be a time",
    ],
  ),
  ["pending as a text", { isPending: "true", description: "1" }, ["isPending"], "must be a boolean"],
  ["a category without a name", { category: { detailed: "x" }, description: "1" }, ["category"], "must have a name"],
  ["a category as a text", { category: "food", description: "1" }, ["category"], "must be an object"],
  ["a list for a counterparty", { counterparty: ["Shop"], description: "1" }, ["counterparty"], "must be an object"],
  ...["http://shop.example", "javascript:alert(1)"].map(
    (website): Case => [
      `the website ${website}`,
      { counterparty: { name: "Shop", website }, description: "1" },
      ["counterparty"],
      "must have https URLs",
    ],
  ),
  ["a counterparty of nothing", { counterparty: { name: null }, description: "1" }, [], null],
];

describe("a mapper that returns what cannot be shown", () => {
  it.each(accountCases)("of an account, %s, fails that field alone", async (_title, returned, failed, problem) => {
    await using gateway = await stage({ account: () => returned as object });
    const result = await read(gateway, "accounts");
    expect(result.failed).toEqual(failed);
    expect(new Set(result.codes).size).toBe(failed.length === 0 ? 0 : 1);
    expect(result.row).toEqual({ ...nothing.account, name: gateway.account.name, mask: "1" });
    expect(failures(gateway).map((line) => [line.provider, line.mapper, line.problem])).toEqual(
      problem === null ? [] : [["acme", "account", expect.stringContaining(problem)]],
    );
  });

  it.each(paymentCases)("of a payment, %s, fails that field alone", async (_title, returned, failed, problem) => {
    await using gateway = await stage({ payment: () => returned as object });
    const result = await read(gateway, "payments");
    expect(result.failed).toEqual(failed);
    expect(result.codes).toEqual(failed.map(() => "INTERNAL_SERVER_ERROR"));
    expect(result.row).toMatchObject({ ...nothing.payment, description: "1" });
    expect(failures(gateway).map((line) => [line.provider, line.mapper, line.problem])).toEqual(
      problem === null ? [] : [["acme", "payment", expect.stringContaining(problem)]],
    );
  });
});

const secret = "GB29NWBK60161331926819";

/** Mappers that fail as a whole. */
const broken: readonly (readonly [title: string, map: (raw: RawRow) => unknown, problem: string])[] = [
  [
    "throws",
    (raw) => {
      throw new TypeError(`no name in ${JSON.stringify(raw)}\n    at ${secret} (x.ts:1:1)`);
    },
    "threw an error",
  ],
  [
    "throws what is no error",
    (raw) => {
      throw raw["iban"];
    },
    "threw an error",
  ],
  ["changes the row", (raw) => Object.assign(raw, { iban: null }), "threw an error"],
  ["returns nothing", () => undefined, "must be an object"],
  ["returns a list", () => [], "must be an object"],
  ["returns a text", (raw) => raw["iban"], "must be an object"],
  ["returns a promise", async () => ({ mask: "1" }), "must not be a promise"],
  ["returns a promise that is rejected", async (raw) => Promise.reject(raw["iban"]), "must not be a promise"],
];

describe("a mapper that fails", () => {
  it.each(broken)("because it %s, fails its own fields alone, and the log names it", async (_title, map, problem) => {
    const mapper = map as () => object;
    await using gateway = await stage({ account: mapper, payment: mapper });
    const accounts = await read(gateway, "accounts");
    expect(accounts.failed.toSorted()).toEqual(["available", "limit", "mask", "officialName", "refreshedAt"]);
    expect(accounts.row).toEqual({ ...nothing.account, name: gateway.account.name });
    const payments = await read(gateway, "payments");
    expect(payments.failed.toSorted()).toEqual(Object.keys(nothing.payment).toSorted());
    expect(payments.row).toMatchObject({ ...nothing.payment, paymentId: expect.any(String) });
    expect(new Set([...accounts.codes, ...payments.codes])).toEqual(new Set(["INTERNAL_SERVER_ERROR"]));
    expect(failures(gateway).map((line) => [line.provider, line.mapper, line.member, line.problem])).toEqual([
      ["acme", "account", null, problem],
      ["acme", "payment", null, problem],
    ]);
    expect(gateway.lines.join()).not.toContain(secret);
  });

  it("because members are promises, also rejected ones, fails those fields alone", async () => {
    const later = () => Promise.reject(new Error("no")) as never;
    const counterparty = () => ({ name: later(), website: later() });
    await using gateway = await stage({
      payment: () => ({ description: "1", bookedOn: later(), counterparty: counterparty(), more: later() }),
    });
    const { row, failed } = await read(gateway, "payments");
    expect([row?.["description"], failed.toSorted()]).toEqual(["1", ["bookedOn", "counterparty"]]);
    expect(failures(gateway).map(({ member, problem }) => [member, problem])).toEqual([
      ["more", "there is no such member"],
      ["counterparty", "must not be a promise"],
      ["bookedOn", "must not be a promise"],
    ]);
  });

  it("is named with the line where it threw", async () => {
    await using gateway = await stage({ payment: (raw) => ({ description: (raw["text"] as string).trim() }) });
    await read(gateway, "payments");
    expect(failures(gateway)).toMatchObject([{ thrownAt: expect.stringMatching(/^own-providers\.test\.ts:\d+$/) }]);
  });

  it("fails the totals, which would be wrong without the kind of an account", async () => {
    await using gateway = await stage({ account: () => ({ kind: "CARD" as never }) });
    const id = psuGlobalId(String(gateway.account.psuID));
    const { data, errors } = await gateway.send(`{ paymentServiceUser(id: "${id}") { name totals { asset } } }`);
    expect(data).toMatchObject({ paymentServiceUser: { name: expect.any(String), totals: null } });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["INTERNAL_SERVER_ERROR"]);
  });

  it("leaves the connections of its accounts as they are, in queries and in streams", async () => {
    const mapper = () => {
      throw new Error("no");
    };
    await using gateway = await stage({});
    // The id of its connector is Tink's.
    const providers = { acme: { account: mapper } };
    await using failing = createTestGateway(gateway.sandbox, { providers });
    const connection = firstOf(gateway.world.connections, (row) => row.connectorID === gateway.connector.id);
    const fields = "status requiredAction dataUpdatedAt isStale";
    const query = `{ connection(id: "${connectionGlobalId(connection)}") { ${fields} } }`;
    const { data, errors } = await failing.send(query);
    expect([data, errors]).toEqual([(await gateway.send(query)).data, []]);
    await using stream = failing.subscribe(
      `subscription ($psuId: ID!) { connectionChanged(psuId: $psuId) { kind connection { ${fields} } } }`,
      { psuId: psuGlobalId(connection.psuID) },
    );
    expect(await stream.first(3)).toHaveLength(3);
  });
});

it("a mapper that returns the same object each time shows no PSU what is another's", async () => {
  const one: { description?: string } = {};
  const acme: Provider = { payment: (raw) => Object.assign(one, { description: String(raw["of"]) }) };
  await using gateway = await stage(acme);
  for (const payment of gateway.payments) Object.assign(payment, { raw: { of: payment.psuID } });
  for (const { psuID } of gateway.payments) {
    await using own = createTestGateway(gateway.sandbox, { viewer: psuViewer(String(psuID)), providers: { acme } });
    const { row } = await read(gateway, "payments");
    expect(row?.["description"]).toBe(firstOf(gateway.payments, ({ id }) => id === row?.["paymentId"]).psuID);
    const { data } = await own.send<{ payments: { nodes: { description: string }[] } }>(
      "{ payments(first: 1) { nodes { description } } }",
    );
    expect(data?.payments.nodes).toEqual([{ description: psuID }]);
  }
  const { data } = await gateway.send<{ payments: { nodes: { description: string }[] } }>(
    "{ payments(first: 2) { nodes { description } } }",
  );
  expect(new Set(data?.payments.nodes.map(({ description }) => description))).toEqual(
    new Set(gateway.payments.map(({ psuID }) => psuID)),
  );
});
