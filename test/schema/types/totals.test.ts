import { describe, expect, it } from "vitest";
import type { Balance } from "../../../sandbox/models/balance.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { createTestGateway, psuViewer, startTestGateway } from "../../support/helpers.ts";
import { accountGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

const money = "{ asset amount }";
const totals = `totals { currency asset assets ${money} liabilities ${money} net ${money} }`;
const TotalsOfUser = `query TotalsOfUser($id: ID!) { paymentServiceUser(id: $id) { name ${totals} } }`;

type Amount = { readonly asset: string; readonly amount: string };
type Row = { readonly asset: string; readonly assets: Amount; readonly liabilities: Amount; readonly net: Amount };
type Answer = { readonly paymentServiceUser: { readonly name: string; readonly totals: readonly Row[] | null } };

const card = { type: "credit", subtype: "credit card" };

type Given = { readonly raw?: object; readonly type?: string; readonly held?: Readonly<Record<string, bigint>> };

/** A PSU with one account of each provider. */
async function stage(given: Readonly<Partial<Record<"plaid" | "tink" | "powens", Given>>>) {
  const world = createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 1 } });
  const gateway = await startTestGateway({ sandbox: { world } });
  const psuId = firstOf(world.people).id;
  const idOf: Record<string, string> = {};
  for (const connector of world.connectors) {
    const account = world.accounts.find((row) => row.psuID === psuId && row.connectorID === connector.id);
    if (account === undefined) continue;
    const { raw = {}, type = "INTERNAL", held = {} } = given[connector.provider as "plaid"] ?? { type: "EXTERNAL" };
    Object.assign(account, { raw, type });
    idOf[connector.provider] = account.id;
    const rows = world.balances(account.id) as Balance[];
    const seen = { accountID: account.id, createdAt: world.now(), lastUpdatedAt: world.now() };
    rows.splice(0, rows.length, ...Object.entries(held).map(([asset, amount]) => ({ ...seen, asset, amount })));
  }
  const read = () => gateway.send<Answer>(TotalsOfUser, { id: psuGlobalId(psuId) });
  return { ...{ world, gateway, psuId, idOf, read }, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

/** Of each currency: its asset, assets, liabilities and net. */
const sums = (rows: readonly Row[] | null | undefined) =>
  rows?.map(({ asset, assets, liabilities, net }) => [asset, assets.amount, liabilities.amount, net.amount]);

describe("the totals of a PSU", () => {
  it.each<[string, Parameters<typeof stage>[0], readonly (readonly string[])[]]>([
    ["of no account are none", {}, []],
    [
      "are sorted by currency",
      { tink: { held: { "USD/2": 5n, "EUR/2": 7n, JPY: 0n } } },
      [
        ["EUR/2", "7", "0", "7"],
        ["JPY", "0", "0", "0"],
        ["USD/2", "5", "0", "5"],
      ],
    ],
    [
      "have what is owed apart, of Plaid with a positive balance and of Tink with a negative one",
      {
        plaid: { raw: card, held: { "EUR/2": 5000n } },
        tink: { raw: { type: "MORTGAGE" }, held: { "EUR/2": -70_000n } },
        powens: { held: { "EUR/2": 100_000n } },
      },
      [["EUR/2", "100000", "75000", "25000"]],
    ],
    [
      "count an account of unknown kind with its sign, and what was overpaid against what is owed",
      { plaid: { raw: card, held: { "EUR/2": -300n } }, powens: { held: { "EUR/2": -2000n } } },
      [["EUR/2", "-2000", "-300", "-1700"]],
    ],
    [
      "are exact at the finest scale of a currency",
      {
        plaid: { held: { "EUR/2": 9_007_199_254_740_993n } },
        tink: { held: { "EUR/4": 1n } },
        powens: { held: { EUR: 1n } },
      },
      [["EUR/4", "900719925474109301", "0", "900719925474109301"]],
    ],
    [
      "leave out the accounts of others",
      { plaid: { held: { "EUR/2": 1n } }, tink: { type: "EXTERNAL", held: { "EUR/2": 5n } } },
      [["EUR/2", "1", "0", "1"]],
    ],
  ])("%s", async (_title, given, expected) => {
    await using on = await stage(given);
    const { data, errors } = await on.read();
    expect(errors).toEqual([]);
    expect(sums(data?.paymentServiceUser.totals)).toEqual(expected);
  });

  it("are null with an error that names the account where one has no balance yet", async () => {
    await using on = await stage({ plaid: { held: { "EUR/2": 1n } }, tink: {} });
    const { data, errors } = await on.read();
    expect(data?.paymentServiceUser).toEqual({ name: expect.any(String), totals: null });
    expect(errors).toMatchObject([
      {
        path: ["paymentServiceUser", "totals"],
        extensions: {
          ...{ code: "UPSTREAM_UNAVAILABLE", retryable: true },
          accountIds: [accountGlobalId(on.idOf["tink"] ?? "")],
        },
      },
    ]);
  });

  it("are null with an error where a balance cannot be read, or the type of an account is not known", async () => {
    await using on = await stage({ plaid: { held: { "EUR/2": 1n } }, tink: { held: { "EUR/2": 1n } } });
    {
      using _fault = on.gateway.sandbox.fault(({ path }) => path.includes(`${on.idOf["tink"]}/balances`), {
        status: 500,
      });
      const { data, errors } = await on.read();
      expect(data?.paymentServiceUser).toEqual({ name: expect.any(String), totals: null });
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_UNAVAILABLE"]);
    }
    Object.assign(on.world.account(on.idOf["tink"] ?? "") ?? {}, { type: "SHARED" });
    const { data, errors } = await on.read();
    expect(data?.paymentServiceUser.totals).toBeNull();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
  });

  it("cost no calls beside the accounts and their balances", async () => {
    await using on = await stage({ plaid: { held: { "EUR/2": 1n } }, tink: { held: { "EUR/2": 1n } } });
    const cost = async (fields: string) =>
      (await on.gateway.calls(() => on.gateway.send(`{ paymentServiceUser(id: "${on.psuId}") { ${fields} } }`))).length;
    const alone = await cost("totals { currency }");
    expect(alone).toBe(4);
    // One more balance: that of the account of others.
    expect(await cost("totals { currency } accounts { balances { amount { decimal } } }")).toBe(alone + 1);
  });

  it("are another PSU's for nobody else", async () => {
    await using on = await stage({ plaid: { held: { "EUR/2": 1n } } });
    const other = firstOf(on.world.people, ({ id }) => id !== on.psuId).id;
    await using gateway = createTestGateway(on.gateway.sandbox, { viewer: psuViewer(other) });
    const { data } = await gateway.send(TotalsOfUser, { id: psuGlobalId(on.psuId) });
    expect(data).toEqual({ paymentServiceUser: null });
  });
});
