import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { graphql } from "../graphql/gql.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import {
  accountGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  oneOfEach,
  ownIdOf,
  psuGlobalId,
} from "./global-ids.ts";

const start = () =>
  startTestGateway({ sandbox: { world: createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 1 } }) } });

/** How the only error of an answer is classified, and the paths of the calls that it took to find out. */
async function refusal(gateway: TestGateway, document: string, variables: object = {}) {
  let found: unknown[] = [];
  const calls = await gateway.calls(async () => {
    const { errors } = await gateway.send(document, variables);
    found = errors.map(({ extensions }) => [extensions.code, extensions["field"]]);
  });
  return { found, calls: calls.map(({ method, path }) => `${method} ${path}`) };
}

const refused = (field: string) => ({ found: [["BAD_USER_INPUT", field]], calls: [] });

const create =
  "mutation ($input: CreatePaymentServiceUserInput!) { createPaymentServiceUser(input: $input) { paymentServiceUser { id } } }";

describe("a new payment service user", () => {
  it.each([
    ["name", "", "input.name"],
    ["name", " \t\n", "input.name"],
    ["name", "n".repeat(1001), "input.name"],
    ["contactDetails", { email: "" }, "input.contactDetails.email"],
    ["contactDetails", { email: "jane" }, "input.contactDetails.email"],
    ["contactDetails", { email: "jane@example" }, "input.contactDetails.email"],
    ["contactDetails", { email: "jane doe@example.com" }, "input.contactDetails.email"],
    ["contactDetails", { email: "o'hara@example.com" }, "input.contactDetails.email"],
    ["contactDetails", { phoneNumber: "" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "call me" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "12" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "-----" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "+1 (((800" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { locale: "" }, "input.contactDetails.locale"],
    ["contactDetails", { locale: "french" }, "input.contactDetails.locale"],
    ["contactDetails", { locale: "xx-XX" }, "input.contactDetails.locale"],
    ["contactDetails", { locale: "-" }, "input.contactDetails.locale"],
    ["address", { country: "" }, "input.address.country"],
    ["address", { country: "France" }, "input.address.country"],
    ["address", { country: "fr" }, "input.address.country"],
    ["address", { country: "XX" }, "input.address.country"],
    ["address", { country: "UK" }, "input.address.country"],
    ["address", { country: "SU" }, "input.address.country"],
    ["address", { country: "YU" }, "input.address.country"],
    ["address", { country: "AN" }, "input.address.country"],
    ["address", { country: "EU" }, "input.address.country"],
    ["address", { country: "ZZ" }, "input.address.country"],
    ["address", { streetNumber: "" }, "input.address.streetNumber"],
    ["address", { streetNumber: "12 b" }, "input.address.streetNumber"],
    ["address", { streetNumber: "12/3" }, "input.address.streetNumber"],
    ["address", { streetNumber: "12é" }, "input.address.streetNumber"],
    ["address", { city: "" }, "input.address.city"],
    ["address", { postalCode: "  " }, "input.address.postalCode"],
    ["metadata", { level: 5 }, "input.metadata.level"],
    ["metadata", { level: null }, "input.metadata.level"],
    ["metadata", { level: true }, "input.metadata.level"],
    ["metadata", { level: { deep: "text" } }, "input.metadata.level"],
    ["metadata", { level: ["text"] }, "input.metadata.level"],
    ["metadata", { fine: "text", level: 5 }, "input.metadata.level"],
    ["metadata", { "": "text" }, "input.metadata."],
    ["metadata", "text", "input.metadata"],
    ["metadata", ["text"], "input.metadata"],
    ["metadata", 5, "input.metadata"],
  ])("is refused with the %s %j, by naming %s", async (name, value, field) => {
    await using gateway = await start();
    expect(await refusal(gateway, create, { input: { name: "Jane Doe", [name]: value } })).toEqual(refused(field));
  });

  it.each([
    ["{ level: 5 }", "input.metadata.level"],
    ["{ level: null }", "input.metadata.level"],
    ["{ level: false }", "input.metadata.level"],
    ['{ level: { deep: "text" } }', "input.metadata.level"],
    ['{ level: ["text"] }', "input.metadata.level"],
    ["{ level: $number }", "input.metadata.level"],
    ['"text"', "input.metadata"],
    ["7", "input.metadata"],
  ])("is refused with the metadata %s in the document", async (metadata, field) => {
    await using gateway = await start();
    const declared = metadata.includes("$number") ? "($number: Int = 5)" : "";
    const document = `mutation ${declared} {
      createPaymentServiceUser(input: { name: "Jane Doe", metadata: ${metadata} }) { paymentServiceUser { id } }
    }`;
    expect(await refusal(gateway, document)).toEqual(refused(field));
  });

  const CreateComplete = graphql(`
    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {
      createPaymentServiceUser(input: $input) {
        paymentServiceUser {
          name
          contactDetails { email phoneNumber locale }
          address { streetName streetNumber city region postalCode country }
          metadata
        }
      }
    }
  `);

  it("is created with everything that it may have, in one write and one read", async () => {
    await using gateway = await start();
    const input = {
      name: "Jane Doe",
      contactDetails: { email: "jane+bank@mail.example.com", phoneNumber: "+33 (1)99-00-1234", locale: "fr-FR" },
      address: {
        streetName: "Rue de la République",
        streetNumber: "48B",
        city: "Lyon",
        region: "Rhône",
        postalCode: "69002",
        country: "FR",
      },
      metadata: { segment: "premium", "with space": "" },
    };
    const calls = await gateway.calls(async () => {
      const { createPaymentServiceUser } = await gateway.run(CreateComplete, { input });
      expect(createPaymentServiceUser.paymentServiceUser).toEqual(input);
    });
    expect(calls.map(({ method, body }) => [method, body])).toEqual([
      ["POST", input],
      ["GET", undefined],
    ]);
  });

  it("may leave out or null all but the name", async () => {
    await using gateway = await start();
    const input = { name: "Jane", contactDetails: { email: null }, address: null, metadata: null };
    const { createPaymentServiceUser } = await gateway.run(CreateComplete, { input });
    expect(createPaymentServiceUser.paymentServiceUser).toEqual({
      name: "Jane",
      contactDetails: null,
      address: null,
      metadata: {},
    });
  });

  it("may have a name of 1000 characters, however many code units each takes", async () => {
    await using gateway = await start();
    const name = "🏦".repeat(1000);
    const { createPaymentServiceUser } = await gateway.run(CreateComplete, { input: { name } });
    expect(createPaymentServiceUser.paymentServiceUser.name).toBe(name);
  });
});

describe("an id", () => {
  type Type = keyof ReturnType<typeof oneOfEach>;
  /** Every ID argument without a parent: the type it takes, the field that the error names, and a document with `$id`. */
  const idArguments: readonly (readonly [string, Type, string, string])[] = [
    ["paymentServiceUser(id)", "PaymentServiceUser", "id", "{ paymentServiceUser(id: $id) { id } }"],
    ["connector(id)", "Connector", "id", "{ connector(id: $id) { id } }"],
    ["connection(id)", "BankConnection", "id", "{ connection(id: $id) { id } }"],
    ["linkAttempt(id)", "LinkAttempt", "id", "{ linkAttempt(id: $id) { id } }"],
    ["account(id)", "Account", "id", "{ account(id: $id) { id } }"],
    ["payment(id)", "Payment", "id", "{ payment(id: $id) { id } }"],
    ["task(id)", "Task", "id", "{ task(id: $id) { id } }"],
    [
      "paymentServiceUsers(filter.ids)",
      "PaymentServiceUser",
      "filter.ids.0",
      "{ paymentServiceUsers(filter: { ids: [$id] }) { nodes { id } } }",
    ],
    ...(["accounts", "payments"] as const).flatMap((list) =>
      (
        [
          ["psuId", "PaymentServiceUser"],
          ["connectorId", "Connector"],
          ["connectionId", "BankConnection"],
        ] as const
      ).map(
        ([name, type]) =>
          [
            `${list}(filter.${name})`,
            type,
            `filter.${name}`,
            `{ ${list}(filter: { ${name}: $id }) { nodes { id } } }`,
          ] as const,
      ),
    ),
    [
      "payments(filter.accountId)",
      "Account",
      "filter.accountId",
      "{ payments(filter: { accountId: $id }) { nodes { id } } }",
    ],
    ...(
      [
        ["forwardPaymentServiceUser", "psuId", "connector { id }"],
        ["forwardPaymentServiceUser", "connectorId", "connector { id }"],
        ["createLink", "psuId", "link"],
        ["createLink", "connectorId", "link"],
        ["updateLink", "connectionId", "link"],
        ["deleteConnection", "connectionId", "deletedId"],
        ["deletePaymentServiceUserConnector", "psuId", "deletedId"],
        ["deletePaymentServiceUserConnector", "connectorId", "deletedId"],
        ["deletePaymentServiceUser", "psuId", "deletedId"],
      ] as const
    ).map(([mutation, name, selection]) => {
      const type = ({ psuId: "PaymentServiceUser", connectorId: "Connector", connectionId: "BankConnection" } as const)[
        name
      ];
      const others =
        mutation === "deletePaymentServiceUser" || name === "connectionId"
          ? ""
          : name === "psuId"
            ? "connectorId: $connector"
            : "psuId: $psu";
      const url = mutation.endsWith("Link") ? 'clientRedirectUrl: "https://app.example.com/"' : "";
      return [
        `${mutation}(input.${name})`,
        type,
        `input.${name}`,
        `{ ${mutation}(input: { ${name}: $id ${others} ${url} }) { ${selection} } }`,
      ] as const;
    }),
  ];

  function toDocument(selection: string): string {
    const variables = ["$id: ID!"];
    if (selection.includes("$connector")) variables.push("$connector: ID!");
    if (selection.includes("$psu")) variables.push("$psu: ID!");
    return `${/^\{ \w+\(input/.test(selection) ? "mutation" : "query"} (${variables.join(", ")}) ${selection}`;
  }

  it.each(idArguments)("is refused by %s when it is not one of a %s", async (_name, type, field, selection) => {
    await using gateway = await start();
    const ids = oneOfEach(gateway.sandbox.world);
    const others = Object.entries(ids).filter(([other]) => other !== type);
    const encode = (text: string) => Buffer.from(text).toString("base64url");
    const bad = [
      "",
      " ",
      "nonsense",
      "5",
      "é",
      encode(type),
      encode(`${type}:`),
      encode(`${type}:nonsense`),
      encode(`${type}:${encode("{}")}`),
      encode(`${type}:${encode('{"Provider":1,"Reference":2}')}`),
      encode(`${type}:../../connectors`),
      encode("toString:x"),
      encode("constructor:x"),
      encode("Viewer:x"),
      `${ids[type]}.`,
      ...others.map(([, id]) => id),
      // A PSU's and a connector's own id is none of another type.
      ...(type === "PaymentServiceUser" ? [] : [ownIdOf(ids.PaymentServiceUser)]),
      ...(type === "Connector" ? [] : [ownIdOf(ids.Connector)]),
    ];
    const document = toDocument(selection);
    for (const id of bad) {
      const variables = { id, connector: ids.Connector, psu: ids.PaymentServiceUser };
      expect([id, await refusal(gateway, document, variables)]).toEqual([id, refused(field)]);
    }
  });

  it("is refused by node and nodes when it is not global, by naming its place", async () => {
    await using gateway = await start();
    const ids = oneOfEach(gateway.sandbox.world);
    const bad = [
      "",
      "nonsense",
      ownIdOf(ids.PaymentServiceUser),
      ownIdOf(ids.Account),
      Buffer.from("toString:x").toString("base64url"),
    ];
    for (const id of bad) {
      expect([id, await refusal(gateway, "query ($id: ID!) { node(id: $id) { id } }", { id })]).toEqual([
        id,
        refused("id"),
      ]);
      const list = { ids: [ids.Account, id] };
      expect([id, await refusal(gateway, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", list)]).toEqual([
        id,
        refused("ids.1"),
      ]);
    }
  });

  it("is refused by a field of something else, which costs the lookup of that and no more", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const psu = psuGlobalId(firstOf(world.people).id);
    const account = accountGlobalId(firstOf(world.accounts).id);
    const fields = [
      [`paymentServiceUser(id: "${psu}") { connections(connectorId: "${psu}") { id } }`, "connectorId"],
      [`paymentServiceUser(id: "${psu}") { linkAttempts(connectorId: "${psu}") { nodes { id } } }`, "connectorId"],
      [
        `paymentServiceUser(id: "${psu}") { payments(filter: { accountId: "${psu}" }) { nodes { id } } }`,
        "filter.accountId",
      ],
      [`account(id: "${account}") { payments(filter: { connectorId: "" }) { nodes { id } } }`, "filter.connectorId"],
    ] as const;
    for (const [selection, field] of fields) {
      const path = selection.startsWith("account") ? "GET /accounts" : "GET /payment-service-users";
      expect(await refusal(gateway, `{ ${selection} }`)).toEqual({ found: [["BAD_USER_INPUT", field]], calls: [path] });
    }
  });

  it("is one of at most 100 in nodes", async () => {
    await using gateway = await start();
    const ids = Array(101).fill(oneOfEach(gateway.sandbox.world).Account);
    const document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    expect(await refusal(gateway, document, { ids })).toEqual(refused("ids"));
    expect((await refusal(gateway, document, { ids: ids.slice(1) })).found).toEqual([]);
  });

  it("is one of 1 to 50 in a filter of users", async () => {
    await using gateway = await start();
    const ids = Array(51).fill(oneOfEach(gateway.sandbox.world).PaymentServiceUser);
    const document = "query ($ids: [ID!]) { paymentServiceUsers(filter: { ids: $ids }) { nodes { id } } }";
    expect(await refusal(gateway, document, { ids })).toEqual(refused("filter.ids"));
    expect(await refusal(gateway, document, { ids: [] })).toEqual(refused("filter.ids"));
    expect((await refusal(gateway, document, { ids: ids.slice(1) })).found).toEqual([]);
  });
});

const links = [
  ["createLink", "psuId: $psu, connectorId: $connector", "$psu: ID!, $connector: ID!"],
  ["updateLink", "connectionId: $connection", "$connection: ID!"],
] as const;

describe.each(links)("%s", (mutation, owner, declared) => {
  async function link(gateway: TestGateway, input: Readonly<Record<string, unknown>>) {
    const { world } = gateway.sandbox;
    const connector = firstOf(world.connectors, ({ provider }) => provider === "powens");
    const connection = firstOf(world.connections, ({ connectorID }) => connectorID === connector.id);
    const variables = {
      psu: psuGlobalId(connection.psuID),
      connector: connectorGlobalId(connector.id),
      connection: connectionGlobalId(connection),
      url: "https://app.example.com/back",
      ...input,
    };
    const names = variables.url === undefined ? "" : "clientRedirectUrl: $url";
    const used = Object.fromEntries(
      Object.entries(variables).filter(([name]) => declared.includes(`$${name}:`) || name === "url" || name in input),
    );
    return refusal(
      gateway,
      `mutation (${declared}, $url: URL!, $name: String, $key: String) {
        ${mutation}(input: { ${owner}, ${names}, applicationName: $name, idempotencyKey: $key }) { link }
      }`,
      used,
    );
  }

  it.each([
    "",
    "/back",
    "back",
    "//example.com/back",
    "app.example.com/back",
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://example.com",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "ftp://example.com/",
    "myapp://back",
    "https:example.com",
    "https:/example.com",
    "https://",
    "https:///example.com",
    "https://?x",
    "https://#x",
    "https://:443/",
    "https://user:secret@example.com/",
    "https://user@example.com/",
    "http://example.com/",
    "http://192.168.0.1/",
    "http://localhost.example.com/",
    "http://localhost@example.com/",
    "http://127.0.0.1.example.com/",
    "https://example.com:99999/",
    "https://exam ple.com/",
    "https://example.com/a\nb",
    " https://example.com/",
    "https://example.com/\u0000",
    `https://example.com/${"a".repeat(2049)}`,
    5,
    ["https://example.com/", "https://example.com/"],
    { href: "https://example.com/" },
  ])("refuses to send a user to %j", async (url) => {
    await using gateway = await start();
    expect(await link(gateway, { url })).toEqual(refused("input.clientRedirectUrl"));
  });

  it.each([
    "https://app.example.com",
    "HTTPS://app.example.com/back?a=1#here",
    "https://app.example.com:8443/back",
    "http://localhost/",
    "http://localhost:3000/back?attempt={attemptId}",
    "http://127.0.0.1:3000/",
    "http://[::1]:3000/",
    "http://shop.localhost:3000/",
    `https://example.com/${"a".repeat(2000)}`,
  ])("sends a user to %j", async (url) => {
    await using gateway = await start();
    const { found, calls } = await link(gateway, { url });
    expect(found).toEqual([]);
    expect(calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
  });

  it.each([
    ["name", "", "input.applicationName"],
    ["name", "   ", "input.applicationName"],
    ["name", "n".repeat(256), "input.applicationName"],
    ["key", "", "input.idempotencyKey"],
    ["key", " ", "input.idempotencyKey"],
    ["key", "k".repeat(256), "input.idempotencyKey"],
  ])("refuses the %s %j", async (name, value, field) => {
    await using gateway = await start();
    expect(await link(gateway, { [name]: value })).toEqual(refused(field));
  });
});

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

describe("a document that GraphQL itself refuses", () => {
  it.each([
    ["is no GraphQL", "{ viewer {", {}, undefined],
    ["is empty", "", {}, undefined],
    ["asks for a field that there is not", "{ viewer { password } }", {}, undefined],
    ["leaves out a required argument", "{ account { id } }", {}, undefined],
    ["leaves out a required variable", "query ($id: ID!) { account(id: $id) { id } }", {}, "id"],
    [
      "gives a variable of another type",
      "query ($first: Int) { accounts(first: $first) { nodes { id } } }",
      { first: "ten" },
      "first",
    ],
    ["gives a literal of another type", '{ accounts(first: "ten") { nodes { id } } }', {}, undefined],
    ["names a value that an enum lacks", "{ accounts(filter: { type: SECRET }) { nodes { id } } }", {}, undefined],
    [
      "gives an input a field that it lacks",
      'mutation { createPaymentServiceUser(input: { name: "x", admin: true }) { __typename } }',
      {},
      undefined,
    ],
    ["leaves the selection out", "{ viewer }", {}, undefined],
  ])("because it %s is BAD_USER_INPUT with a request id", async (_why, document, variables, field) => {
    await using gateway = await start();
    const calls = await gateway.calls(async () => {
      const { errors } = await gateway.send(document, variables);
      expect(errors.length).toBeGreaterThan(0);
      for (const { extensions } of errors) {
        expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", retryable: false });
        expect(extensions["requestId"]).toMatch(/^[\da-f-]{36}$/);
        expect(extensions["field"]).toBe(field);
      }
    });
    expect(calls).toEqual([]);
  });
});
