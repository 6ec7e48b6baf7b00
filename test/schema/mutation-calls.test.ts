/** Runs every mutation and compares the upstream calls that it makes with those that its cost declares. */

import { type GraphQLField, type GraphQLInputField, type GraphQLInputObjectType, isObjectType } from "graphql";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import type { UpstreamCall } from "../../src/schema/cost.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { toSchema } from "../../src/schema/index.ts";
import { Upstream } from "../../src/upstream/client.ts";
import { startTestGateway } from "../support/helpers.ts";
import { connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "./global-ids.ts";

type Ids = {
  readonly psu: string;
  readonly newPsu: string;
  readonly connector: string;
  readonly connection: string;
  readonly bankAccount: string;
};

type Case = {
  /** Every argument of the input, the optional ones too. */
  readonly input: (ids: Ids) => Readonly<Record<string, unknown>>;
  /** A selection of the payload that makes no call of its own. */
  readonly select: string;
  /** The calls that are made only if an optional argument is given. */
  readonly onlyWith?: Readonly<Record<string, readonly UpstreamCall[]>>;
};

const link = {
  clientRedirectUrl: "https://app.example.com/back",
  applicationName: "Piggy Bank",
  idempotencyKey: "a key",
};

const cases: Readonly<Record<string, Case>> = {
  addBankAccount: {
    input: ({ psu }) => ({
      ...{ psuId: psu, name: "Ada", iban: "FR76 3000 6000 0112 3456 7890 189", accountNumber: "12345678901" },
      ...{ swiftBicCode: "AGRIFRPP", country: "FR", metadata: { use: "salary" } },
    }),
    select: "__typename",
  },
  forwardBankAccount: {
    input: ({ bankAccount, connector }) => ({ bankAccountId: bankAccount, connectorId: connector }),
    select: "__typename",
  },
  createLink: {
    input: ({ psu, connector }) => ({ psuId: psu, connectorId: connector, ...link }),
    select: "link",
    onlyWith: { idempotencyKey: ["linkAttempt"] },
  },
  createPaymentServiceUser: {
    input: () => ({
      name: "Ada",
      contactDetails: { email: "ada@example.com", phoneNumber: "+33123456789", locale: "fr_FR" },
      address: { streetName: "rue de la Paix", streetNumber: "1", city: "Paris", country: "FR" },
      metadata: { segment: "premium" },
    }),
    select: "__typename",
  },
  deleteConnection: { input: ({ connection }) => ({ connectionId: connection }), select: "deletedId" },
  deletePaymentServiceUser: { input: ({ psu }) => ({ psuId: psu }), select: "deletedId" },
  deletePaymentServiceUserConnector: {
    input: ({ psu, connector }) => ({ psuId: psu, connectorId: connector }),
    select: "deletedId",
  },
  forwardPaymentServiceUser: {
    input: ({ newPsu, connector }) => ({ psuId: newPsu, connectorId: connector }),
    select: "__typename",
  },
  updateLink: {
    input: ({ connection }) => ({ connectionId: connection, ...link }),
    select: "link",
    onlyWith: { idempotencyKey: ["linkAttempt"] },
  },
};

const schema = toSchema();
const mutations = schema.getMutationType()?.getFields() ?? {};

function declaredCalls(field: GraphQLField<unknown, unknown> | undefined): readonly UpstreamCall[] {
  const { upstreamCalls } = (field?.extensions ?? {}) as { readonly upstreamCalls?: readonly UpstreamCall[] };
  if (upstreamCalls === undefined) throw new Error(`${field?.name} declares no calls`);
  return upstreamCalls;
}

function inputFieldsOf(mutation: string): readonly GraphQLInputField[] {
  const [input] = mutations[mutation]?.args ?? [];
  const type = schema.getType(String(input?.type).replace("!", "")) as GraphQLInputObjectType;
  return Object.values(type.getFields());
}

/** The names of the upstream calls that one mutation makes, sorted. */
async function callsOf(mutation: string, select: string, without = ""): Promise<readonly string[]> {
  const world = createWorld({ size: { people: 1, connectionsEach: 3, accountsEach: 1 } });
  await using gateway = await startTestGateway({ sandbox: { world } });
  const created = await gateway.send<{ createPaymentServiceUser: { paymentServiceUser: { id: string } } }>(
    `mutation { createPaymentServiceUser(input: { name: "New" }) { paymentServiceUser { id } } }`,
  );
  // A provider that needs none of the optional arguments.
  const connector = firstOf(world.connectors, ({ provider }) => provider === "powens").id;
  const connection = firstOf(world.connections, ({ connectorID }) => connectorID === connector);
  const given = { name: "Ada", iban: null, accountNumber: "1", swiftBicCode: null, country: null, metadata: null };
  const bankAccount = world.bankAccounts.create(given);
  world.bankAccounts.add(connection.psuID, bankAccount.id);
  const whole = cases[mutation]?.input({
    psu: psuGlobalId(connection.psuID),
    newPsu: created.data?.createPaymentServiceUser.paymentServiceUser.id ?? "",
    connector: connectorGlobalId(connector),
    connection: connectionGlobalId(connection),
    bankAccount: toGlobalId("BankAccount", `${connection.psuID}:${bankAccount.id}`),
  });
  const input = Object.fromEntries(Object.entries(whole ?? {}).filter(([name]) => name !== without));

  const calls: string[] = [];
  for (const name of Object.getOwnPropertyNames(Upstream.prototype) as UpstreamCall[]) {
    if (["constructor", "reserve", "deadline"].includes(name)) continue;
    const method = Upstream.prototype[name];
    vi.spyOn(Upstream.prototype, name).mockImplementation(function (this: Upstream, ...args: unknown[]) {
      calls.push(name);
      return Reflect.apply(method, this, args) as never;
    });
  }
  const type = mutations[mutation]?.args[0]?.type;
  const { errors } = await gateway.send(`mutation ($input: ${type}) { ${mutation}(input: $input) { ${select} } }`, {
    input,
  });
  vi.restoreAllMocks();
  expect(errors).toEqual([]);
  return calls.sort();
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the upstream calls of a mutation", () => {
  it("are tested for every mutation, with every argument", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(mutations).sort());
    const ids = { psu: "", newPsu: "", connector: "", connection: "", bankAccount: "" };
    for (const [mutation, { input }] of Object.entries(cases)) {
      const names = inputFieldsOf(mutation).map(({ name }) => name);
      expect([mutation, Object.keys(input(ids)).sort()]).toEqual([mutation, names.sort()]);
    }
  });

  describe.each(Object.entries(cases))("%s", (mutation, { select, onlyWith = {} }) => {
    const declared = declaredCalls(mutations[mutation]);
    const optional = inputFieldsOf(mutation).filter(({ type }) => !String(type).endsWith("!"));

    it("are those that its cost declares", async () => {
      expect(await callsOf(mutation, select)).toEqual([...declared].sort());
    });

    for (const { name } of optional) {
      it(`are those that its cost declares, without \`${name}\``, async () => {
        const fewer = onlyWith[name] ?? [];
        expect(await callsOf(mutation, select, name)).toEqual(declared.filter((call) => !fewer.includes(call)).sort());
      });
    }
  });

  it("are declared by one field of a payload, too", async () => {
    const declaring = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && type !== schema.getMutationType()
        ? Object.values(type.getFields()).flatMap((field) =>
            "upstreamCalls" in field.extensions ? [{ at: `${type.name}.${field.name}`, field }] : [],
          )
        : [],
    );
    const byName = new Map(declaring.map(({ at, field }) => [at, field]));
    expect([...byName.keys()].sort()).toEqual([
      "AddBankAccountPayload.bankAccount",
      "CreatePaymentServiceUserPayload.paymentServiceUser",
      "ForwardBankAccountPayload.task",
    ]);
    const also = (mutation: string, at: string) =>
      [...declaredCalls(mutations[mutation]), ...declaredCalls(byName.get(at))].sort();
    expect(await callsOf("addBankAccount", "bankAccount { id }")).toEqual(
      also("addBankAccount", "AddBankAccountPayload.bankAccount"),
    );
    expect(await callsOf("forwardBankAccount", "task { id }")).toEqual(
      also("forwardBankAccount", "ForwardBankAccountPayload.task"),
    );
    const declared = also("createPaymentServiceUser", "CreatePaymentServiceUserPayload.paymentServiceUser");
    expect(await callsOf("createPaymentServiceUser", "paymentServiceUser { id }")).toEqual([...declared].sort());
  });
});
