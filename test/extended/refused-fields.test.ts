/** Own fields and types that break a rule: the program does not start, and learns of all at once. */
import { defineLoader, free, perRow } from "open-banking-graphql-gateway";
import { describe, expect, it } from "vitest";
import { runCommand } from "../support/process.ts";

const text = 'fields: (t) => ({ text: t.exposeString("text") })';

/** Runs a program with this body of `extend`; each has a graph, and so a process, of its own. */
async function startWith(body: string): Promise<string> {
  const program = `
    import { Account, createGateway, free, PaymentServiceUser } from "open-banking-graphql-gateway";
    try {
      await createGateway({ settings: {}, extend: (builder) => { ${body} } });
      console.log("started");
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }`;
  const args = ["--conditions=checkout", "--input-type=module", "--eval", program];
  await using command = runCommand(process.execPath, args);
  await command.exit;
  return command.output().trim();
}

/** Breaks every rule. */
const wrong = `
  const Own = builder.objectRef("Own").implement({ fields: (t) => ({
    text: t.exposeString("text"), owns: t.expose("owns", { type: [Own] }), later: t.field({ type: Later, resolve: () => ({}) }) }) });
  const Later = builder.objectRef("Later").implement({ authScopes: { read: true }, ${text} });
  builder.objectField(PaymentServiceUser, "own", (t) => t.field({ type: Own, resolve: () => ({}) }));
  builder.objectFields(Account, (t) => ({
    score: t.int({ resolve: () => 1 }),
    owns: t.field({ type: [Own], extensions: free(), resolve: () => [] }),
    right: t.field({ type: [Own], extensions: free({ rows: 2 }), resolve: () => [] }),
    inner: t.field({ extensions: free(), resolve: () => ({}), type: builder.objectRef("Inner").implement({
      authScopes: { read: true }, fields: (t) => ({ value: t.int({ resolve: () => 1 }) }) }) }),
  }));
  builder.node(builder.objectRef("Noded"), { authScopes: { read: true }, id: { resolve: (row) => row.id }, ${text} });
  builder.queryField("one", (t) => t.string({ extensions: free(), resolve: () => "" }));
  builder.queryField("_two", (t) => t.string({ authScopes: { read: true }, extensions: free(), resolve: () => "" }));
  builder.mutationField("three", (t) => t.string({ extensions: free(), resolve: () => "" }));
  builder.subscriptionField("four", (t) =>
    t.string({ authScopes: { read: true }, subscribe: async function* () {}, resolve: () => "" }));`;

const noCost = "has no cost: write extensions: perBatch(loader), perRow(calls) or free()";
const noRule = "has no rule: write authScopes: { read: true }, or who else may call it";
const wrongRule =
  "has a rule that is none: write { read: true }, or another of anyone, read, write, operator, operatorWrite";
const noBound = "is a list without a bound: write rows, as in extensions: free({ rows: 20 })";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "every broken rule at once",
    wrong,
    [
      "ConfigError: Own has no rule: write authScopes: ownedBy((row) => row.psuId), or who may see all of them",
      "Noded is a node, which own types cannot be: give it a query of its own",
      `Account.owns ${noBound}`,
      `Account.score ${noCost}`,
      `Inner.value ${noCost}`,
      `Mutation.three ${noRule}`,
      `Noded.id ${noCost}`,
      `Own.later ${noCost}`,
      `Own.owns ${noBound}`,
      `PaymentServiceUser.own ${noCost}`,
      "Query._two: names that begin with _ are Apollo Federation's",
      `Query.one ${noRule}`,
      "Subscription.four: own subscriptions cannot be served; own fields of what ours send can",
    ],
  ],
  [
    "a field that there is already",
    'builder.objectField(Account, "name", (t) => t.string({ extensions: free(), resolve: () => "" }));',
    ["PothosSchemaError: Duplicate field name on Account"],
  ],
  [
    "rules that are none",
    `const own = (name, authScopes) => builder.objectRef(name).implement({ authScopes, ${text} });
    own("False", { operator: true, anyone: false });
    own("Unknown", { admin: true });
    own("Empty", {});
    const One = own("One", () => ({ read: true }));
    builder.queryFields((t) => ({
      called: t.field({ type: One, authScopes: () => ({ read: true }), extensions: free(), resolve: () => ({}) }),
      closed: t.string({ authScopes: { read: false }, extensions: free(), resolve: () => "" }),
    }));`,
    [
      `ConfigError: False ${wrongRule}`,
      `Unknown ${wrongRule}`,
      `Empty ${wrongRule}`,
      `Query.called ${wrongRule}`,
      `Query.closed ${wrongRule}`,
    ],
  ],
  [
    "what it does later",
    "return Promise.resolve();",
    ["ConfigError: `extend` must not be async: read what it needs before"],
  ],
];

