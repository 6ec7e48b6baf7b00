import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/server.ts";
import { toTimestamp } from "../../../sandbox/time.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { parseGlobalId, toGlobalId } from "../../../src/schema/global-id.ts";
import { createTestGateway, psuViewer } from "../../support/helpers.ts";
import { accountGlobalId, attemptGlobalId, connectionGlobalId, firstOf } from "../global-ids.ts";
import { answersOf, idsOf, Mine, NodesForViewer, naming, refusal, stage } from "./stage.ts";

/** What root fields answer to an id, by the field's name. */
const roots = {
  user: "paymentServiceUser",
  connections: "connection",
  accounts: "account",
  payments: "payment",
  attempts: "linkAttempt",
} as const;

describe("a token of one PSU", () => {
  it("sees all that is its own", async () => {
    await using scene = await stage();
    const ids = idsOf(scene, scene.me);
    const mine = await scene.gateway.run(Mine, { connector: scene.powens });
    expect(mine.viewer.subject).toBe(`user-${scene.me}`);
    const user = mine.viewer.paymentServiceUser;
    expect(user?.id).toBe(ids.user);
    expect(user?.connections.map(({ id }) => id)).toEqual(ids.connections);
    expect(user?.connections.map((row) => row.paymentServiceUser.id)).toEqual(ids.connections.map(() => ids.user));
    const ofConnections = user?.connections.flatMap(({ accounts }) => accounts.map(({ id }) => id)) ?? [];
    // Tink's accounts name no connection.
    expect(ofConnections.length).toBeGreaterThan(0);
    expect(ids.accounts).toEqual(expect.arrayContaining(ofConnections));
    expect(user?.accounts.map(({ id }) => id)).toEqual(ids.accounts);
    expect(user?.accounts.every(({ balances }) => balances.length > 0)).toBe(true);
    expect(user?.linkAttempts.nodes.map(({ id }) => id)).toEqual(ids.attempts);
    expect(user?.payments.nodes.map(({ id }) => id)).toEqual(ids.payments);
    expect(mine.connectors.nodes).toHaveLength(3);
    expect(ids.attempts).toHaveLength(1);
  });

  it("sees only its own in lists, because it requests nothing else from the service", async () => {
    await using scene = await stage();
    const ids = idsOf(scene, scene.me);
    const calls = await scene.gateway.calls(async () => {
      const { accounts, payments } = await scene.gateway.run(Mine, { connector: scene.powens });
      expect(accounts).toEqual({ nodes: ids.accounts.map((id) => ({ id })), pageInfo: { hasNextPage: false } });
      expect(payments.nodes.map(({ id }) => id)).toEqual(ids.payments);
      expect(payments.nodes.every((row) => row.paymentServiceUser?.id === ids.user && row.sourceAccount !== null)).toBe(
        true,
      );
    });
    const narrowed = { $match: { psu_id: scene.me } };
    const lists = calls.filter(({ path }) => path === "/accounts" || path === "/payments");
    expect(lists.length).toBeGreaterThanOrEqual(4);
    for (const { body } of lists) {
      const conditions = (body as { $and?: unknown[] }).$and ?? [body];
      expect(conditions).toContainEqual(narrowed);
    }
    expect(naming(calls, scene.other)).toEqual([]);
  });

  it("finds its own by node, by nodes and by every root field", async () => {
    await using scene = await stage();
    const ids = idsOf(scene, scene.me);
    for (const [name, field] of Object.entries(roots) as [keyof typeof roots, string][]) {
      const own = [ids[name]].flat();
      expect(own.length).toBeGreaterThan(0);
      const fields = own.flatMap((id) => [`${field}(id: "${id}") { id }`, `node(id: "${id}") { id }`]);
      expect(await answersOf(scene.gateway, fields)).toEqual(own.flatMap((id) => [{ id }, { id }]));
      expect((await scene.gateway.run(NodesForViewer, { ids: own })).nodes).toEqual(own.map((id) => ({ id })));
    }
  });

  it("finds nothing of another by node, by nodes or by any root field", async () => {
    await using scene = await stage();
    const ids = idsOf(scene, scene.other);
    for (const [name, field] of Object.entries(roots) as [keyof typeof roots, string][]) {
      const foreign = [ids[name]].flat();
      expect(foreign.length).toBeGreaterThan(0);
      // They are there: an operator sees them.
      expect((await scene.operator.run(NodesForViewer, { ids: foreign })).nodes).toEqual(foreign.map((id) => ({ id })));
      const fields = foreign.flatMap((id) => [`${field}(id: "${id}") { id }`, `node(id: "${id}") { id }`]);
      expect(await answersOf(scene.gateway, fields)).toEqual(fields.map(() => null));
      expect((await scene.gateway.run(NodesForViewer, { ids: foreign })).nodes).toEqual(foreign.map(() => null));
    }
    const { people, accounts, payments } = scene.world;
    const upstream = [
      `paymentServiceUser(id: "${people[1]?.id.toUpperCase()}") { id }`,
      `account(id: "${firstOf(accounts, ({ psuID }) => psuID === scene.other).id}") { id }`,
      `payment(id: "${firstOf(payments, ({ psuID }) => psuID === scene.other).id}") { id }`,
    ];
    expect(await answersOf(scene.gateway, upstream)).toEqual([null, null, null]);
  });

  it("finds nothing of another by an id spliced from its own and the other's", async () => {
    await using scene = await stage();
    const { world, me, other } = scene;
    const connections = world.connections
      .filter(({ psuID }) => psuID === other)
      .map((row) => connectionGlobalId({ ...row, psuID: me }));
    const attempts = world.attempts
      .filter(({ psuID }) => psuID === other)
      .map((row) => attemptGlobalId({ ...row, psuID: me }));
    expect([connections.length, attempts.length]).toEqual([3, 1]);
    const fields = [
      ...connections.map((id) => `connection(id: "${id}") { id }`),
      ...attempts.map((id) => `linkAttempt(id: "${id}") { id }`),
      ...[...connections, ...attempts].map((id) => `node(id: "${id}") { id }`),
    ];
    expect(await answersOf(scene.gateway, fields)).toEqual(fields.map(() => null));
  });

  it("finds nothing of another by a filter", async () => {
    await using scene = await stage();
    const ids = idsOf(scene, scene.other);
    const account = firstOf(scene.world.accounts, ({ psuID }) => psuID === scene.other);
    // Plaid's: no account of Tink's names one.
    const connection = ids.connections.at(-1);
    const accounts = [
      `psuId: "${ids.user}"`,
      `psuId: "${scene.other}"`,
      `connectionId: "${connection}"`,
      `reference: "${account.reference}"`,
    ];
    const payments = [
      ...accounts.slice(0, 3),
      `accountId: "${ids.accounts[0]}"`,
      `psuId: "${scene.me}", connectionId: "${connection}"`,
    ];
    const empty = {
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    };
    const rest = "{ nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";
    const fields = [
      ...accounts.map((filter) => `accounts(filter: { ${filter} }) ${rest}`),
      ...payments.map((filter) => `payments(filter: { ${filter} }) ${rest}`),
      `viewer { paymentServiceUser { payments(filter: { psuId: "${ids.user}" }) ${rest} } }`,
      `viewer { paymentServiceUser { payments(filter: { accountId: "${ids.accounts[0]}" }) ${rest} } }`,
    ];
    const answers = await answersOf(scene.gateway, fields);
    expect(answers.slice(0, -2)).toEqual(fields.slice(0, -2).map(() => empty));
    for (const answer of answers.slice(-2)) expect(answer).toEqual({ paymentServiceUser: { payments: empty } });
    // The same filters find something for an operator.
    const found = await answersOf(scene.operator, fields.slice(0, -3));
    expect(found.every((page) => (page as { nodes: unknown[] }).nodes.length > 0)).toBe(true);
  });

  it("checks the other arguments of a list that is empty for it, too", async () => {
    await using scene = await stage();
    const filter = `filter: { psuId: "${scene.other}" }`;
    const calls = await scene.gateway.calls(async () => {
      for (const list of ["accounts", "payments"]) {
        expect(await refusal(scene.gateway, `{ ${list}(${filter}, first: 0) { nodes { id } } }`)).toEqual([
          ["BAD_USER_INPUT", "first"],
        ]);
        expect(await refusal(scene.gateway, `{ ${list}(${filter}, after: "x") { nodes { id } } }`)).toEqual([
          ["BAD_USER_INPUT", "after"],
        ]);
        const metadata = `{ ${list}(filter: { psuId: "${scene.other}", metadata: { a: 5 } }) { nodes { id } } }`;
        expect(await refusal(scene.gateway, metadata)).toEqual([["BAD_USER_INPUT", "filter.metadata.a"]]);
      }
    });
    expect(calls).toEqual([]);
  });

  it("sees a payment of its own without the account of another that it came from", async () => {
    await using scene = await stage();
    const { world, sandbox, me, other } = scene;
    const own = firstOf(world.payments, ({ psuID }) => psuID === me);
    const from = firstOf(world.accounts, ({ psuID }) => psuID === other).id;
    const to = firstOf(world.accounts, ({ psuID }) => psuID === me).id;
    using _ = answerPayment(sandbox, { ...own, sourceAccountID: from, destinationAccountID: to });
    const selection = "payments(first: 1) { nodes { id sourceAccount { id name } destinationAccount { id } } }";
    const id = toGlobalId("Payment", own.id);
    const seen = { id, sourceAccount: null, destinationAccount: { id: accountGlobalId(to) } };
    expect(await answersOf(scene.gateway, [selection])).toEqual([{ nodes: [seen] }]);
    const operators = (await answersOf(scene.operator, [selection])) as { nodes: { sourceAccount: unknown }[] }[];
    expect(operators[0]?.nodes[0]?.sourceAccount).toMatchObject({ id: accountGlobalId(from) });
  });

  it("is shown no task but its own", async () => {
    await using scene = await stage();
    const remove = async (psuId: string) => {
      const { data } = await scene.operator.send<{ deletePaymentServiceUser: { task: { id: string } } }>(
        `mutation { deletePaymentServiceUser(input: { psuId: "${psuId}" }) { task { id } } }`,
      );
      return data?.deletePaymentServiceUser.task.id ?? "";
    };
    const [own, foreign] = [await remove(scene.me), await remove(scene.other)];
    const fields = (id: string) => [`task(id: "${id}") { id }`, `node(id: "${id}") { id }`];
    expect(await answersOf(scene.gateway, fields(own))).toEqual([{ id: own }, { id: own }]);
    expect(await answersOf(scene.operator, fields(foreign))).toEqual([{ id: foreign }, { id: foreign }]);
    expect(await answersOf(scene.gateway, fields(foreign))).toEqual([null, null]);
    // The service reads the names inside an id without regard to case, and takes the last: it would find the other's.
    const key = JSON.parse(Buffer.from(ownTaskId(foreign), "base64url").toString());
    const forged = Buffer.from(
      JSON.stringify({ ConnectorID: key.ConnectorID, Reference: `x-${scene.me}`, reference: key.Reference }),
    ).toString("base64url");
    const answer = {
      id: ownTaskId(foreign),
      status: "SUCCEEDED",
      createdAt: toTimestamp(0),
      updatedAt: toTimestamp(0),
    };
    using _ = scene.sandbox.fault(({ path }) => path.startsWith("/tasks/"), { body: JSON.stringify({ data: answer }) });
    expect(await answersOf(scene.operator, [`task(id: "${forged}") { status }`])).toEqual([{ status: "SUCCEEDED" }]);
    expect(await answersOf(scene.gateway, [`task(id: "${forged}") { status }`])).toEqual([null]);
  });

  it("sees no account without a PSU", async () => {
    const world = createWorld({ clock: createManualClock() });
    await using sandbox = await startSandbox({ world });
    await using gateway = createTestGateway(sandbox, { viewer: psuViewer(firstOf(world.people).id) });
    const treasury = firstOf(world.accounts, ({ psuID }) => psuID === null).id;
    const id = accountGlobalId(treasury);
    expect(await answersOf(gateway, [`account(id: "${treasury}") { id }`, `node(id: "${id}") { id }`])).toEqual([
      null,
      null,
    ]);
    const { accounts } = await gateway.run(Mine, { connector: firstOf(world.connectors).id });
    expect(accounts.nodes).not.toContainEqual({ id });
  });
});

/** The upstream's own id of a task. */
const ownTaskId = (globalId: string) => parseGlobalId(globalId)?.id ?? "";

/** The service answers every list of payments with this one. */
function answerPayment(sandbox: Sandbox, payment: Sandbox["world"]["payments"][number]): Disposable {
  const { connectionID, createdAt, initialAmount, amount, ...rest } = payment;
  const amounts = { initialAmount: Number(initialAmount), amount: Number(amount) };
  const row = {
    ...rest,
    ...amounts,
    openBankingConnectionID: connectionID,
    createdAt: toTimestamp(createdAt),
    provider: "plaid",
  };
  return sandbox.fault(({ path }) => path === "/payments", {
    body: JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data: [row] } }),
  });
}
