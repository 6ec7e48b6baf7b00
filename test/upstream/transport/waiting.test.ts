/** Operations for which there is no capacity yet wait for it, within their time. */
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/server.ts";
import { createWorld, type World } from "../../../sandbox/world.ts";
import type { Viewer } from "../../../src/auth/viewer.ts";
import { firstOf } from "../../schema/global-ids.ts";
import { type Answer, operator, startTestGateway, until } from "../../support/helpers.ts";
import { startGatewayCommand } from "../../support/process.ts";

const banks = "connections { status accounts { name balances { amount { decimal } } } }";
/** 20 users: 143 calls. */
const tree = `{ paymentServiceUsers(first: 20) { nodes { name ${banks} } } }`;
/** One user: nine calls, most of which depend on others. */
const query = `query ($id: ID!) { paymentServiceUser(id: $id) { name ${banks} } }`;
const create = 'mutation { createPaymentServiceUser(input: { name: "Ada" }) { paymentServiceUser { psuId } } }';

const worldOf = (people: number) => createWorld({ size: { people, connectionsEach: 2, accountsEach: 3 } });
const slow = (sandbox: Sandbox) => sandbox.fault(() => true, { delayMs: 100 });

/** The gateway's command over a slow stack. */
async function startBusy(world: World, settings: Record<string, string> = {}) {
  const sandbox = await startSandbox({ world });
  const gateway = await startGatewayCommand({
    FORMANCE_API_URL: sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    ...settings,
  });
  const fault = slow(sandbox);
  return {
    sandbox,
    gateway,
    /** Resolves to the answer, and how long it took. */
    async send(text: string, variables: object = {}) {
      const startedAt = performance.now();
      const response = await fetch(`${gateway.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: text, variables }),
      });
      const { errors = [] } = (await response.json()) as Pick<Answer<unknown>, "errors">;
      return { variables, errors, status: response.status, ms: performance.now() - startedAt };
    },
    async [Symbol.asyncDispose]() {
      fault[Symbol.dispose]();
      await gateway[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

it.each([9, 50])("%i equal trees of 143 calls all succeed, and share their reads", async (count) => {
  await using busy = await startBusy(worldOf(20));
  const answers = await Promise.all(Array.from({ length: count }, () => busy.send(tree)));
  expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  // On a busy machine some begin when others have read a part already.
  expect(busy.sandbox.calls.length).toBeLessThan((count * 143) / 2);
});

it("fifty different queries all succeed, however few of them the stack bears at once", async () => {
  const world = worldOf(50);
  await using busy = await startBusy(world, { MAX_UPSTREAM_CALLS: "24" });
  const answers = await Promise.all(world.people.map(({ id }) => busy.send(query, { id })));
  expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
});

it("what has waited for all of its time is refused, and succeeds after the time that it is given", async () => {
  const timeoutMs = 4000;
  const world = worldOf(30);
  await using busy = await startBusy(world, {
    MAX_UPSTREAM_CALLS: "4",
    OPERATION_TIMEOUT_SECONDS: String(timeoutMs / 1000),
  });
  const answers = await Promise.all(world.people.map(({ id }) => busy.send(query, { id })));
  // Besides them, a busy machine may cut off one that has begun.
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(5);
  expect(answers.filter(({ errors }) => errors.length === 0).length).toBeGreaterThan(5); // eight begin at once
  const waits = refused.map(({ errors, ms }) => {
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
    expect(ms).toBeGreaterThan(timeoutMs - 100);
    return Number(errors[0]?.extensions["retryAfterMs"]);
  });
  expect(Math.min(...waits)).toBeGreaterThan(0);
  expect(new Set(waits).size).toBeGreaterThan(1);
  const again = await Promise.all(
    refused.map(async ({ variables }, at) => {
      await wait(waits[at]);
      return busy.send(query, variables);
    }),
  );
  expect(again.flatMap(({ errors }) => errors)).toEqual([]);
}, 40_000);

it("what waits when the gateway stops is answered", async () => {
  const world = worldOf(20);
  await using busy = await startBusy(world, { MAX_UPSTREAM_CALLS: "4" });
  const answers = Promise.all(world.people.map(({ id }) => busy.send(query, { id })));
  await until(async () => {
    const metrics = await (await fetch(`${busy.gateway.url}/metrics`)).text();
    return Number(/^gateway_operations_waiting (\d+)$/m.exec(metrics)?.[1]) === 12;
  });
  busy.gateway.kill("SIGTERM");
  expect((await answers).flatMap(({ errors }) => errors)).toEqual([]);
  expect(await busy.gateway.exit).toBe(0);
});

/** The token is the subject of an operator. */
const authenticate = async (token: string | null): Promise<Viewer> => ({ ...operator, subject: token });

it("equal queries count in full only once while their first reads are in flight", async () => {
  await using gateway = await startTestGateway({ sandbox: { world: worldOf(1) }, upstream: { sockets: 4 } });
  const { id } = firstOf(gateway.sandbox.world.people);
  await gateway.send(query, { id });
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 1000 });
  // Of a capacity of 32 calls the first takes the 4 that may run at once, each further one takes one.
  const running = Array.from({ length: 29 }, () => gateway.send(query, { id }));
  await until(async () => gateway.sandbox.calls.length > 9);
  const last = gateway.send(query, { id });
  await until(async () => gateway.upstream.state().waiting > 0);
  expect(gateway.upstream.state().waiting).toBe(1);
  expect((await Promise.all([...running, last])).flatMap(({ errors }) => errors)).toEqual([]);
});

it("while a viewer's operations wait, another's light query is answered at once, and its heavy one is next", async () => {
  const world = worldOf(60);
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 16 }, authenticate });
  const send = async (subject: string, text: string, variables: object) => {
    const response = await gateway.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: subject },
      body: JSON.stringify({ query: text, variables }),
    });
    return (await response.json()) as { errors?: unknown };
  };
  await send("greedy", "{ __typename }", {});
  using _slow = slow(gateway.sandbox);
  const many = Promise.all(world.people.map(({ id }) => send("greedy", query, { id })));
  const { state } = gateway.upstream;
  await until(async () => state().waiting > 40);
  const heavy = send("other", query, { id: firstOf(world.people).id });
  await send("other", "{ connectors { nodes { name } } }", {});
  expect(state().waiting).toBeGreaterThan(30);
  expect(await heavy).not.toHaveProperty("errors");
  // In order of arrival it would come after all of them.
  expect(state().waiting).toBeGreaterThan(15);
  expect((await many).filter(({ errors }) => errors !== undefined)).toEqual([]);
});

it("one that disconnects while it waits leaves its place to another", async () => {
  const world = worldOf(12);
  const upstream = { sockets: 4, maxWaiting: { all: 1, ofOwner: 1 } };
  await using gateway = await startTestGateway({ sandbox: { world }, upstream });
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 300 });
  const { state } = gateway.upstream;
  const [last, other, ...people] = world.people.map(({ id }) => ({ id }));
  const running = people.slice(0, 8).map((variables) => gateway.send(query, variables));
  await until(async () => gateway.sandbox.calls.length >= 4);
  const client = new AbortController();
  const left = gateway.send(query, other, client.signal);
  await until(async () => state().waiting === 1);
  expect((await gateway.send(query, last)).errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
  client.abort();
  await expect(left).rejects.toThrow("aborted");
  await until(async () => state().waiting === 0);
  expect((await gateway.send(query, last)).errors).toEqual([]);
  expect((await Promise.all(running)).flatMap(({ errors }) => errors)).toEqual([]);
  expect(gateway.sandbox.calls.filter(({ path }) => path.includes(String(other?.id)))).toEqual([]);
});

it("a mutation that has waited for all of its time has written nothing, and may be sent again", async () => {
  await using gateway = await startTestGateway({ upstream: { sockets: 1, timeoutMs: 1500 } });
  await gateway.send("{ __typename }");
  using _silence = gateway.sandbox.fault(() => true, { delayMs: 60_000 });
  const lists = Array.from({ length: 9 }, (_, at) =>
    gateway.send(`{ connectors(first: ${at + 16}) { nodes { id } } }`),
  );
  await until(async () => gateway.upstream.state().waiting === 1);
  const written = await gateway.send(create);
  expect(written.errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
  expect(gateway.sandbox.calls.filter(({ method }) => method === "POST")).toEqual([]);
  await Promise.all(lists);
});
