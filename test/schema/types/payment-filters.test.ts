/** Payments by filter: what is found, what the service is sent, and what is refused. */
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import type { Payment } from "../../../sandbox/models/payment.ts";
import { toTimestamp } from "../../../sandbox/time.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import type { FoundPaymentsQuery } from "../../graphql/graphql.ts";
import { createTestGateway, psuViewer, startTestGateway, type TestGateway } from "../../support/helpers.ts";
import { refusal, refused } from "../bad-input/refusals.ts";
import { accountGlobalId, connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

const FoundPayments = graphql(`
  query FoundPayments($filter: PaymentFilter, $first: Int, $after: String) {
    payments(filter: $filter, first: $first, after: $after) {
      nodes { paymentId } pageInfo { hasNextPage endCursor }
    }
  }
`);

const start = () => startTestGateway({ sandbox: { world: createWorld({ clock: createManualClock() }) } });

/** The ids of all pages. */
async function find(gateway: TestGateway, filter: object): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; ) {
    const { payments }: FoundPaymentsQuery = await gateway.run(FoundPayments, { filter, first: 100, after });
    found.push(...payments.nodes.map(({ paymentId }) => paymentId));
    if (!payments.pageInfo.hasNextPage) return found;
    after = payments.pageInfo.endCursor;
  }
}

/** The filter that the service is sent with the first page. */
async function sent(gateway: TestGateway, filter: object): Promise<unknown> {
  const [call] = await gateway.calls(() => gateway.run(FoundPayments, { filter, first: 1, after: null }));
  return call?.body;
}

const absolute = (amount: bigint) => (amount < 0n ? -amount : amount);

type Found = readonly [title: string, filter: object, sent: unknown, holds: (row: Payment) => boolean];

const range = (min: string, max: string) => ({ $and: [{ $gte: { amount: min } }, { $lte: { amount: max } }] });
const isEuro = ({ asset }: Payment) => asset === "EUR/2";
const euro = { $match: { asset: "EUR/2" } };

const found: readonly Found[] = [
  ["one type", { types: ["PAY_IN"] }, { $match: { type: "PAY-IN" } }, ({ type }) => type === "PAY-IN"],
  [
    "several types, each once",
    { types: ["PAY_IN", "TRANSFER", "PAY_IN"] },
    { $or: [{ $match: { type: "PAY-IN" } }, { $match: { type: "TRANSFER" } }] },
    ({ type }) => type === "PAY-IN",
  ],
  [
    "statuses, by the service's own spelling",
    { statuses: ["PENDING", "AMOUNT_ADJUSTMENT"] },
    { $or: [{ $match: { status: "PENDING" } }, { $match: { status: "AMOUNT_ADJUSTEMENT" } }] },
    ({ status }) => status === "PENDING",
  ],
  ["schemes", { schemes: ["SEPA_CREDIT"] }, { $match: { scheme: "SEPA_CREDIT" } }, () => false],
  [
    "a span of amounts, whichever way they went",
    { asset: "EUR/2", minAmount: "1000", maxAmount: "5000" },
    { $and: [euro, { $or: [range("1000", "5000"), range("-5000", "-1000")] }] },
    (row) => isEuro(row) && absolute(row.amount) >= 1000n && absolute(row.amount) <= 5000n,
  ],
  [
    "a least amount",
    { asset: "EUR/2", minAmount: "20000" },
    { $and: [euro, { $or: [{ $gte: { amount: "20000" } }, { $lte: { amount: "-20000" } }] }] },
    (row) => isEuro(row) && absolute(row.amount) >= 20_000n,
  ],
  [
    "a greatest amount",
    { asset: "EUR/2", maxAmount: "900" },
    { $and: [euro, range("-900", "900")] },
    (row) => isEuro(row) && absolute(row.amount) <= 900n,
  ],
  [
    "an amount beyond 2^53, to the last digit",
    { asset: "EUR/2", minAmount: "9007199254740993", maxAmount: "9007199254740993" },
    {
      $and: [
        euro,
        { $or: [range("9007199254740993", "9007199254740993"), range("-9007199254740993", "-9007199254740993")] },
      ],
    },
    ({ amount }) => absolute(amount) === 9_007_199_254_740_993n,
  ],
  [
    "not of these types and statuses together",
    { not: { types: ["PAYOUT"], statuses: ["SUCCEEDED"] } },
    { $not: { $and: [{ $match: { type: "PAYOUT" } }, { $match: { status: "SUCCEEDED" } }] } },
    ({ type, status }) => !(type === "PAYOUT" && status === "SUCCEEDED"),
  ],
  [
    "not above an amount, of the asset outside",
    { asset: "EUR/2", not: { minAmount: "1000" } },
    { $and: [euro, { $not: { $or: [{ $gte: { amount: "1000" } }, { $lte: { amount: "-1000" } }] } }] },
    (row) => isEuro(row) && absolute(row.amount) < 1000n,
  ],
  [
    "not of an asset, a reference or metadata",
    { not: { asset: "EUR/2", metadata: {} } },
    { $not: euro },
    (row) => !isEuro(row),
  ],
];