describe("extend", () => {
  it.each(cases)("is refused for %s", { timeout: 60_000 }, async (_kind, body, lines) => {
    expect((await startWith(body)).split("\n")).toEqual(lines);
  });

  it("is not tried again, once it was refused", { timeout: 60_000 }, async () => {
    const program = `
      import { createGateway } from "open-banking-graphql-gateway";
      let runs = 0;
      const extend = () => { runs += 1; throw new Error("run " + runs); };
      for (const _ of [1, 2]) await createGateway({ settings: {}, extend }).catch(({ message }) => console.log(message));`;
    const args = ["--conditions=checkout", "--input-type=module", "--eval", program];
    await using command = runCommand(process.execPath, args);
    expect([await command.exit, command.output().trim().split("\n")]).toEqual([0, ["run 1", "run 1"]]);
  });
});

it("keeping the builder for later is refused by the next gateway", { timeout: 60_000 }, async () => {
  const program = `
    import { createGateway, free } from "open-banking-graphql-gateway";
    let kept;
    const extend = (builder) => { kept = builder; };
    const make = () => createGateway({ settings: {}, extend }).then(() => console.log("made"), ({ message }) => console.log(message));
    await make();
    kept.queryField("late", (t) => t.string({ authScopes: { read: true }, resolve: () => "" }));
    await make();`;
  const args = ["--conditions=checkout", "--input-type=module", "--eval", program];
  await using command = runCommand(process.execPath, args);
  expect([await command.exit, command.output().trim().split("\n")]).toEqual([
    0,
    ["made", "the builder was used after `extend` had returned: nothing has checked what that added"],
  ]);
});

it("a row's rule that is a promise closes the row, and its rejection does not end the process", {
  timeout: 60_000,
}, async () => {
  const program = `
    import { createGateway, free } from "open-banking-graphql-gateway";
    const extend = (builder) => {
      const Row = builder.objectRef("Row").implement({
        authScopes: async () => { throw new Error("no rule"); }, ${text} });
      builder.queryField("row", (t) => t.field({
        type: Row, nullable: true, authScopes: { anyone: true }, extensions: free(), resolve: () => ({ text: "a" }) }));
    };
    await using gateway = await createGateway({ settings: { PORT: "0" }, extend, log: { write() {} } });
    const url = await gateway.listen();
    for (const _ of [1, 2]) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url + "/graphql", { method: "POST", headers, body: '{"query":"{ row { text } }"}' });
      const { data, errors } = await answer.json();
      console.log(JSON.stringify(data), errors[0].extensions.code);
    }`;
  const args = ["--conditions=checkout", "--input-type=module", "--eval", program];
  await using command = runCommand(process.execPath, args);
  const line = '{"row":null} INTERNAL_SERVER_ERROR';
  expect([await command.exit, command.output().trim().split("\n")]).toEqual([0, [line, line]]);
});

describe("a cost", () => {
  it.each([
    ["no calls", () => perRow(0), "perRow takes how many calls it makes, from 1 on"],
    ["part of a call", () => perRow(0.5), "perRow takes how many calls it makes, from 1 on"],
    ["no rows", () => free({ rows: 0 }), "rows is a number, from 1 on"],
    [
      "a loader without a bound",
      () => defineLoader("own", async () => [], {} as never),
      "own: maxKeys is a number, from 1 on",
    ],
    [
      "a loader whose name is no label",
      () => defineLoader("my loader", async () => [], { maxKeys: 1 }),
      "A loader's name",
    ],
  ])("is refused for %s", (_kind, declare, message) => {
    expect(declare).toThrow(message);
  });
});
