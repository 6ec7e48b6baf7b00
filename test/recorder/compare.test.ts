import { describe, expect, test } from "vitest";
import { compareRecordings } from "../../src/recorder/compare.ts";
import type { Exchange } from "../../src/recorder/recording.ts";

const row = { id: "{A}", name: "Ada", createdAt: "2026-11-28T21:09:51Z", metadata: { k: "v" }, address: null };
const others = { id: "<UUID>", name: "<text>", createdAt: "<time>", metadata: "<object>", address: null };
const uuid = "89419d67-6043-40d6-a30c-731c525c6ded";
const page = (...data: readonly object[]) => ({ cursor: { pageSize: 15, hasMore: false, data } });
const refusal = (errorMessage: string) => ({ errorCode: "VALIDATION", errorMessage });

function exchange(answer: unknown, rest: Partial<Exchange> = {}): Exchange {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  const answerHeaders = { "content-type": "application/json" };
  return { name: "one", method: "GET", path: "/users/{A}", status: 200, answerHeaders, answer: text, ...rest };
}

/** What is said to differ, a line each. */
const compare = (before: Exchange, now: Exchange) =>
  compareRecordings([before], [now]).differences.map(({ what, before, now }) => `${what}: ${before} → ${now}`);

describe("no difference is", () => {
  test.each([
    [
      "another value of the same kind",
      { data: row },
      { data: { ...row, name: "Zoe", createdAt: "2027-01-01T00:00:00.5Z" } },
    ],
    ["what a user or a provider has filled in", { data: row }, { data: { ...row, metadata: { other: "w" } } }],
    ["another number of rows", page(row, row), page(row)],
    ["one of several kinds that no row happens to have", page(row, { ...row, name: null }), page(row)],
    ["rows of others, more or less complete", page(row, others), page(row, { ...others, address: { city: "<text>" } })],
    ["a next page, with a cursor for it", page(row), { cursor: { ...page(row).cursor, hasMore: true, next: "eyJ" } }],
    [
      "which of a user's accounts is the first",
      page({ ...row, account: "{account}" }),
      page({ ...row, account: "eyJB" }),
    ],
  ])("%s", (_case, before, now) => {
    expect(compare(exchange(before), exchange(now))).toEqual([]);
  });

  test("the order of methods in allow", () => {
    const answerHeaders = (allow: string) => ({ answerHeaders: { allow } });
    expect(compare(exchange("", answerHeaders("GET, DELETE")), exchange("", answerHeaders("DELETE, GET")))).toEqual([]);
  });

  test("the message of a fault, which reaches nobody", () => {
    const rest = { status: 500 };
    expect(compare(exchange(refusal("a"), rest), exchange(refusal("b"), rest))).toEqual([]);
  });
});

describe("a difference is", () => {
  test.each([
    [
      "what a provider can no longer do",
      { data: { tink: ["FETCH_ACCOUNTS", "FETCH_PAYMENTS"] } },
      { data: { tink: ["FETCH_ACCOUNTS"] } },
      'answer.data.tink[]: "FETCH_ACCOUNTS" or "FETCH_PAYMENTS" → "FETCH_ACCOUNTS"',
      "/connectors/capabilities",
    ],
    [
      "a member that is gone",
      { data: row },
      { data: { ...others, name: undefined } },
      /^answer\.data\.name: text → absent$/,
    ],
    ["a new member", { data: row }, { data: { ...row, iban: "x" } }, "answer.data.iban: absent → text"],
    [
      "a member that has become null",
      page(row),
      page(row, { ...row, name: null }),
      "answer.cursor.data[].name: text → null or text",
    ],
    [
      "a member inside one",
      page({ of: { a: 1 } }),
      page({ of: { a: 1.5 } }),
      "answer.cursor.data[].of.a: integer → decimal",
    ],
    [
      "another kind of text",
      { data: row },
      { data: { ...row, createdAt: uuid } },
      "answer.data.createdAt: time → UUID",
    ],
    [
      "the time that means never",
      { data: row },
      { data: { ...row, createdAt: "0001-01-01T00:00:00Z" } },
      "answer.data.createdAt: time → zero time",
    ],
    ["somebody else's id", page(row), page({ ...row, id: uuid }), "answer.cursor.data[].id: {A} → UUID"],
    ["no row where there was one", page(row), page(), "answer.cursor.data: own rows → no own rows"],
    [
      "another kind in rows of others",
      page(others),
      page({ ...others, name: "<integer>" }),
      "answer.cursor.data[] of others.name: text → integer",
    ],
    [
      "a row of others where there was none",
      page(row),
      page(row, others),
      "answer.cursor.data: own rows only → rows of others, too",
    ],
    [
      "another page size",
      page(row),
      { cursor: { ...page(row).cursor, pageSize: 100 } },
      "answer.cursor.pageSize: 15 → 100",
    ],
    [
      "a next page without a cursor",
      page(row),
      { cursor: { ...page(row).cursor, hasMore: true } },
      'answer.cursor.next: "where hasMore" → "against hasMore"',
    ],
    ["no envelope", { data: row }, row, "answer.data: object → absent"],
    ["no JSON", { data: row }, "<text>", 'answer: object → "<text>"'],
  ])("%s", (_case, before, now, line, path = "/users/{A}") => {
    const lines = compare(exchange(before, { path }), exchange(now, { path }));
    expect(lines).toContainEqual(typeof line === "string" ? line : expect.stringMatching(line));
  });

  test.each([
    ["a status", exchange({}), exchange(refusal("no"), { status: 400 }), 'status: 200 → 400 VALIDATION "no"'],
    [
      "a message that reaches clients",
      exchange(refusal("a"), { status: 400 }),
      exchange(refusal("b"), { status: 400 }),
      'answer.errorMessage: "a" → "b"',
    ],
    [
      "a type of content",
      exchange({}),
      exchange({}, { answerHeaders: {} }),
      "header content-type: application/json → none",
    ],
    [
      "another method",
      exchange(""),
      exchange("", { answerHeaders: { "content-type": "application/json", allow: "GET" } }),
      "header allow: none → GET",
    ],
  ])("%s", (_case, before, now, line) => {
    expect(compare(before, now)).toEqual([line]);
  });
});

test("requests that one recording lacks are named, and not compared", () => {
  const [one, two] = [exchange({}), exchange({}, { name: "two" })];
  expect(compareRecordings([one], [one, two])).toEqual({ differences: [], unmatched: ["two"] });
  expect(compareRecordings([one, two], [one])).toEqual({ differences: [], unmatched: ["two"] });
});