describe("payments are found by", () => {
  it.each(found)("%s", async (_title, filter, expected, holds) => {
    await using gateway = await start();
    const { payments } = gateway.sandbox.world;
    const huge = payments.filter(isEuro).slice(0, 3);
    for (const [at, row] of huge.entries()) {
      const amount = 9_007_199_254_740_992n + BigInt(at);
      Object.assign(row, { amount: at === 1 ? -amount : amount });
    }
    expect(await sent(gateway, filter)).toEqual(expected);
    const ids = payments.filter(holds).map(({ id }) => id);
    expect(await find(gateway, filter)).toEqual(ids);
  });

  it("the account that they left, the one that they reached, or either", async () => {
    await using gateway = await start();
    const { payments } = gateway.sandbox.world;
    const { sourceAccountID: id } = firstOf(payments, ({ sourceAccountID }) => sourceAccountID !== null);
    const account = accountGlobalId(id ?? "");
    const from = (row: Payment) => row.sourceAccountID === id;
    const to = (row: Payment) => row.destinationAccountID === id;
    const idsOf = (holds: (row: Payment) => boolean) => payments.filter(holds).map((row) => row.id);
    expect(await find(gateway, { sourceAccountId: account })).toEqual(idsOf(from));
    expect(await find(gateway, { destinationAccountId: account })).toEqual(idsOf(to));
    expect(await find(gateway, { accountId: account })).toEqual(idsOf((row) => from(row) || to(row)));
    expect(await find(gateway, { sourceAccountId: account, destinationAccountId: account })).toEqual([]);
    expect(await sent(gateway, { sourceAccountId: account, types: ["PAYOUT"] })).toEqual({
      $and: [{ $match: { source_account_id: id } }, { $match: { type: "PAYOUT" } }],
    });
  });

  it("what they are not, by connector", async () => {
    await using gateway = await start();
    const { payments, connectors } = gateway.sandbox.world;
    const plaid = firstOf(connectors, ({ provider }) => provider === "plaid").id;
    const filter = { not: { connectorId: connectorGlobalId(plaid) } };
    expect(await sent(gateway, filter)).toEqual({ $not: { $match: { connector_id: plaid } } });
    const others = payments.filter(({ connectorID }) => connectorID !== plaid).map(({ id }) => id);
    expect(await find(gateway, filter)).toEqual(others);
  });

  it("a PSU as its own alone, whatever it negates", async () => {
    await using gateway = await start();
    const { payments } = gateway.sandbox.world;
    const me = firstOf(payments).psuID ?? "";
    await using mine = createTestGateway(gateway.sandbox, { viewer: psuViewer(me) });
    for (const filter of [
      { not: { types: ["TRANSFER"] } },
      { not: { reference: "x" } },
      { asset: "EUR/2", minAmount: "0" },
    ]) {
      const found = await find(mine, filter);
      const own = payments.filter((row) => row.psuID === me && (!("asset" in filter) || isEuro(row)));
      expect(found).toEqual(own.map(({ id }) => id));
      expect(await sent(mine, filter)).toMatchObject({ $and: [{ $match: { psu_id: me } }, expect.anything()] });
    }
  });
});

