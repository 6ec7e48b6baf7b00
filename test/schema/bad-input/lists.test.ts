import { describe, expect, it } from "vitest";
import { oneOfEach } from "../global-ids.ts";
import { refusal, refused, start } from "./refusals.ts";

describe("a list", () => {
  it.each(["paymentServiceUsers", "connectors", "accounts", "payments"])(
    "%s has pages of 1 to 100 rows",
    async (list) => {
      await using gateway = await start();
      const document = `query ($first: Int) { ${list}(first: $first) { nodes { id } } }`;
      for (const first of [0, -1, 101, 2_147_483_647]) {
        expect([first, await refusal(gateway, document, { first })]).toEqual([first, refused("first")]);
      }
      for (const first of [1, 100, null]) expect((await refusal(gateway, document, { first })).found).toEqual([]);
    },
  );

  it("that hangs from something has pages of 1 to 100 rows", async () => {
    await using gateway = await start();
    const { Account, Connector, PaymentServiceUser } = oneOfEach(gateway.sandbox.world);
    const lists = [
      `paymentServiceUser(id: "${PaymentServiceUser}") { payments(first: 0) { nodes { id } } }`,
      `paymentServiceUser(id: "${PaymentServiceUser}") { linkAttempts(connectorId: "${Connector}", first: 101) { nodes { id } } }`,
      `account(id: "${Account}") { payments(first: -1) { nodes { id } } }`,
      `account(id: "${Account}") { balanceHistory(first: 0) { nodes { createdAt } } }`,
    ];
    for (const list of lists) {
      const { found, calls } = await refusal(gateway, `{ ${list} }`);
      expect([list, found]).toEqual([list, [["BAD_USER_INPUT", "first"]]]);
      expect(calls).toHaveLength(1); // what the list hangs from
    }
  });

  it("of alternatives holds from 1 to 50 of them, and each bad id is named by its place", async () => {
    await using gateway = await start();
    const { Connector, PaymentServiceUser } = oneOfEach(gateway.sandbox.world);
    const user = `paymentServiceUser(id: "${PaymentServiceUser}")`;
    const connectors = `query ($given: [ID!]) { ${user} { connections(connectorIds: $given) { id } } }`;
    const states = `query ($given: [BankConnectionStatus!]) { ${user} { connections(statuses: $given) { id } } }`;
    const attempts = `query ($given: [LinkAttemptStatus!]) { ${user} { linkAttempts(statuses: $given) { nodes { id } } } }`;
    const read = ["GET /payment-service-users"];
    for (const [document, value, field] of [
      [connectors, Connector, "connectorIds"],
      [states, "ACTIVE", "statuses"],
      [attempts, "PENDING", "statuses"],
    ] as const) {
      for (const given of [[], Array(51).fill(value)]) {
        const found = [["BAD_USER_INPUT", field]];
        expect(await refusal(gateway, document, { given })).toEqual({ found, calls: read });
      }
      for (const given of [null, [value], Array(50).fill(value)])
        expect((await refusal(gateway, document, { given })).found).toEqual([]);
    }
    for (const [given, at] of [
      [[Connector, ""], 1],
      [[Connector, Connector, PaymentServiceUser], 2],
    ] as const) {
      const found = [["BAD_USER_INPUT", `connectorIds.${at}`]];
      expect(await refusal(gateway, connectors, { given })).toEqual({ found, calls: read });
    }
  });

  const metadataLists = ["paymentServiceUsers", "accounts", "payments"];
  it.each(metadataLists)("%s takes only texts in a filter by metadata", async (list) => {
    await using gateway = await start();
    const document = `query ($metadata: Metadata) { ${list}(filter: { metadata: $metadata }) { nodes { id } } }`;
    for (const value of [5, null, true, { deep: "text" }, ["text"]]) {
      const variable = await refusal(gateway, document, { metadata: { level: value } });
      expect([value, variable]).toEqual([value, refused("filter.metadata.level")]);
    }
    for (const literal of ["5", "null", "true", '{ deep: "text" }', '["text"]']) {
      const answer = await refusal(
        gateway,
        `{ ${list}(filter: { metadata: { level: ${literal} } }) { nodes { id } } }`,
      );
      expect([literal, answer]).toEqual([literal, refused("filter.metadata.level")]);
    }
    for (const metadata of ["text", 5, [], true]) {
      expect([metadata, await refusal(gateway, document, { metadata })]).toEqual([
        metadata,
        refused("filter.metadata"),
      ]);
    }
  });
});

