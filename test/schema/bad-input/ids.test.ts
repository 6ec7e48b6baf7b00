import { describe, expect, it } from "vitest";
import { toAccountId, toConnectorId, toPaymentId } from "../../../sandbox/ids.ts";
import {
  accountGlobalId,
  attemptGlobalId,
  connectionGlobalId,
  firstOf,
  oneOfEach,
  ownIdOf,
  psuGlobalId,
  toPlain,
} from "../global-ids.ts";
import { refusal, refused, start } from "./refusals.ts";

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
      `${ids[type]}AAAA`,
      ids[type].slice(1),
      ids[type].slice(0, -3),
      ids[type].slice(0, 1),
      // A connection's own id may be any text.
      ...(type === "BankConnection" ? [] : [toPlain(ids[type]).slice(0, -9)]),
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

  it("that is wrong is told from another by the words of its refusal", async () => {
    await using gateway = await start();
    const ids = oneOfEach(gateway.sandbox.world);
    const { Account, BankConnection, Connector, PaymentServiceUser, Payment } = ids;
    const own = {
      account: ownIdOf(Account),
      psu: ownIdOf(PaymentServiceUser),
      connector: ownIdOf(Connector),
      payment: ownIdOf(Payment),
    };
    const cases: readonly (readonly [query: string, id: string, message: string])[] = [
      ["account", "", "The id is empty."],
      ["account", " ", "The id is empty."],
      ["node", "", "The id is empty."],
      ["account", Connector, "This is the global id of a Connector, not of an Account."],
      ["connection", Account, "This is the global id of an Account, not of a BankConnection."],
      ["account", Account.slice(0, -9), "This begins like the global id of an Account, but is not whole."],
      ["account", toPlain(Account).slice(0, -9), "This begins like the global id of an Account, but is not whole."],
      ["account", toPlain(Connector), "This is the global id of a Connector, not of an Account."],
      ["account", Connector.slice(0, -2), "This begins like the global id of a Connector, but is not whole."],
      [
        "connection",
        BankConnection.slice(0, -9),
        "This begins like the global id of a BankConnection, but is not whole.",
      ],
      ["node", Account.slice(0, -9), "This begins like the global id of an Account, but is not whole."],
      ["account", own.psu, "This is the upstream's own id of a PaymentServiceUser: not of an Account."],
      ["account", own.connector, "This is the upstream's own id of a Connector: not of an Account."],
      ["payment", own.account, "This is the upstream's own id of an Account or a Task: not of a Payment."],
      ["connection", own.account, "This is the upstream's own id of an Account or a Task: this takes a global id."],
      ["linkAttempt", own.psu, "This is the upstream's own id of a PaymentServiceUser: this takes a global id."],
      ["node", own.payment, "This is the upstream's own id of a Payment: this takes a global id."],
      ["account", "nonsense", "This is neither a global id nor the upstream's own id of an Account."],
      ["connection", "nonsense", "This is not the global id of a BankConnection."],
      ["node", "hello", "This is not a global id."],
      ["node", "nonsense", "This is not a global id."],
    ];
    for (const [query, id, message] of cases) {
      const { errors } = await gateway.send(`query ($id: ID!) { ${query}(id: $id) { id } }`, { id });
      expect([query, id, errors.map((error) => error.message)]).toEqual([query, id, [message]]);
    }
  });

  it("that is whole and names nothing is null in a query", async () => {
    await using gateway = await start();
    const ids = oneOfEach(gateway.sandbox.world);
    const nobody = "00000000-0000-4000-8000-000000000000";
    const connector = toConnectorId("tink", nobody);
    const absent = {
      paymentServiceUser: nobody,
      connector,
      connection: connectionGlobalId({ psuID: nobody, connectorID: connector, connectionID: "1" }),
      linkAttempt: attemptGlobalId({ psuID: nobody, connectorID: connector, id: nobody }),
      account: toAccountId(connector, "1"),
      payment: toPaymentId(connector, "1", "PAYOUT"),
      task: ids.Task,
    };
    for (const [query, id] of Object.entries(absent)) {
      const { data, errors } = await gateway.send(`query ($id: ID!) { ${query}(id: $id) { id } }`, { id });
      expect([query, errors, data]).toEqual([query, [], { [query]: null }]);
    }
  });

  it("with a NUL or broken UTF-8 inside is refused", async () => {
    await using gateway = await start();
    const { BankConnection, Account } = oneOfEach(gateway.sandbox.world);
    const inside = Buffer.from(toPlain(BankConnection), "base64url");
    const bad = ["\0", "a\0"].map((end) => Buffer.concat([inside, Buffer.from(end)]).toString("base64url"));
    const broken = [0xff, 0xc3, 0xed].map((byte) => Buffer.concat([inside, Buffer.from([byte])]).toString("base64url"));
    const list = "query ($id: ID!) { payments(filter: { connectionId: $id }) { nodes { id } } }";
    for (const id of [...bad, ...broken])
      expect(await refusal(gateway, list, { id })).toEqual(refused("filter.connectionId"));
    const account = Buffer.concat([Buffer.from(ownIdOf(Account), "base64url"), Buffer.from([0xff])]).toString(
      "base64url",
    );
    expect(await refusal(gateway, "query ($id: ID!) { account(id: $id) { id } }", { id: account })).toEqual(
      refused("id"),
    );
  });

  it("is refused by a field of something else, which costs the lookup of that and no more", async () => {
    await using gateway = await start();
    const { world } = gateway.sandbox;
    const psu = psuGlobalId(firstOf(world.people).id);
    const account = accountGlobalId(firstOf(world.accounts).id);
    const fields = [
      [`paymentServiceUser(id: "${psu}") { connections(connectorIds: ["${psu}"]) { id } }`, "connectorIds.0"],
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