describe("a page from a time on", () => {
  it("ends there, without a call more", async () => {
    await using gateway = await start();
    const { payments } = gateway.sandbox.world;
    const row = payments[30];
    const filter = { createdFrom: toTimestamp(row?.createdAt ?? 0) };
    const ids = payments.filter(({ createdAt }) => createdAt >= (row?.createdAt ?? 0)).map(({ id }) => id);
    const calls = await gateway.calls(async () => expect(await find(gateway, filter)).toEqual(ids));
    expect(calls.filter(({ path }) => path === "/payments")).toHaveLength(1);
    expect(calls[0]?.body).toBeUndefined();

    const pages: string[] = [];
    let after: string | null = null;
    for (let hasNextPage = true; hasNextPage; ) {
      const { payments: page }: FoundPaymentsQuery = await gateway.run(FoundPayments, { filter, first: 7, after });
      pages.push(...page.nodes.map(({ paymentId }) => paymentId));
      ({ hasNextPage } = page.pageInfo);
      after = page.pageInfo.endCursor ?? after;
    }
    expect(pages).toEqual(ids);
  });

  it("is exact to the microsecond, and takes times of any zone", async () => {
    await using gateway = await start();
    const { payments } = gateway.sandbox.world;
    const second = payments[1];
    const at = (second?.createdAt ?? 0) + 123_457;
    Object.assign(second ?? {}, { createdAt: at });
    Object.assign(payments[0] ?? {}, { createdAt: at + 1 });
    const last = async (createdFrom: string) => (await find(gateway, { createdFrom })).at(-1);
    const idOf = (from: number) => payments.filter(({ createdAt }) => createdAt >= from).at(-1)?.id;
    expect(await last(toTimestamp(at))).toBe(idOf(at));
    expect(await last(toTimestamp(at + 1))).toBe(idOf(at + 1));
    expect(idOf(at)).not.toBe(idOf(at + 1));
    const day = toTimestamp(at - (at % 86_400_000_000));
    const inZone = day.replace("T00:00:00Z", "T05:30:00+05:30");
    expect(await find(gateway, { createdFrom: inZone })).toEqual(await find(gateway, { createdFrom: day }));
    const shifted = toTimestamp(at + 1 + 5.5 * 3_600_000_000).replace("Z", "+05:30");
    expect(await last(shifted)).toBe(idOf(at + 1));
    expect(await find(gateway, { createdFrom: "2999-01-01T00:00:00Z" })).toEqual([]);
  });
});

it("a cursor is of its whole filter", async () => {
  await using gateway = await start();
  const asset = "EUR/2";
  const filters: readonly object[] = [
    {},
    { types: ["PAYOUT"] },
    { statuses: ["SUCCEEDED"] },
    { schemes: ["OTHER"] },
    { asset },
    { asset, minAmount: "1" },
    { asset, minAmount: "2" },
    { asset, maxAmount: "100000000" },
    { not: { types: ["TRANSFER"] } },
    { not: { types: ["OTHER"] } },
    { createdFrom: "2000-01-01T00:00:00Z" },
    { createdFrom: "2000-01-02T00:00:00Z" },
  ];
  const document = FoundPayments.toString();
  for (const [at, filter] of filters.entries()) {
    const { payments } = await gateway.run(FoundPayments, { filter, first: 1, after: null });
    const after = payments.pageInfo.endCursor;
    expect(after).not.toBeNull();
    for (const [other, changed] of filters.entries()) {
      const { found } = await refusal(gateway, document, { filter: changed, first: 1, after });
      expect([filter, changed, found]).toEqual([filter, changed, at === other ? [] : [["BAD_USER_INPUT", "after"]]]);
    }
  }
});

