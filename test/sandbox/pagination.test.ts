import { describe, expect, test } from "vitest";
import { personNamed, stage } from "./helpers.ts";

const decode = (cursor: string) => JSON.parse(Buffer.from(cursor, "base64url").toString());
const encode = (cursor: unknown) => Buffer.from(JSON.stringify(cursor)).toString("base64url");

describe("a list", () => {
  test("has pages of 15, newest first, and says whether there is more", async () => {
    await using on = await stage();
    const { cursor } = (await on.get("/payments")).body;
    expect(cursor).toMatchObject({ pageSize: 15, hasMore: true });
    expect(cursor).not.toHaveProperty("previous");
    const times = cursor.data.map((row: { createdAt: string }) => Date.parse(row.createdAt));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(times).toHaveLength(15);
  });

  test("clamps a page size silently to 100 and takes 0 for the default", async () => {
    await using on = await stage();
    expect((await on.get("/payments?pageSize=1000")).body.cursor.data).toHaveLength(100);
    expect((await on.get("/payments?pageSize=0")).body.cursor.pageSize).toBe(15);
    for (const size of ["-1", "many", "4294967296"]) {
      const refused = await on.get(`/payments?pageSize=${size}`);
      expect([refused.status, refused.body.errorCode]).toEqual([400, "VALIDATION"]);
    }
  });

  test("is read to the end by its next cursors, each row once, and back by its previous ones", async () => {
    await using on = await stage();
    const ids: string[] = [];
    let page = (await on.get("/accounts?pageSize=10")).body.cursor;
    const first = page.data;
    for (;;) {
      ids.push(...page.data.map((row: { id: string }) => row.id));
      if (!page.hasMore) break;
      page = (await on.get("/accounts", { query: { cursor: page.next } })).body.cursor;
    }
    expect(ids).toEqual(on.world.accounts.map((row) => row.id));
    expect(page).not.toHaveProperty("next");
    while (page.previous !== undefined)
      page = (await on.get("/accounts", { query: { cursor: page.previous } })).body.cursor;
    expect(page.data).toEqual(first);
  });
});

describe("a cursor", () => {
  test("is unsigned JSON of offset, page size and filter", async () => {
    await using on = await stage();
    const query = { $match: { type: "PAYOUT" } };
    const { next } = (await on.get("/payments?pageSize=2", { body: query })).body.cursor;
    expect(decode(next)).toEqual({
      offset: 2,
      order: 0,
      pageSize: 2,
      filters: { qb: { $and: [query] }, pageSize: 2, options: {} },
    });
  });

  test("wins over page size and filter of the request", async () => {
    await using on = await stage();
    const { next } = (await on.get("/payments?pageSize=2", { body: { $match: { type: "PAYOUT" } } })).body.cursor;
    const page = (
      await on.get("/payments", { query: { cursor: next, pageSize: "9" }, body: { $match: { type: "PAY-IN" } } })
    ).body.cursor;
    expect(page.data.map((row: { type: string }) => row.type)).toEqual(["PAYOUT", "PAYOUT"]);
  });

  test("that is forged reads any account's balances, without a limit", async () => {
    await using on = await stage();
    const [own, other] = on.world.accounts.filter((account) => on.world.balances(account.id).length > 15);
    if (own === undefined || other === undefined) throw new Error("Two accounts are needed.");
    const { next } = (await on.get(`/accounts/${own.id}/balances`)).body.cursor;
    const forged = decode(next);
    forged.offset = 0;
    forged.pageSize = 0;
    forged.filters.options.AccountID = JSON.parse(Buffer.from(other.id, "base64url").toString());
    const { cursor } = (await on.get(`/accounts/${own.id}/balances`, { query: { cursor: encode(forged) } })).body;
    expect(new Set(cursor.data.map((row: { accountID: string }) => row.accountID))).toEqual(new Set([other.id]));
    expect(cursor.data).toHaveLength(on.world.balances(other.id).length);
  });

  test("does not reach past the PSU of the path", async () => {
    await using on = await stage();
    const chloe = personNamed(on, "Chloé");
    const ben = personNamed(on, "Ben");
    const { next } = (await on.get(`/payment-service-users/${chloe.id}/connections?pageSize=1`)).body.cursor;
    const page = (await on.get(`/payment-service-users/${ben.id}/connections`, { query: { cursor: next } })).body
      .cursor;
    const theirs = on.world.connections.filter((row) => row.psuID === ben.id).map((row) => row.connectionID);
    expect(page.data.map((row: { connectionID: string }) => row.connectionID)).toEqual(theirs.slice(1, 2));
  });

  test("that is no cursor is refused", async () => {
    await using on = await stage();
    for (const cursor of ["%%%", "bm90IGpzb24", encode({ offset: -1 }), encode({ filters: { qb: { $match: {} } } })]) {
      const reply = await on.get("/accounts", { query: { cursor } });
      expect([reply.status, reply.body.errorMessage]).toEqual([400, "invalid 'cursor' query param"]);
    }
  });
});
