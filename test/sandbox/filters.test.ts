import { describe, expect, test } from "vitest";
import { missingUuid, personNamed, type Stage, stage } from "./helpers.ts";

const names = async (on: Stage, path: string, body: unknown) =>
  (await on.get(`${path}?pageSize=100`, { body })).body.cursor.data.map((row: { name: string }) => row.name).sort();

describe("a filter", () => {
  test("is a JSON body on the GET, or the query parameter, and the body wins", async () => {
    await using on = await stage();
    const filter = JSON.stringify({ $match: { name: "Livret A" } });
    const byBody = await on.get("/accounts", { body: filter });
    const byQuery = await on.get("/accounts", { query: { query: filter } });
    expect(byBody.body.cursor.data).toHaveLength(2);
    expect(byQuery.body).toEqual(byBody.body);
    const both = await on.get("/accounts", { body: filter, query: { query: "{nonsense" } });
    expect(both.body).toEqual(byBody.body);
  });

  test("finds rows of many PSUs at once with $or", async () => {
    await using on = await stage();
    const wanted = ["Chloé", "Daichi", "Emma", "Fatima"].map((name) => personNamed(on, name).id);
    const filter = { $or: wanted.map((id) => ({ $match: { psu_id: id } })) };
    const { data } = (await on.get("/accounts?pageSize=100", { body: filter })).body.cursor;
    expect(new Set(data.map((row: { psuID: string }) => row.psuID))).toEqual(new Set(wanted));
    expect(data).toHaveLength(on.world.accounts.filter((row) => wanted.includes(row.psuID ?? "")).length);
  });

  test("combines $and, $not and metadata", async () => {
    await using on = await stage();
    const filter = {
      $and: [
        { $match: { "metadata[accountType]": "depository" } },
        { $not: { $match: { default_asset: "GBP/2" } } },
        { $match: { type: "INTERNAL" } },
      ],
    };
    const found = await names(on, "/accounts", filter);
    const wanted = on.world.accounts.filter(
      (row) => row.metadata?.["accountType"] === "depository" && row.defaultAsset !== "GBP/2",
    );
    expect(found).toEqual(wanted.map((row) => row.name).sort());
    expect(found.length).toBeGreaterThan(2);
  });

  test("leaves out rows whose column is null, also under $not", async () => {
    await using on = await stage();
    const filter = { $not: { $match: { psu_id: missingUuid } } };
    const { data } = (await on.get("/accounts?pageSize=100", { body: filter })).body.cursor;
    expect(data).toHaveLength(on.world.accounts.filter((row) => row.psuID !== null).length);
    expect(on.world.accounts.some((row) => row.psuID === null)).toBe(true);
  });

  test("compares amounts exactly, beyond what a double holds", async () => {
    await using on = await stage();
    const big = [...on.world.payments].sort((a, b) => (a.amount < b.amount ? 1 : -1))[0];
    if (big === undefined) throw new Error("A payment is needed.");
    expect(big.amount).toBeGreaterThan(2n ** 53n);
    const above = (bound: bigint) => on.get("/payments", { body: `{"$gt":{"amount":${bound}}}` });
    expect((await above(big.amount - 1n)).body.cursor.data).toHaveLength(1);
    expect((await above(big.amount)).body.cursor.data).toHaveLength(0);
  });

  test("that is empty is none", async () => {
    await using on = await stage();
    for (const body of ["{}", "null", '{"$and":[]}']) {
      expect((await on.get("/connectors", { body })).body.cursor.data).toHaveLength(4);
    }
  });
});

describe("a filter is refused with VALIDATION", () => {
  const match = (key: string, value: unknown = "x") => ({ $match: { [key]: value } });
  test.each([
    ["an unknown key", "/accounts", match("iban")],
    ["a key that only another list has", "/payment-service-users", match("name")],
    ["a comparison where only $match is allowed", "/payments", { $gte: { reference: "a" } }],
    ["$in where only $match is allowed", "/payments", { $in: { psu_id: [missingUuid] } }],
    ["a comparison of metadata", "/accounts", { $lt: { "metadata[k]": "v" } }],
    ["an unknown operator", "/accounts", { $near: { name: "x" } }],
    ["two operators side by side", "/accounts", { ...match("name"), $not: match("type") }],
    ["two keys in one operator", "/accounts", { $match: { name: "x", type: "y" } }],
    ["a list where a filter should be", "/accounts", [match("name")]],
    ["a number with a fraction", "/payments", '{"$gt":{"amount":1.5}}'],
    ["what is no JSON", "/accounts", "{"],
    ["a malformed UUID", "/accounts", match("psu_id", "nobody")],
    ["a provider that is no text", "/connectors", '{"$match":{"provider":7}}'],
  ])("for %s", async (_case, path, body) => {
    await using on = await stage();
    const reply = await on.get(path, { body });
    expect([reply.status, reply.body?.errorCode]).toEqual([400, "VALIDATION"]);
  });
});

test("what parses but makes no working SQL is an internal error: $in, $like and $exists on list columns", async () => {
  await using on = await stage();
  for (const body of [{ $in: { id: ["x"] } }, { $like: { name: "L%" } }, { $exists: { name: true } }]) {
    const reply = await on.get("/accounts", { body });
    expect([reply.status, reply.body.errorCode]).toEqual([500, "INTERNAL"]);
  }
});

test("each list has its own keys", async () => {
  await using on = await stage();
  const ben = personNamed(on, "Ben");
  const at = `/payment-service-users/${ben.id}`;
  const plaid = on.world.connectors.find((row) => row.provider === "plaid")?.id;
  const count = async (path: string, body: unknown) => (await on.get(path, { body })).body.cursor.data.length;
  expect(await count("/payment-service-users", { $match: { id: ben.id.toUpperCase() } })).toBe(1);
  expect(await count("/payment-service-users", { $match: { "metadata[segment]": "business" } })).toBe(1);
  expect(await count("/connectors", { $match: { provider: "PLAID" } })).toBe(1);
  expect(await count(`${at}/connections`, { $match: { status: "ERROR" } })).toBe(1);
  expect(await count(`${at}/connectors/${plaid}/link-attempts`, { $match: { status: "exited" } })).toBe(0);
  expect(await count("/payments?pageSize=100", { $match: { scheme: "OTHER" } })).toBe(100);
});