describe("a filter is refused", () => {
  const document = "query ($filter: PaymentFilter) { payments(filter: $filter) { nodes { id } } }";
  const asset = "EUR/2";
  const cases: readonly (readonly [object, string])[] = [
    [{ types: [] }, "filter.types"],
    [{ statuses: [] }, "filter.statuses"],
    [{ schemes: [] }, "filter.schemes"],
    [{ types: Array.from({ length: 51 }, () => "PAYOUT") }, "filter.types"],
    [{ types: ["PAYOUT", "OTHER_VALUE"] }, "filter.types.1"],
    [{ statuses: ["OTHER_VALUE"] }, "filter.statuses.0"],
    [{ schemes: ["OTHER_VALUE"] }, "filter.schemes.0"],
    [{ minAmount: "1" }, "filter.minAmount"],
    [{ maxAmount: "1" }, "filter.maxAmount"],
    [{ asset: " ", maxAmount: "1" }, "filter.maxAmount"],
    [{ asset, minAmount: "-1" }, "filter.minAmount"],
    [{ asset, maxAmount: "-1" }, "filter.maxAmount"],
    [{ asset, minAmount: "2", maxAmount: "1" }, "filter.minAmount"],
    [{ asset, minAmount: "9".repeat(101) }, "filter.minAmount"],
    [{ asset, minAmount: 5 }, "filter.minAmount"],
    [{ asset, minAmount: "1.5" }, "filter.minAmount"],
    [{ asset, maxAmount: "" }, "filter.maxAmount"],
    [{ asset, maxAmount: ["1"] }, "filter.maxAmount"],
    [{ asset, not: { maxAmount: true } }, "filter.not.maxAmount"],
    [{ sourceAccountId: "x" }, "filter.sourceAccountId"],
    [{ destinationAccountId: "x" }, "filter.destinationAccountId"],
    [{ createdFrom: "yesterday" }, "filter.createdFrom"],
    [{ createdFrom: "2026-11-20" }, "filter.createdFrom"],
    [{ createdFrom: "0000-01-01T00:00:00Z" }, "filter.createdFrom"],
    [{ createdFrom: "0001-01-01T00:00:00+01:00" }, "filter.createdFrom"],
    [{ not: {} }, "filter.not"],
    [{ not: { types: null, metadata: {} } }, "filter.not"],
    [{ not: { types: [] } }, "filter.not.types"],
    [{ not: { schemes: ["OTHER_VALUE"] } }, "filter.not.schemes.0"],
    [{ not: { minAmount: "1" } }, "filter.not.minAmount"],
    [{ asset, not: { minAmount: "2", maxAmount: "1" } }, "filter.not.minAmount"],
    [{ not: { not: { types: ["PAYOUT"] } } }, "filter.not.not"],
    [{ not: { createdFrom: "2026-11-20T00:00:00Z" } }, "filter.not.createdFrom"],
    [{ not: { connectorId: "x" } }, "filter.not.connectorId"],
    [{ not: { metadata: { key: 5 } } }, "filter.not.metadata.key"],
    [{ not: { reference: "\0" } }, "filter.not.reference"],
  ];
  it.each(cases)("%j", async (filter, field) => {
    await using gateway = await start();
    expect(await refusal(gateway, document, { filter })).toEqual(refused(field));
  });

  it("when it negates what a payment may not have", async () => {
    await using gateway = await start();
    const { payments, connections } = gateway.sandbox.world;
    const { psuID, sourceAccountID } = firstOf(payments, (row) => row.sourceAccountID !== null);
    const account = accountGlobalId(sourceAccountID ?? "");
    const ids = {
      psuId: psuGlobalId(psuID ?? ""),
      connectionId: connectionGlobalId(firstOf(connections)),
      accountId: account,
      sourceAccountId: account,
      destinationAccountId: account,
    };
    for (const [name, id] of Object.entries(ids)) {
      const filter = { not: { types: ["PAYOUT"], [name]: id } };
      expect([name, await refusal(gateway, document, { filter })]).toEqual([name, refused(`filter.not.${name}`)]);
    }
  });

  it.each([{ type: "PAYOUT" }, { types: ["PAY-IN"] }, { types: [null] }])(
    "when it has no such field or value: %j",
    async (filter) => {
      await using gateway = await start();
      const { found, calls } = await refusal(gateway, document, { filter });
      expect([found.map((error) => (error as unknown[])[0]), calls]).toEqual([["BAD_USER_INPUT"], []]);
    },
  );

  it.each([100, 5000])("when it is %i negations deep", async (depth) => {
    await using gateway = await start();
    const nested = (name: string) => `${`{ ${name}: `.repeat(depth)}{}${" }".repeat(depth)}`;
    const query = `{ payments(filter: ${nested("not")}) { nodes { id } } }`;
    const inVariable = `{"query": ${JSON.stringify(document)}, "variables": {"filter": ${nested('"not"')}}}`;
    for (const body of [JSON.stringify({ query }), inVariable]) {
      const calls = await gateway.calls(async () => {
        const headers = { "content-type": "application/json" };
        const response = await gateway.fetch("/graphql", { method: "POST", headers, body });
        const { errors } = (await response.json()) as { errors: readonly { extensions: { code: string } }[] };
        expect(errors).toHaveLength(1);
        expect(["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"]).toContain(errors[0]?.extensions.code);
      });
      expect(calls).toEqual([]);
    }
  });
});
