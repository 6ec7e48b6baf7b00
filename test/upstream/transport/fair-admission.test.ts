import { expect, it } from "vitest";
import { createWorld } from "../../../sandbox/world.ts";
import type { Viewer } from "../../../src/auth/viewer.ts";
import { firstOf } from "../../schema/global-ids.ts";
import { type ClientError, psuViewer, startTestGateway, type TestGateway, until } from "../../support/helpers.ts";

/** Nine calls, most of which depend on others. */
const query = `query ($id: ID!) {
  paymentServiceUser(id: $id) { name connections { status accounts { name balances { amount { decimal } } } } }
}`;

const authenticate = async (token: string | null): Promise<Viewer> => psuViewer(token ?? "");

/** A user's query for their own data, with a remark that makes it another document; returns the errors. */
async function queryOwn(gateway: TestGateway, psuId = "", remark = 0): Promise<readonly ClientError[]> {
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", authorization: psuId },
    body: JSON.stringify({ query: `${query} # ${remark}`, variables: { id: psuId } }),
  });
  return ((await response.json()) as { errors?: ClientError[] }).errors ?? [];
}

it("operations begin while there is capacity for all their calls; the others wait, and all succeed", async () => {
  const world = createWorld({ size: { people: 40, connectionsEach: 3, accountsEach: 3 } });
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 4 } });
  const send = ({ id } = firstOf(world.people)) => gateway.send(query, { id });
  const ninth = await gateway.calls(() => send());
  expect(ninth).toHaveLength(9);

  using _slow = gateway.sandbox.fault(() => true, { delayMs: 40 });
  gateway.sandbox.clearCalls();
  // Each for another user, so that no reads are identical.
  const sending = Promise.all(world.people.map(send));
  // The capacity is eight times as many calls as run at once, of which an operation takes at most as many as run at once.
  await until(async () => gateway.upstream.state().waiting === 32);
  const begun = world.people.filter(({ id }) => gateway.sandbox.calls.some(({ path }) => path.includes(id)));
  expect(begun.length).toBeLessThanOrEqual(8);
  expect((await sending).flatMap(({ errors }) => errors)).toEqual([]);
  expect(gateway.sandbox.calls).toHaveLength(40 * 9);
});

/** Lets the limiter measure a fast stack, so that one user's half of the capacity exceeds what begins at once. */
async function raiseCapacity(send: () => Promise<unknown>): Promise<void> {
  const enough = performance.now() + 1200;
  while (performance.now() < enough) await Promise.all(Array.from({ length: 8 }, send));
}

it("heavy operations begin one after the other while those under way hold the limit; a light one begins at once", async () => {
  const world = createWorld({ size: { people: 25, connectionsEach: 3, accountsEach: 2 } });
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 16 } });
  await raiseCapacity(() => gateway.send(query, { id: firstOf(world.people).id }));
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 100 });
  gateway.sandbox.clearCalls();
  const results = Promise.all(world.people.map(async ({ id }) => (await gateway.send(query, { id })).errors));
  const firstCalls = world.people.map(
    ({ id }) =>
      () =>
        gateway.sandbox.calls.findIndex(({ path }) => path.includes(id)),
  );
  const begun = () => firstCalls.filter((firstCall) => firstCall() >= 0);
  await until(async () => begun().length >= 21);
  // Each holds nine calls of the twelve times sixteen that they may hold together.
  expect(begun()).toEqual(firstCalls.slice(0, 21));
  expect((await gateway.send("{ connectors { nodes { name } } }")).errors).toEqual([]);
  const light = gateway.sandbox.calls.findIndex(({ path }) => path.endsWith("/connectors"));
  expect((await results).flat()).toEqual([]);
  expect(light).toBeGreaterThan(0);
  const last = firstCalls.slice(21).map((firstCall) => firstCall());
  expect(last.every((at) => at > light)).toBe(true);
  expect(last).toEqual(last.toSorted((one, other) => one - other));
});

it("however many heavy operations of one user wait to begin, that of another user is next", async () => {
  const world = createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 2 } });
  const [greedy, other] = world.people.map(({ id }) => id);
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 16 }, authenticate });
  await raiseCapacity(() => queryOwn(gateway, greedy));
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 100 });
  let answered = 0;
  const many = Array.from({ length: 60 }, async (_, at) => {
    const errors = await queryOwn(gateway, greedy, at);
    answered += 1;
    return errors;
  });
  expect(await queryOwn(gateway, other)).toEqual([]);
  // Some twenty begin at once. In order of arrival it would come after all sixty.
  expect(answered).toBeLessThanOrEqual(42);
  expect((await Promise.all(many)).flat()).toEqual([]);
});

it("one user's operations take at most half of the capacity: others need not wait", async () => {
  const world = createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 2 } });
  const [greedy = "", other] = world.people.map(({ id }) => id);
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 4 }, authenticate });
  await queryOwn(gateway, greedy);
  using _slow = gateway.sandbox.fault(({ path }) => path.includes(greedy), { delayMs: 1000 });
  const many = Array.from({ length: 10 }, (_, at) => queryOwn(gateway, greedy, at));
  // Of a capacity of 32, each takes the 4 that can run at once.
  await until(async () => gateway.upstream.state().waiting === 6);
  expect(await queryOwn(gateway, other)).toEqual([]);
  expect(gateway.upstream.state().waiting).toBe(6);
  expect((await Promise.all(many)).flat()).toEqual([]);
});

it("a rejection over HTTP has Retry-After and a request id, and allowed origins can read it", async () => {
  await using gateway = await startTestGateway({
    upstream: { sockets: 8, maxWaiting: { all: 1, ofOwner: 1 } },
    guards: { origins: { allowed: ["https://app.example.com"], localOnly: false } },
  });
  const send = (headers: Record<string, string> = {}, signal?: AbortSignal) =>
    gateway.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: '{"query":"{ connectors { nodes { id } } }"}',
      ...(signal && { signal }),
    });
  expect((await send()).status).toBe(200);
  using _silence = gateway.sandbox.fault(() => true, { delayMs: 60_000 });
  const cancellation = new AbortController();
  // 64 calls may be under way, and one operation waits.
  const waiting = Array.from({ length: 65 }, () => send({}, cancellation.signal).catch(() => null));
  await until(async () => gateway.upstream.state().waiting === 1);
  const rejected = await send({ "x-request-id": "mine" });
  expect(rejected.status).toBe(503);
  expect(Object.fromEntries(rejected.headers)).toMatchObject({ "retry-after": "1", "x-request-id": "mine" });
  expect(await rejected.json()).toMatchObject({
    errors: [
      // One waits, and within 15 s all 64 that run have ended.
      { extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, retryAfterMs: 300, requestId: "mine" } },
    ],
  });

  const page = await send({ origin: "https://app.example.com" });
  expect(page.status).toBe(503);
  expect(page.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  const own = ((await page.json()) as { errors: { extensions: { requestId: string } }[] }).errors[0]?.extensions
    .requestId;
  expect(page.headers.get("x-request-id")).toBe(own);
  cancellation.abort();
  await Promise.all(waiting);
});
