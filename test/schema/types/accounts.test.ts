import { afterAll, describe, expect, it } from "vitest";
import { createWorld } from "../../../sandbox/world.ts";
import { createTestGateway, psuViewer, startTestGateway } from "../../support/helpers.ts";
import { accountGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

const world = createWorld();
const gateway = await startTestGateway({ sandbox: { world } });
afterAll(() => gateway[Symbol.asyncDispose]());

const money = "{ asset amount }";
const details = `kind isLiability officialName mask available ${money} limit ${money} refreshedAt`;

type Row = Readonly<Record<string, unknown>> & { readonly name: string; readonly raw: unknown };

async function accountsOf(name: string): Promise<readonly Row[]> {
  const { id } = firstOf(world.people, (person) => person.name === name);
  const query = `{ paymentServiceUser(id: "${psuGlobalId(id)}") { accounts { name ${details} } } }`;
  const { data, errors } = await gateway.send<{ paymentServiceUser: { accounts: readonly Row[] } }>(query);
  expect(errors).toEqual([]);
  return data?.paymentServiceUser.accounts ?? [];
}

const amountIn = (asset: string) => ({ asset, amount: expect.stringMatching(/^-?\d+$/) });

describe("what people know an account by", () => {
  it("is there for Plaid's cards and mortgages", async () => {
    const rows = await accountsOf("Kofi Mensah");
    expect(firstOf(rows, ({ name }) => name === "Mortgage")).toMatchObject({
      ...{ kind: "MORTGAGE", isLiability: true, officialName: "Harbour & Vale 5 Year Fixed Rate Mortgage" },
      ...{ mask: expect.stringMatching(/^\d{4}$/), available: null, limit: null, refreshedAt: null },
    });
    expect(firstOf(rows, ({ name }) => name === "Credit card")).toMatchObject({
      ...{ kind: "CREDIT_CARD", isLiability: true, officialName: null },
      ...{ available: amountIn("GBP/2"), limit: amountIn("GBP/2") },
    });
    const [named] = await accountsOf("Hannah Cole").then((all) => all.filter(({ name }) => name === "Rewards card"));
    expect(named).toMatchObject({ officialName: "Copperfield Rewards Visa Signature" });
  });

  it("is there for Tink's, whose accounts have no default asset", async () => {
    const rows = await accountsOf("Astrid Lindqvist");
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(rows.map(({ kind, isLiability }) => [kind, isLiability]).toSorted()).toEqual([
      ["CHECKING", false],
      ["CREDIT_CARD", true],
      ["MORTGAGE", true],
      ["SAVINGS", false],
    ]);
    expect(firstOf(rows, ({ kind }) => kind === "CREDIT_CARD")).toMatchObject({
      ...{ officialName: null, mask: null, refreshedAt: time },
      ...{ available: amountIn("SEK/2"), limit: { asset: "SEK/2", amount: "3500000" } },
    });
  });

  it("is unknown of those of Powens, but for the time", async () => {
    const rows = await accountsOf("Chloé Martin");
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) {
      expect(row).toMatchObject({ kind: "UNKNOWN", isLiability: false, available: null, limit: null, mask: null });
      expect(row["refreshedAt"]).toMatch(/Z$/);
    }
  });

  it("costs no call", async () => {
    const cost = async (fields: string) =>
      (await gateway.calls(() => gateway.send(`{ accounts(first: 50) { nodes { id ${fields} } } }`))).length;
    expect(await cost(details)).toBe(await cost("name"));
  });

  it("is for its PSU, which may not see `raw`, and for no other", async () => {
    const [owner, other] = ["Kofi Mensah", "Ben Okafor"].map((name) =>
      firstOf(world.people, (row) => row.name === name),
    );
    const account = firstOf(world.accounts, ({ psuID, name }) => psuID === owner?.id && name === "Mortgage");
    const query = `{ account(id: "${accountGlobalId(account.id)}") { mask kind } }`;
    await using own = createTestGateway(gateway.sandbox, { viewer: psuViewer(owner?.id ?? "") });
    await using foreign = createTestGateway(gateway.sandbox, { viewer: psuViewer(other?.id ?? "") });
    expect(await own.send(query)).toMatchObject({ data: { account: { kind: "MORTGAGE" } }, errors: [] });
    expect(await foreign.send(query)).toMatchObject({ data: { account: null }, errors: [] });
  });
});
