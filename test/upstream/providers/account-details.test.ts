/** When a bank was last read, out of the raw rows of three providers. */
import { expect, it } from "vitest";
import { accountDetailsOf, notesSyncTime } from "../../../src/upstream/providers/account-details.ts";
import type { Account } from "../../../src/upstream/wire-types.ts";

const account = (provider: string, raw: unknown) => ({ provider, raw }) as Account;

it.each([
  ["powens", { last_update: "2026-11-28 22:09:51" }, "2026-11-28T21:09:51Z"],
  ["powens", { last_update: "2026-07-28 22:09:51" }, "2026-07-28T20:09:51Z"],
  ["powens", { last_update: "2026-01-01 00:30:00" }, "2025-12-31T23:30:00Z"],
  // The hour that there is twice, and the one that there is not.
  ["powens", { last_update: "2026-10-25 02:30:00" }, "2026-10-25T00:30:00Z"],
  ["powens", { last_update: "2026-10-25 03:00:00" }, "2026-10-25T02:00:00Z"],
  ["powens", { last_update: "2026-03-29 02:30:00" }, "2026-03-29T01:30:00Z"],
  ["powens", { last_update: "2026-02-30 02:30:00" }, null],
  ["powens", { last_update: "2026-11-28T22:09:51Z" }, null],
  ["powens", { last_update: "" }, null],
  ["powens", { last_update: null }, null],
  ["powens", { last_update: 1_795_903_791 }, null],
  ["powens", {}, null],
  ["tink", { dates: { lastRefreshed: "2026-11-28T21:10:42.045Z" } }, "2026-11-28T21:10:42.045Z"],
  ["tink", { dates: { lastRefreshed: "0001-01-01T00:00:00Z" } }, null],
  ["tink", { dates: null }, null],
  ["tink", { dates: { lastRefreshed: "yesterday" } }, null],
  ["plaid", { balances: { last_updated_datetime: "2026-11-28T21:10:42+01:00" } }, "2026-11-28T21:10:42+01:00"],
  ["plaid", { balances: { last_updated_datetime: null } }, null],
  ["plaid", { last_update: "2026-11-28 22:09:51" }, null],
  ["generic", { last_update: "2026-11-28 22:09:51" }, null],
  ["powens", null, null],
  ["tink", "text", null],
  ["plaid", undefined, null],
])("an account of %s with %j was refreshed at %s", (provider, raw, at) => {
  expect(accountDetailsOf(account(provider, raw)).refreshedAt).toBe(at);
});

it.each([
  [{ Provider: "plaid", Reference: "a" }, true],
  [{ Provider: "powens", Reference: "a" }, false],
  [{ Reference: "plaid" }, false],
])("the connections of %j have the time of their data: %s", (id, hasTime) => {
  expect(notesSyncTime(Buffer.from(JSON.stringify(id)).toString("base64url"))).toBe(hasTime);
});
