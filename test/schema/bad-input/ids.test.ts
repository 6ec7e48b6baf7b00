import { describe, expect, it } from "vitest";
import { accountGlobalId, firstOf, oneOfEach, ownIdOf, psuGlobalId } from "../global-ids.ts";
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
