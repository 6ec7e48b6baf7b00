import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import type { Viewer } from "../../../src/auth/viewer.ts";
import { firstOf } from "../../schema/global-ids.ts";
import { type ClientError, psuViewer, startTestGateway, type TestGateway, until } from "../../support/helpers.ts";
import { startGatewayCommand } from "../../support/process.ts";

/** Nine calls, most of which depend on others. */
const query = `query ($id: ID!) {
  paymentServiceUser(id: $id) { name connections { status accounts { name balances { amount { decimal } } } } }
}`;

const authenticate = async (token: string | null): Promise<Viewer> => psuViewer(token ?? "");

/** A user's query for their own data; returns the errors. */
async function queryOwn(gateway: TestGateway, psuId = ""): Promise<readonly ClientError[]> {
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", authorization: psuId },
    body: JSON.stringify({ query, variables: { id: psuId } }),
  });
  return ((await response.json()) as { errors?: ClientError[] }).errors ?? [];
}

it("operations begin while there is capacity for all their calls; the others are rejected at once, and those that have begun finish in time", async () => {
  const world = createWorld({ size: { people: 60, connectionsEach: 3, accountsEach: 3 } });
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 4 } });
  const send = ({ id } = firstOf(world.people)) => gateway.send(query, { id });
  const ninth = await gateway.calls(() => send());
  expect(ninth).toHaveLength(9);

  using _slow = gateway.sandbox.fault(() => true, { delayMs: 40 });
  gateway.sandbox.clearCalls();
  let rejected = 0;
  // Each for another user, so that no reads are identical.
  const sending = world.people.map(async (person) => {
    const answer = await send(person);
    if (answer.errors.length > 0) rejected += 1;
    return answer;
  });
  // The capacity is eight times as many calls as run at once, of which an operation takes at most as many as run at once.
  await until(async () => rejected === 52);
  expect(gateway.sandbox.calls.length).toBeLessThan(8 * 9);
  const answers = await Promise.all(sending);
  for (const { status, errors } of answers.filter((one) => one.errors.length > 0)) {
    expect(status).toBe(503);
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
  }
  expect(gateway.sandbox.calls).toHaveLength(8 * 9);

  expect((await send()).errors).toEqual([]);
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
  const many = Array.from({ length: 60 }, async () => {
    const errors = await queryOwn(gateway, greedy);
    answered += 1;
    return errors;
  });
  expect(await queryOwn(gateway, other)).toEqual([]);
  // Some twenty begin at once. In order of arrival it would come after all sixty.
  expect(answered).toBeLessThanOrEqual(42);
  expect((await Promise.all(many)).flat()).toEqual([]);
});

it("one user's operations take at most half of the capacity: only that user gets rejections, and others need not wait", async () => {
  const world = createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 2 } });
  const [greedy, other] = world.people.map(({ id }) => id);
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 4 }, authenticate });
  const send = (psuId?: string) => queryOwn(gateway, psuId);
  await send(greedy);
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 100 });
  const first = send(greedy);
  await until(async () => gateway.sandbox.calls.length > 0);
  const more = Array.from({ length: 20 }, () => send(greedy));
  expect(await send(other)).toEqual([]);
  expect(await first).toEqual([]);
  const rejected = (await Promise.all(more)).filter((errors) => errors.length > 0);
  expect(rejected).toHaveLength(17); // of a capacity of 32, each takes the 4 that can run at once
  for (const errors of rejected) {
    expect(errors).toMatchObject([{ extensions: { code: "RATE_LIMITED", retryable: true, retryAfterMs: 1000 } }]);
  }
  expect(await send(greedy)).toEqual([]);
});

it("a rejection over HTTP has Retry-After and a request id, and allowed origins can read it", async () => {
  await using sandbox = await startSandbox();
  await using gateway = await startGatewayCommand({
    FORMANCE_API_URL: sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    MAX_UPSTREAM_CALLS: "1",
    CORS_ORIGINS: "https://app.example.com",
  });
  const send = (headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: '{"query":"{ connectors { nodes { id } } }"}',
      ...(signal && { signal }),
    });
  expect((await send()).status).toBe(200);
  using _silence = sandbox.fault(() => true, { delayMs: 60_000 });
  const cancellation = new AbortController();
  const waiting = Array.from({ length: 8 }, () => send({}, cancellation.signal).catch(() => null));
  const rejected = await until(async () => {
    const response = await Promise.race([send({ "x-request-id": "mine" }), wait(100)]);
    return response !== undefined && response.status === 503 && response;
  });
  expect(Object.fromEntries(rejected.headers)).toMatchObject({ "retry-after": "1", "x-request-id": "mine" });
  expect(await rejected.json()).toMatchObject({
    errors: [{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, requestId: "mine" } }],
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
