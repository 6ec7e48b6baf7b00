/** Payments as people know them: their details of each provider, and what these cost. */
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { createPayment, type Payment } from "../../../sandbox/models/payment.ts";
import { startSandbox } from "../../../sandbox/server.ts";
import { toTimestamp } from "../../../sandbox/time.ts";
import { createWorld, type World } from "../../../sandbox/world.ts";
import { tokenPath } from "../../../src/upstream/transport/transport.ts";
import { graphql } from "../../graphql/gql.ts";
import { createTestGateway, operator, psuViewer, type TestGateway } from "../../support/helpers.ts";
import { firstOf } from "../global-ids.ts";

const PaymentInFull = graphql(`
  query PaymentInFull($id: ID!) {
    payment(id: $id) {
      type typeText status statusText scheme schemeText direction
      amount { asset amount } initialAmount { asset amount decimal }
      isPending description bookedOn valueOn occurredAt
      counterparty { name logoUrl website } category { name detailed source }
      adjustments { status statusText amount { asset amount } createdAt raw }
    }
  }
`);

const PaymentsInFull = graphql(`
  query PaymentsInFull($first: Int) {
    payments(first: $first) {
      nodes {
        paymentId isPending description bookedOn valueOn occurredAt
        counterparty { name } category { name } adjustments { id createdAt }
      }
    }
  }
`);

const PlainPayments = graphql(`
  query PlainPayments($first: Int) {
    payments(first: $first) { nodes { paymentId type status scheme direction amount { amount } createdAt } }
  }
`);

