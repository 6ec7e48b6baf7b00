import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Call, Sandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { startTestGateway } from "../support/helpers.ts";

/** 20 PSUs with 2 connections of 3 accounts each: 120 accounts. */
const start = () =>
  startTestGateway({ sandbox: { world: createWorld({ size: { people: 20, connectionsEach: 2, accountsEach: 3 } }) } });

/** Each call takes this long, so that those that wait for others come so much later. */
const delayMs = 400;

/** The calls made in parallel, step by step: their kinds with their number. */
function watchSteps({ fault }: Sandbox) {
  const steps: { readonly since: number; readonly calls: string[] }[] = [];
  const delay = fault(
    ({ path }: Call) => {
      const now = performance.now();
      let step = steps.at(-1);
      if (step === undefined || now >= step.since + delayMs) {
        step = { since: now, calls: [] };
        steps.push(step);
      }
      step.calls.push(path.split("/").at(-1) ?? "");
      return true;
    },
    { delayMs },
  );
  return {
    all: () =>
      steps.map(({ calls }) =>
        Object.fromEntries(
          Object.entries(Object.groupBy(calls, (name) => name)).map(([name, of]) => [name, of?.length]),
        ),
      ),
    [Symbol.dispose]: () => delay[Symbol.dispose](),
  };
}

const users = (inner: string) => `{ paymentServiceUsers(first: 20) { nodes { name ${inner} } } }`;
const switched = (condition: string) =>
  `query ($on: Boolean!) ${users(`connections { status accounts @${condition} { id } }`)}`;
const connections = [{ "payment-service-users": 1 }, { connections: 20 }];
const withAccounts = [{ "payment-service-users": 1 }, { connections: 20, accounts: 2 }];

describe("accounts of connections are read together with the connections", () => {
  it.each([
    ["as fields", users("connections { status accounts { id } }"), withAccounts],
    ["under an alias", users("connections { all: accounts { id } }"), withAccounts],
    ["beside the user's own", users("accounts { id } connections { accounts { id } }"), withAccounts],
    [
      "with what hangs from them one step behind",
      users("connections { accounts { id balances { createdAt } } }"),
      [...withAccounts, { balances: 120 }],
    ],
    [
      "in fragments",
      `${users("connections { ... on Node { ...Some } }")} fragment Some on BankConnection { accounts { id } }`,
      withAccounts,
    ],
    ["in a field's second selection", users("connections { id } connections { accounts { id } }"), withAccounts],
    ["where they are included", switched("include(if: $on)"), withAccounts],
    ["but not where they are skipped", switched("skip(if: $on)"), connections],
    [
      "nor where a fragment is skipped",
      `query ($on: Boolean!) ${users("connections { status ...Some @skip(if: $on) }")}
       fragment Some on BankConnection { accounts { id } }`,
      connections,
    ],
    ["nor where they are not selected", users("connections { status }"), connections],
  ])("%s", async (_how, document, steps) => {
    await using gateway = await start();
    await gateway.send("{ connectors { nodes { id } } }"); // so that there is a token
    using watched = watchSteps(gateway.sandbox);
    const { errors } = await gateway.send(document, { on: true });
    expect(errors).toEqual([]);
    expect(watched.all()).toEqual(steps);
  });

  it("and when that fails, only they are missing", async () => {
    await using gateway = await start();
    using _broken = gateway.sandbox.fault(({ path }) => path === "/accounts", { status: 500, body: "" });
    const { data, errors } = await gateway.send<{
      paymentServiceUsers: { nodes: { connections: { status: string }[] | null }[] };
    }>(users("ok: connections { status } connections { status accounts { id } }"));
    const connections = data?.paymentServiceUsers.nodes.flatMap(({ connections }) => connections ?? []) ?? [];
    expect(connections.length).toBeGreaterThan(0);
    for (const connection of connections) expect(connection).toEqual({ status: expect.any(String), accounts: null });
    expect(errors.map(({ path }) => path?.slice(-1)[0])).toEqual(connections.map(() => "accounts"));
  });

  it("and when the connections fail, so that the accounts are not needed, their error is not reported", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    using _noted = { [Symbol.dispose]: () => process.off("unhandledRejection", note) };
    await using gateway = await start();
    using _broken = gateway.sandbox.fault(({ path }) => /accounts$|connections$/.test(path), { status: 500, body: "" });
    const { errors } = await gateway.send(users("connections { status accounts { id } }"));
    expect(new Set(errors.map(({ path }) => path?.slice(-1)[0]))).toEqual(new Set(["connections"]));
    for (let turns = 0; turns < 5; turns += 1) await setImmediate();
    expect(unhandled).toEqual([]);
  });
});