describe("metadata", () => {
  const filters = ["paymentServiceUsers", "accounts", "payments"].map(
    (list) =>
      [
        `a filter of ${list}`,
        "filter.metadata",
        `query ($metadata: Metadata) { ${list}(filter: { metadata: $metadata }) { nodes { id } } }`,
      ] as const,
  );
  const write = `mutation ($metadata: Metadata) {
    createPaymentServiceUser(input: { name: "Jane Doe", metadata: $metadata }) { paymentServiceUser { id } }
  }`;
  const places = [...filters, ["a new user", "input.metadata", write] as const];
  const entries = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, "value"]));

  it.each(places)("of %s is bounded", async (_place, field, document) => {
    await using gateway = await start();
    const cases = [
      [entries(21), field],
      [entries(10_000), field],
      [{ ["k".repeat(257)]: "value" }, field],
      [{ key: "v".repeat(1001) }, `${field}.key`],
      [{ key: "🏦".repeat(1001) }, `${field}.key`],
      [{ "": "value" }, field],
    ] as const;
    for (const [metadata, at] of cases) expect(await refusal(gateway, document, { metadata })).toEqual(refused(at));
  });

  it.each(places)("of %s may be as large as that", async (_place, _field, document) => {
    await using gateway = await start();
    for (const metadata of [
      entries(20),
      { ["k".repeat(256)]: "v".repeat(1000) },
      { ["🔑".repeat(256)]: "🏦".repeat(1000) },
      {},
    ]) {
      expect((await refusal(gateway, document, { metadata })).found).toEqual([]);
    }
  });

  /** Names that mean something to JavaScript. */
  const names = ["constructor", "toString", "hasOwnProperty", "prototype", "valueOf", "__defineGetter__"];

  it.each(places)("of %s loses no entry, whatever its name", async (_place, field, document) => {
    await using gateway = await start();
    for (const value of ["x", 5, { deep: "x" }]) {
      const metadata = JSON.parse(`{"__proto__": ${JSON.stringify(value)}}`);
      expect(await refusal(gateway, document, { metadata })).toEqual(refused(`${field}.__proto__`));
    }
    const literal = document.replace(/\(\$metadata: Metadata\) /, "").replace("$metadata", '{ __proto__: "x" }');
    expect(await refusal(gateway, literal)).toEqual(refused(`${field}.__proto__`));
    for (const name of names) {
      gateway.sandbox.clearCalls();
      expect((await refusal(gateway, document, { metadata: { [name]: "x" } })).found).toEqual([]);
      const isSent = gateway.sandbox.calls.some(({ body }) => JSON.stringify(body ?? "").includes(name));
      expect([name, isSent]).toEqual([name, true]);
    }
  });
});

describe("a balance", () => {
  const onAccount = (selection: string) =>
    `query ($id: ID! ${selection.includes("$time") ? "$time: DateTime" : ""}) { account(id: $id) { ${selection} } }`;
  /** An account's field costs the account. */
  const refusedField = (field: string) => ({ found: [["BAD_USER_INPUT", field]], calls: ["GET /accounts"] });

  it.each(["", "  "])("is refused of the asset %j", async (asset) => {
    await using gateway = await start();
    const id = oneOfEach(gateway.sandbox.world).Account;
    const current = onAccount(`balances(asset: "${asset}") { createdAt }`);
    expect(await refusal(gateway, current, { id })).toEqual(refusedField("asset"));
    const history = onAccount(`balanceHistory(asset: "${asset}") { nodes { createdAt } }`);
    expect(await refusal(gateway, history, { id })).toEqual(refusedField("asset"));
  });

  it("is refused of a span that ends before it begins", async () => {
    await using gateway = await start();
    const id = oneOfEach(gateway.sandbox.world).Account;
    const span = (from: string, to: string) =>
      onAccount(`balanceHistory(from: "${from}", to: "${to}") { nodes { createdAt } }`);
    expect(await refusal(gateway, span("2026-08-06T00:00:00Z", "2026-08-05T00:00:00Z"), { id })).toEqual(
      refusedField("from"),
    );
    expect(await refusal(gateway, span("2026-08-05T00:00:00-01:00", "2026-08-05T00:30:00Z"), { id })).toEqual(
      refusedField("from"),
    );
    expect((await refusal(gateway, span("2026-08-05T00:00:00Z", "2026-08-05T00:00:00Z"), { id })).found).toEqual([]);
  });

  it.each([
    "",
    "yesterday",
    "2026-08-05",
    "2026-08-05T12:00:00",
    "2026-08-05 12:00:00Z",
    "2026-8-5T12:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-08-05T24:00:00Z",
    "2026-08-05T12:60:00Z",
    "2026-08-05T12:00:00+99:99",
    "9999-12-31T23:59:59-14:00",
    "2026-08-05T12:00:00Z\n",
    1_754_400_000,
    true,
    ["2026-08-05T12:00:00Z", "2026-08-05T12:00:00Z"],
  ])("is refused of the time %j", async (time) => {
    await using gateway = await start();
    const id = oneOfEach(gateway.sandbox.world).Account;
    for (const field of ["from", "to"]) {
      const variable = onAccount(`balanceHistory(${field}: $time) { nodes { createdAt } }`);
      expect(await refusal(gateway, variable, { id, time })).toEqual(refusedField(field));
      const literal = onAccount(`balanceHistory(${field}: ${JSON.stringify(time)}) { nodes { createdAt } }`);
      expect(await refusal(gateway, literal, { id })).toEqual(refusedField(field));
    }
  });

  it.each(["2024-02-29T00:00:00Z", "2026-08-05T12:00:00.123456Z", "2026-08-05T12:00:00.123456789+05:30"])(
    "is found by the time %s",
    async (time) => {
      await using gateway = await start();
      const id = oneOfEach(gateway.sandbox.world).Account;
      const document = onAccount("balanceHistory(from: $time) { nodes { createdAt } }");
      expect((await refusal(gateway, document, { id, time })).found).toEqual([]);
    },
  );
});