const start = async () => {
  const world = createWorld({ clock: createManualClock() });
  const sandbox = await startSandbox({ world });
  const gateway = createTestGateway(sandbox);
  return {
    world,
    sandbox,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
};

const read = async (gateway: TestGateway, id: string) => (await gateway.run(PaymentInFull, { id })).payment;
const pathsOf = async (gateway: TestGateway, work: () => Promise<unknown>) =>
  (await gateway.calls(work)).map(({ path }) => path).filter((path) => path !== tokenPath);

const of = (world: World, provider: string) => {
  const { id } = firstOf(world.connectors, (row) => row.provider === provider);
  return world.payments.filter(({ connectorID }) => connectorID === id);
};
const rawOf = (row: Payment) => row.raw as Readonly<Record<string, never>>;

describe("a payment", () => {
  it("of Plaid has its merchant, category and day; while pending, with the status SUCCEEDED", async () => {
    await using on = await start();
    const rows = of(on.world, "plaid");
    const isCard = (row: Payment) => rawOf(row)["merchant_name"] !== undefined;
    const booked = firstOf(rows, (row) => isCard(row) && row.type === "PAYOUT" && rawOf(row)["pending"] === false);
    const { merchant_name: name, logo_url, website, original_description, date } = rawOf(booked);
    expect(await read(on.gateway, booked.id)).toMatchObject({
      ...{ type: "PAYOUT", status: "SUCCEEDED", scheme: "OTHER", direction: "OUT", isPending: false },
      ...{ description: original_description, bookedOn: date, valueOn: null },
      counterparty: { name, logoUrl: logo_url, website: `https://${website}` },
      category: { source: "plaid" },
    });
    const pending = firstOf(rows, (row) => rawOf(row)["pending"] === true);
    expect(await read(on.gateway, pending.id)).toMatchObject({ status: "SUCCEEDED", isPending: true, bookedOn: null });
    const dayOnly = firstOf(rows, (row) => rawOf(row)["datetime"] === null);
    expect(await read(on.gateway, dayOnly.id)).toMatchObject({ occurredAt: null });
    const timed = firstOf(rows, (row) => rawOf(row)["datetime"] !== null);
    expect(await read(on.gateway, timed.id)).toMatchObject({ occurredAt: rawOf(timed)["authorized_datetime"] });
  });

  it("of Tink has its text and days, and the states that it has had, the newest first", async () => {
    await using on = await start();
    const rows = of(on.world, "tink");
    const row = firstOf(rows, ({ earlier, type }) => earlier.length > 0 && type === "PAY-IN");
    const payment = await read(on.gateway, row.id);
    const day = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
    expect(payment).toMatchObject({
      ...{ type: "PAY_IN", typeText: "PAY-IN", status: "SUCCEEDED", direction: "IN", isPending: false },
      ...{ counterparty: null, category: null, bookedOn: day, valueOn: day },
      description: (rawOf(row)["descriptions"] as { display: string } | undefined)?.display,
    });
    const amount = { asset: row.asset, amount: String(row.amount) };
    const createdAt = toTimestamp(row.createdAt);
    expect(payment?.adjustments).toEqual([
      { status: "SUCCEEDED", statusText: "SUCCEEDED", amount, createdAt, raw: row.raw },
      { status: "PENDING", statusText: "PENDING", amount, createdAt, raw: row.earlier[0]?.raw },
    ]);
    for (const [status, isPending] of [
      ["PENDING", true],
      ["OTHER", null],
    ] as const) {
      const other = firstOf(rows, (one) => one.status === status);
      expect(await read(on.gateway, other.id)).toMatchObject({ status, isPending, bookedOn: null, valueOn: null });
    }
  });

  it("of Powens has no sign, and its kind for a category", async () => {
    await using on = await start();
    const row = firstOf(of(on.world, "powens"), ({ amount }) => amount < 0n);
    const amount = { asset: row.asset, amount: String(-row.amount) };
    expect(await read(on.gateway, row.id)).toMatchObject({
      ...{ type: "PAYOUT", direction: "OUT", amount, initialAmount: amount, isPending: false, description: null },
      ...{ counterparty: null, occurredAt: null, bookedOn: rawOf(row)["date"] },
      category: { name: rawOf(row)["type"], detailed: null, source: "powens" },
      adjustments: [{ amount }],
    });
  });

  it.each([
    ["CHF/2", 4250n, "42.50"],
    ["KWD/3", 12_345n, "12.345"],
    ["JPY", 1480n, "1480"],
  ])("may be of another currency than its account's: %s", async (asset, amount, decimal) => {
    await using on = await start();
    for (const provider of ["plaid", "tink", "powens"]) {
      const row = firstOf(
        of(on.world, provider),
        (one) => one.asset === asset && [amount, -amount].includes(one.amount),
      );
      expect(on.world.account(row.sourceAccountID ?? "")?.defaultAsset).not.toBe(asset);
      expect(await read(on.gateway, row.id)).toMatchObject({ direction: "OUT", initialAmount: { asset, decimal } });
    }
  });

  it("of a provider that is not known has no details, and no errors", async () => {
    await using on = await start();
    const { id: connectorID } = firstOf(on.world.connectors, ({ provider }) => provider === "generic");
    const raw = { pending: true, name: "x", status: "PENDING" };
    const at = { connectorID, createdAt: on.world.now(), asset: "EUR/2", amount: 5n, raw };
    const settled = createPayment({ ...at, reference: "g1", type: "PAY-IN" });
    const pending = createPayment({ ...at, reference: "g2", type: "PAY-IN", status: "PENDING" });
    (on.world.payments as Payment[]).unshift(settled, pending);
    const none = {
      description: null,
      counterparty: null,
      category: null,
      bookedOn: null,
      valueOn: null,
      occurredAt: null,
    };
    expect(await read(on.gateway, settled.id)).toMatchObject({ ...none, isPending: null, adjustments: [{ raw }] });
    expect(await read(on.gateway, pending.id)).toMatchObject({ ...none, isPending: true });
  });

  it("with values that the graph does not know has OTHER_VALUE, with the text beside it", async () => {
    await using on = await start();
    const row = firstOf(on.world.payments);
    Object.assign(row, { type: "SWAP", status: "ON_HOLD", scheme: "PIX" });
    expect(await read(on.gateway, row.id)).toMatchObject({
      ...{ type: "OTHER_VALUE", typeText: "SWAP", status: "OTHER_VALUE", statusText: "ON_HOLD" },
      ...{ scheme: "OTHER_VALUE", schemeText: "PIX", adjustments: [{ status: "OTHER_VALUE", statusText: "ON_HOLD" }] },
    });
    Object.assign(row, { type: "TRANSFER", status: "AMOUNT_ADJUSTEMENT", scheme: "SEPA_CREDIT" });
    expect(await read(on.gateway, row.id)).toMatchObject({
      ...{ type: "TRANSFER", status: "AMOUNT_ADJUSTMENT", statusText: "AMOUNT_ADJUSTEMENT", scheme: "SEPA_CREDIT" },
    });
  });

  it.each([
    ["PAYOUT", "a", null, "OUT"],
    ["PAY-IN", null, "a", "IN"],
    ["PAYOUT", null, null, "OUT"],
    ["PAYOUT", "a", "b", "OUT"],
    ["TRANSFER", "a", null, "OUT"],
    ["TRANSFER", null, "a", "IN"],
    ["TRANSFER", "a", "b", null],
    ["OTHER", null, null, null],
    ["SWAP", null, "a", "IN"],
  ])("%s from %s to %s goes %s, whatever its sign", async (type, sourceAccountID, destinationAccountID, direction) => {
    await using on = await start();
    const row = firstOf(on.world.payments);
    for (const amount of [-5n, 5n]) {
      Object.assign(row, { type, sourceAccountID, destinationAccountID, amount, initialAmount: amount });
      const payment = await read(on.gateway, row.id);
      expect([payment?.direction, payment?.amount.amount, payment?.initialAmount.amount]).toEqual([
        direction,
        "5",
        "5",
      ]);
    }
  });

  it("that has gone since its row was read has no details", async () => {
    await using on = await start();
    const { id } = firstOf(on.world.payments);
    using _ = on.sandbox.fault(({ path }) => path === `/payments/${id}`, {
      status: 404,
      body: JSON.stringify({ errorCode: "NOT_FOUND", errorMessage: "x" }),
    });
    expect(await read(on.gateway, id)).toMatchObject({ isPending: null, counterparty: null, adjustments: null });
  });
});

describe("the details of a page", () => {
  it("cost one call for each payment, and what is in the rows costs none", async () => {
    await using on = await start();
    const plain = await pathsOf(on.gateway, () => on.gateway.run(PlainPayments, { first: 20 }));
    expect(plain).toEqual(["/payments"]);
    const inFull = await pathsOf(on.gateway, () => on.gateway.run(PaymentsInFull, { first: 20 }));
    const rows = on.world.payments.slice(0, 20).map(({ id }) => `/payments/${id}`);
    expect(inFull.toSorted()).toEqual(["/payments", ...rows].toSorted());
  });

  it("are not read again a moment later, unless status or amount have moved on", async () => {
    await using on = await start();
    const again = () => pathsOf(on.gateway, () => on.gateway.run(PaymentsInFull, { first: 5 }));
    expect(await again()).toHaveLength(6);
    expect(await again()).toEqual(["/payments"]);
    const [first, second] = on.world.payments;
    Object.assign(first ?? {}, { status: "FAILED" });
    Object.assign(second ?? {}, { amount: 1n });
    expect((await again()).toSorted()).toEqual(
      ["/payments", `/payments/${first?.id}`, `/payments/${second?.id}`].toSorted(),
    );
    expect(await again()).toEqual(["/payments"]);
  });

  it("that fail fail alone", async () => {
    await using on = await start();
    const { id } = firstOf(on.world.payments);
    using _ = on.sandbox.fault(({ path }) => path === `/payments/${id}`, { status: 400, body: "{}" });
    const document = "{ payments(first: 3) { nodes { paymentId description category { name } } } }";
    type Rows = { payments: { nodes: readonly { paymentId: string; category: unknown }[] } };
    const { data, errors } = await on.gateway.send<Rows>(document);
    expect(errors.map((error) => error.path?.join("."))).toEqual([
      "payments.nodes.0.description",
      "payments.nodes.0.category",
    ]);
    expect(data?.payments.nodes).toHaveLength(3);
  });
});

describe("what was read for one caller", () => {
  it("is not kept for another: PSUs and operators each read their own", async () => {
    const world = createWorld({ clock: createManualClock(), size: { people: 2, connectionsEach: 2, accountsEach: 1 } });
    await using sandbox = await startSandbox({ world });
    const [me = "", other = ""] = world.people.map(({ id }) => id);
    const viewers = { me: psuViewer(me), other: psuViewer(other), operator };
    // One process for all.
    await using gateway = createTestGateway(sandbox, {
      authenticate: async (authorization) => viewers[authorization as keyof typeof viewers],
    });
    const ask = async (who: keyof typeof viewers, id: string) => {
      const response = await gateway.fetch("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", authorization: who },
        body: JSON.stringify({ query: `{ payment(id: "${id}") { bookedOn adjustments { id } } }` }),
      });
      return ((await response.json()) as { data: { payment: unknown } }).data.payment;
    };
    const { id } = firstOf(world.payments, ({ psuID }) => psuID === me);
    const details = `/payments/${id}`;
    const there = { bookedOn: expect.any(String), adjustments: [expect.anything()] };
    const calls = (who: keyof typeof viewers, expected: unknown) =>
      pathsOf(gateway, async () => expect(await ask(who, id)).toEqual(expected));
    expect(await calls("me", there)).toEqual(["/payments", details]);
    expect(await calls("me", there)).toEqual(["/payments"]);
    expect(await calls("other", null)).toEqual(["/payments"]);
    expect(await calls("operator", there)).toEqual(["/payments", details]);
    expect(await calls("other", null)).toEqual(["/payments"]);
    // When its row has another owner, what was kept of it is of no use to anybody.
    Object.assign(
      firstOf(world.payments, (row) => row.id === id),
      { psuID: other },
    );
    expect(await calls("me", null)).toEqual(["/payments"]);
    expect(await calls("other", there)).toEqual(["/payments", details]);
    expect(await calls("operator", there)).toEqual(["/payments", details]);
  });

  it.each(["psuID", "id"])("is refused when the answer has another %s", async (member) => {
    const world = createWorld({ clock: createManualClock(), size: { people: 2, connectionsEach: 2, accountsEach: 1 } });
    await using sandbox = await startSandbox({ world });
    const [me = "", other = ""] = world.people.map(({ id }) => id);
    await using gateway = createTestGateway(sandbox, { viewer: psuViewer(me) });
    const own = firstOf(world.payments, ({ psuID }) => psuID === me);
    const foreign = firstOf(world.payments, ({ psuID }) => psuID === other);
    const response = await createTestGateway(sandbox).upstream.within({}).payment(foreign.id);
    const amounts = { amount: Number(response.amount), initialAmount: Number(response.initialAmount) };
    const adjustments = response.adjustments.map((row) => ({ ...row, amount: Number(row.amount) }));
    const body = {
      ...response,
      ...amounts,
      adjustments,
      ...(member === "psuID" && { id: own.id }),
      ...(member === "id" && { psuID: me }),
    };
    using _ = sandbox.fault(({ path }) => path === `/payments/${own.id}`, {
      status: 200,
      body: JSON.stringify({ data: body }),
    });
    const { data, errors } = await gateway.send<{ payment: { description: unknown } }>(
      `{ payment(id: "${own.id}") { description } }`,
    );
    expect(data?.payment.description).toBeNull();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
  });

  it("is shown without the provider's row to a PSU, and never logged", async () => {
    await using on = await start();
    const row = firstOf(of(on.world, "plaid"), ({ raw }) => raw["merchant_name"] !== undefined);
    Object.assign(row, { raw: { ...row.raw, original_description: "marker-in-a-row", counterparties: "marker-too" } });
    await using mine = createTestGateway(on.sandbox, { viewer: psuViewer(row.psuID ?? "") });
    const { data, errors } = await mine.send(`{ payment(id: "${row.id}") { description adjustments { id raw } } }`);
    expect(data).toMatchObject({ payment: { description: "marker-in-a-row" } });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN"]);
    expect(mine.lines.filter((line) => line.includes("marker"))).toEqual([]);
  });
});
