import { describe, expect, test } from "vitest";
import { find, type Stage, stage } from "./helpers.ts";

const accountWith = (on: Stage, asset: string, more = 0) =>
  find(on.world.accounts, (row) => {
    const rows = on.world.balances(row.id);
    return rows[0]?.asset === asset && rows.length > more;
  });
const history = async (on: Stage, id: string, search = "") =>
  (await on.get(`/accounts/${id}/balances?pageSize=100${search}`)).body.cursor.data;

describe("an account's balances", () => {
  test("are a history, newest first, whose rows end where the next begins", async () => {
    await using on = await stage();
    const account = accountWith(on, "GBP/2", 20);
    const rows = await history(on, account.id);
    expect(rows.length).toBeGreaterThan(20);
    for (const [at, row] of rows.entries()) {
      expect(row).toMatchObject({ accountID: account.id, psuID: account.psuID });
      expect(row.openBankingConnectionID ?? null).toBe(account.connectionID);
      const newer = rows[at - 1];
      if (newer !== undefined) expect(row.lastUpdatedAt).toBe(newer.createdAt);
    }
  });

  test("change by what the payments move", async () => {
    await using on = await stage();
    const account = accountWith(on, "SEK/2", 10);
    const rows = [...on.world.balances(account.id)].reverse();
    const moves = on.world.payments
      .filter((row) => row.status === "SUCCEEDED")
      .filter((row) => [row.sourceAccountID, row.destinationAccountID].includes(account.id))
      .map((row) => (row.sourceAccountID === account.id ? -row.amount : row.amount));
    for (const [at, row] of rows.entries()) {
      const before = rows[at - 1];
      if (before !== undefined) expect(moves).toContain(row.amount - before.amount);
    }
  });

  test("are narrowed by asset, by from against the last confirmation, and by to against the beginning", async () => {
    await using on = await stage();
    const account = find(on.world.accounts, (row) => row.name === "Reisekonto");
    const sek = await history(on, account.id, "&asset=SEK/2");
    expect(sek.map((row: { balance: number }) => row.balance)).toEqual([1_250_000]);
    const eur = await history(on, account.id, "&asset=EUR/2");
    const middle = eur[50];
    // A row that began before `from` but was still true then is in.
    const later = await history(on, account.id, `&asset=EUR/2&from=${middle.lastUpdatedAt}`);
    expect(later).toEqual(eur.slice(0, 51));
    const earlier = await history(on, account.id, `&asset=EUR/2&to=${middle.createdAt}`);
    expect(earlier[0]).toEqual(middle);
    // The names that the published document gives are not read.
    expect(await history(on, account.id, `&asset=EUR/2&fromTimestamp=${middle.lastUpdatedAt}`)).toEqual(eur);
  });

  test("of a long history keep an asset's newest row beyond the first hundred", async () => {
    await using on = await stage();
    const account = find(on.world.accounts, (row) => row.name === "Reisekonto");
    const assets = (await history(on, account.id)).map((row: { asset: string }) => row.asset);
    expect(new Set(assets)).toEqual(new Set(["EUR/2"]));
    const all = on.world.balances(account.id);
    expect(new Set(all.slice(100).map((row) => row.asset))).toEqual(new Set(["EUR/2", "SEK/2", "USD/2"]));
  });

  test("of an account without a PSU say so with an empty text", async () => {
    await using on = await stage();
    const account = find(on.world.accounts, (row) => row.name === "Operating account");
    const [row] = await history(on, account.id);
    expect(row.psuID).toBe("");
    expect(row).not.toHaveProperty("openBankingConnectionID");
    const wire = (await on.get(`/accounts/${account.id}`)).body.data;
    expect(wire).not.toHaveProperty("psuID");
    expect(wire).not.toHaveProperty("openBankingConnectionID");
  });

  test("are refused with VALIDATION for a bad account id or a bad time", async () => {
    await using on = await stage();
    const { id } = accountWith(on, "EUR/2");
    for (const path of [
      "/accounts/!!/balances",
      `/accounts/${id}/balances?from=yesterday`,
      `/accounts/${id}/balances?to=2026-07-01`,
    ]) {
      const reply = await on.get(path);
      expect([reply.status, reply.body.errorCode]).toEqual([400, "VALIDATION"]);
    }
  });
});

describe("an amount", () => {
  test("beyond 2^53 is written digit for digit, at any scale", async () => {
    await using on = await stage();
    for (const asset of ["ETH/18", "JPY"]) {
      const account = find(
        on.world.accounts,
        (row) => row.defaultAsset === asset && (on.world.balances(row.id)[0]?.amount ?? 0n) > 2n ** 53n,
      );
      const amount = on.world.balances(account.id)[0]?.amount;
      const { text } = await on.get(`/accounts/${account.id}/balances?pageSize=1`);
      expect(text).toContain(`"balance":${amount},`);
    }
  });

  test("can be negative or zero", async () => {
    await using on = await stage();
    const newest = on.world.accounts.map((row) => on.world.balances(row.id)[0]?.amount);
    expect(newest.some((amount) => amount !== undefined && amount < 0n)).toBe(true);
    expect(newest).toContain(0n);
    const account = find(on.world.accounts, (row) => row.name === "Supplier payments");
    expect((await history(on, account.id))[0].balance).toBe(0);
  });
});
