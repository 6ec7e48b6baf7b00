import { describe, expect, it } from "vitest";
import { parseJson, toJson } from "../../src/upstream/exact-json.ts";
import { graphql } from "../graphql/gql.ts";
import type { RawAndIdQuery } from "../graphql/graphql.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";

const write = (value: unknown) => JSON.stringify(toJson(value));

/** Numbers from 0 to 2^32, the same in each run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** An integer of 1 to `most` digits and either sign, as the service writes it. */
function toInteger(random: () => number, most: number): string {
  const digits = Array.from({ length: 1 + (random() % most) }, () => random() % 10).join("");
  const trimmed = digits.replace(/^0+(?=\d)/, "");
  return random() % 2 === 0 && trimmed !== "0" ? `-${trimmed}` : trimmed;
}

// Around every limit: of a safe integer, of 64 bits, and where a double's own text has the same digits.
const integers = [
  "0",
  "-1",
  "999999999999999",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "9007199254740994",
  "-9007199254740992",
  "9223372036854775807",
  "-9223372036854775809",
  "18446744073709551616",
  "100000000000000000000",
  "1000000000000000000000",
  "123456789012345678901234567890123456789012345678901234567890",
];

describe("reading JSON", () => {
  it("ignores what looks like a long number inside a string, and finds the number after it", () => {
    const text =
      '{"id": "7a89d325-8e419-12345678901234567890", "next":"8e419", "amounts" : [ 1,\n -12345678901234567890 ]}';
    expect(parseJson(text)).toEqual({
      id: "7a89d325-8e419-12345678901234567890",
      next: "8e419",
      amounts: [1, -12345678901234567890n],
    });
  });

  it.each(integers)("finds the integer %s wherever it stands, also where only integers are searched for", (text) => {
    for (let before = 0; before < 40; before += 1) {
      const list = `{"id":"${"7".repeat(before)}","balance":${text},"next":"8e419"}`;
      expect(parseJson(list, "integers"), list).toEqual(parseJson(list));
    }
  });

  it.each(integers)("keeps the integer %s exact, as a bigint where a double would lose digits", (text) => {
    const value = parseJson(`{"amount":${text}}`) as { amount: number | bigint };
    expect(BigInt(value.amount)).toBe(BigInt(text));
    expect(typeof value.amount).toBe(Number.isSafeInteger(Number(text)) ? "number" : "bigint");
    expect(write(value)).toBe(`{"amount":${text}}`);
  });

  it("keeps 20,000 integers of 1 to 80 digits and either sign, one by one and side by side", () => {
    const random = createRandom(1);
    const texts = Array.from({ length: 20_000 }, () => toInteger(random, 80));
    for (const text of texts) expect(write(parseJson(text))).toBe(text);
    expect(write(parseJson(`[${texts.join(",")}]`))).toBe(`[${texts.join(",")}]`);
  });

  it("keeps integers of 15 to 22 digits, where doubles begin to fail", () => {
    const random = createRandom(2);
    for (let times = 0; times < 20_000; times += 1) {
      const text = `${1 + (random() % 9)}${Array.from({ length: 14 + (random() % 8) }, () => random() % 10).join("")}`;
      const value = parseJson(text) as number | bigint;
      expect(`${value}`).toBe(text);
      expect(typeof value).toBe(Number.isSafeInteger(Number(text)) ? "number" : "bigint");
    }
  });

  it.each([
    "0.1",
    "-12345678901234.5",
    "0.12345678901234567890",
    "1.0000000000000000001",
    "9007199254740990.5",
    "123456789012345.10",
    "12345678901234567e2",
    "0.00000000000000000012345",
    "1e400",
    "-1.5e-400",
  ])("keeps the number %s as it is written", (text) => {
    expect(write(parseJson(`[${text}]`))).toBe(`[${text}]`);
  });

  it("keeps 20,000 decimals of up to 40 digits", () => {
    const random = createRandom(3);
    for (let times = 0; times < 20_000; times += 1) {
      const fraction = Array.from({ length: random() % 20 }, () => random() % 10).join("");
      const text = `${toInteger(random, 20)}.${fraction}${1 + (random() % 9)}`;
      expect(Number(write(parseJson(text)))).toBe(Number(text));
      if (text.length > 17) expect(write(parseJson(text))).toBe(text);
    }
  });

  it("leaves texts that look like numbers as texts", () => {
    const text = '{"12345678901234567890":"12345678901234567890","a":["9007199254740993","1e400","-0.10"]}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
    expect(write(parseJson(text))).toBe(text);
  });

  it("reads every other value as JSON.parse does, whether or not a long number stands beside it", () => {
    const text = '{"a":null,"b":[true,false,"\\u00e9\\n",{"c":[]}],"d":1.5,"e":-7,"f":1e3,"g":{}}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
    const { big, rest } = parseJson(`{"big":12345678901234567890,"rest":${text}}`) as Record<string, unknown>;
    expect(big).toBe(12345678901234567890n);
    expect(rest).toEqual(JSON.parse(text));
  });

  it("keeps a member that is called __proto__ a member", () => {
    const text = '{"__proto__":{"amount":12345678901234567890}}';
    expect(write(parseJson(text))).toBe(text);
  });

  it.each(["", "{", "12345678901234567890x", '{"a":1234567890123456', "NaN"])("refuses %j", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

const RawAccount = graphql(`
  query RawAccount($id: ID!) {
    account(id: $id) { raw }
  }
`);

const RawAndId = graphql(`
  query RawAndId($id: ID!) {
    account(id: $id) { accountId raw }
  }
`);

const ExactBalances = graphql(`
  query ExactBalances($id: ID!, $asset: String) {
    account(id: $id) { balances(asset: $asset) { amount { amount decimal } } }
  }
`);

const ExactPayments = graphql(`
  query ExactPayments {
    payments { nodes { amount { amount decimal } initialAmount { amount decimal } } }
  }
`);

const at = "2026-08-05T12:00:00Z";

/** A page with one row, whose last members are given as raw JSON. */
function pageOf(row: object, members: string): { readonly body: string } {
  const text = JSON.stringify(row).replace(/\}$/, `,${members}}`);
  return { body: `{"cursor":{"pageSize":15,"hasMore":false,"data":[${text}]}}` };
}

function answerAccount({ sandbox }: TestGateway, raw: string) {
  const [account] = sandbox.world.accounts;
  const { id = "", connectorID = "" } = account ?? {};
  const row = { id, connectorID, provider: "plaid", reference: "r", createdAt: at, type: "INTERNAL", metadata: {} };
  return { id, fault: sandbox.fault(({ path }) => path === "/accounts", pageOf(row, `"raw":${raw}`)) };
}

describe("through the whole gateway", () => {
  const everything = `{"integers":[${integers}],"decimals":[0.12345678901234567890,-1.0000000000000000001,2.5],"text":"12345678901234567890","nested":{"__proto__":{"deep":[[9007199254740993]]}},"none":null,"huge":1e400}`;

  it.each([everything, "null", "[]", "12345678901234567890", '"12345678901234567890"', "[1e400]"])(
    "writes an account's raw data digit for digit: %s",
    async (raw) => {
      await using gateway = await startTestGateway();
      const { id, fault } = answerAccount(gateway, raw);
      using _fault = fault;
      const response = await gateway.fetch("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ query: RawAccount.toString(), variables: { id } }),
      });
      // Compared as text: parsing would round the numbers.
      expect(await response.text()).toBe(`{"data":{"account":{"raw":${raw}}}}`);
    },
  );

  it.each([
    ["500 levels", 500, null],
    ["501 levels", 501, "UPSTREAM_MALFORMED"],
    ["20,000 levels", 20_000, "UPSTREAM_MALFORMED"],
  ])("fails raw data alone that is nested too deep to be written: %s", async (_title, levels, code) => {
    await using gateway = await startTestGateway();
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const { id, fault } = answerAccount(gateway, `${open.repeat(levels)}1${close.repeat(levels)}`);
      using _fault = fault;
      const { data, errors } = await gateway.send<RawAndIdQuery>(RawAndId.toString(), { id });
      expect(data?.account?.accountId).toBe(id);
      expect(errors.map(({ path, extensions }) => [path?.join("."), extensions.code])).toEqual(
        code === null ? [] : [["account.raw", code]],
      );
    }
  });

  it.each(integers)("writes a balance of %s exactly", async (amount) => {
    await using gateway = await startTestGateway();
    const id = gateway.sandbox.world.accounts[0]?.id ?? "";
    const row = { accountID: id, createdAt: at, lastUpdatedAt: at, asset: "JPY", psuID: "" };
    using _fault = gateway.sandbox.fault(({ path }) => path.endsWith("/balances"), pageOf(row, `"balance":${amount}`));
    const { account } = await gateway.run(ExactBalances, { id });
    expect(account?.balances).toEqual([{ amount: { amount, decimal: amount } }]);
  });

  it("writes both amounts of a payment exactly", async () => {
    await using gateway = await startTestGateway();
    const row = {
      ...{ id: "p", connectorID: "c", provider: "plaid", reference: "r", createdAt: at, type: "PAYOUT" },
      ...{ asset: "ETH/18", scheme: "OTHER", status: "SUCCEEDED", metadata: null },
    };
    using _fault = gateway.sandbox.fault(
      ({ path }) => path === "/payments",
      pageOf(row, '"initialAmount":100000000000000000000,"amount":-9007199254740993'),
    );
    expect((await gateway.run(ExactPayments, {})).payments.nodes).toEqual([
      {
        initialAmount: { amount: "100000000000000000000", decimal: "100.000000000000000000" },
        amount: { amount: "9007199254740993", decimal: "0.009007199254740993" },
      },
    ]);
  });

  it("writes the largest balance of the sandbox exactly", async () => {
    await using gateway = await startTestGateway();
    const { world } = gateway.sandbox;
    const newest = world.accounts.flatMap(({ id }) => {
      const rows = world.balances(id);
      return rows.filter((row) => rows.find(({ asset }) => asset === row.asset) === row);
    });
    const largest = newest.reduce((a, b) => (a.amount > b.amount ? a : b));
    expect(largest.amount).toBeGreaterThan(2n ** 53n);
    const { account } = await gateway.run(ExactBalances, { id: largest.accountID, asset: largest.asset });
    expect(account?.balances.map(({ amount }) => BigInt(amount.amount))).toEqual([largest.amount]);
  });
});
