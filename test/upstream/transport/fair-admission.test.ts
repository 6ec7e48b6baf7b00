import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import type { Viewer } from "../../../src/auth/viewer.ts";
import { firstOf } from "../../schema/global-ids.ts";
import { type ClientError, psuViewer, startTestGateway, type TestGateway, until } from "../../support/helpers.ts";
import { startGatewayCommand } from "../../support/process.ts";

/** Nine calls of the stack, most of which can only be made behind others. */
const query = `query ($id: ID!) {
  paymentServiceUser(id: $id) { name connections { status accounts { name balances { amount { decimal } } } } }
}`;

const authenticate = async (token: string | null): Promise<Viewer> => psuViewer(token ?? "");

/** A user's own data, asked for by that user; answers with the errors. */
async function askOwn(gateway: TestGateway, psuId = ""): Promise<readonly ClientError[]> {
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", authorization: psuId },
    body: JSON.stringify({ query, variables: { id: psuId } }),
  });
  return ((await response.json()) as { errors?: ClientError[] }).errors ?? [];
}

it("operations begin as long as there is room for all that they will ask for; the others are refused at once, and those that have begun end in time", async () => {
  const world = createWorld({ size: { people: 60, connectionsEach: 3, accountsEach: 2 } });
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 4 } });
  const ask = ({ id } = firstOf(world.people)) => gateway.send(query, { id });
  const ninth = await gateway.calls(() => ask());
  expect(ninth).toHaveLength(9);

  using _slow = gateway.sandbox.fault(() => true, { delayMs: 40 });
  gateway.sandbox.clearCalls();
  let refused = 0;
  // Each of somebody else, so that none shares calls with another.
  const asking = world.people.map(async (person) => {
    const answer = await ask(person);
    if (answer.errors.length > 0) refused += 1;
    return answer;
  });
  // Room for eight times as many calls as run at once, of which an operation takes no more than run at once.
  await until(async () => refused === 52);
  expect(gateway.sandbox.calls.length).toBeLessThan(8 * 9);
  const answers = await Promise.all(asking);
  for (const { status, errors } of answers.filter((one) => one.errors.length > 0)) {
    expect(status).toBe(503);
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
  }
  expect(gateway.sandbox.calls).toHaveLength(8 * 9);

  expect((await ask()).errors).toEqual([]);
});

/** What a stack answers fast has more room, in its half for one user, too, than begins at once. */
async function makeRoom(ask: () => Promise<unknown>): Promise<void> {
  const enough = performance.now() + 1200;
  while (performance.now() < enough) await Promise.all(Array.from({ length: 8 }, ask));
}

it("heavy operations begin one after the other while those under way need much together; a light one begins at once", async () => {
  const world = createWorld({ size: { people: 25, connectionsEach: 3, accountsEach: 2 } });
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 16 } });
  await makeRoom(() => gateway.send(query, { id: firstOf(world.people).id }));
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 100 });
  gateway.sandbox.clearCalls();
  const asking = Promise.all(world.people.map(async ({ id }) => (await gateway.send(query, { id })).errors));
  const places = world.people.map(
    ({ id }) =>
      () =>
        gateway.sandbox.calls.findIndex(({ path }) => path.includes(id)),
  );
  const begun = () => places.filter((place) => place() >= 0);
  await until(async () => begun().length >= 21);
  // Each needs nine calls of the twelve times sixteen that they may need together.
  expect(begun()).toEqual(places.slice(0, 21));
  expect((await gateway.send("{ connectors { nodes { name } } }")).errors).toEqual([]);
  const light = gateway.sandbox.calls.findIndex(({ path }) => path.endsWith("/connectors"));
  expect((await asking).flat()).toEqual([]);
  expect(light).toBeGreaterThan(0);
  const last = places.slice(21).map((place) => place());
  expect(last.every((place) => place > light)).toBe(true);
  expect(last).toEqual(last.toSorted((one, other) => one - other));
});

it("however many heavy operations of one user wait to begin, another's is next", async () => {
  const world = createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 2 } });
  const [greedy, other] = world.people.map(({ id }) => id);
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 16 }, authenticate });
  await makeRoom(() => askOwn(gateway, greedy));
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 100 });
  let answered = 0;
  const many = Array.from({ length: 60 }, async () => {
    const errors = await askOwn(gateway, greedy);
    answered += 1;
    return errors;
  });
  expect(await askOwn(gateway, other)).toEqual([]);
  // Some twenty begin at once. As the last of all that came it would be answered behind sixty.
  expect(answered).toBeLessThanOrEqual(42);
  expect((await Promise.all(many)).flat()).toEqual([]);
});

it("one user's operations take no more than half of the room: the rest are refused to that user alone, and nobody else waits outside", async () => {
  const world = createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 2 } });
  const [greedy, other] = world.people.map(({ id }) => id);
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { sockets: 4 }, authenticate });
  const ask = (psuId?: string) => askOwn(gateway, psuId);
  await ask(greedy);
  using _slow = gateway.sandbox.fault(() => true, { delayMs: 100 });
  const first = ask(greedy);
  await until(async () => gateway.sandbox.calls.length > 0);
  const more = Array.from({ length: 20 }, () => ask(greedy));
  expect(await ask(other)).toEqual([]);
  expect(await first).toEqual([]);
  const refused = (await Promise.all(more)).filter((errors) => errors.length > 0);
  expect(refused).toHaveLength(17); // of the room for 32, each takes the 4 that can run at once
  for (const errors of refused) {
    expect(errors).toMatchObject([{ extensions: { code: "RATE_LIMITED", retryable: true, retryAfterMs: 1000 } }]);
  }
  expect(await ask(greedy)).toEqual([]);
});

it("a refusal over HTTP says when to come back and under which id to ask, and pages that may call can read it", async () => {
  await using sandbox = await startSandbox();
  await using gateway = await startGatewayCommand({
    FORMANCE_API_URL: sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    MAX_UPSTREAM_CALLS: "1",
    CORS_ORIGINS: "https://app.example.com",
  });
  const ask = (headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: '{"query":"{ connectors { nodes { id } } }"}',
      ...(signal && { signal }),
    });
  expect((await ask()).status).toBe(200);
  using _silence = sandbox.fault(() => true, { delayMs: 60_000 });
  const cancellation = new AbortController();
  const waiting = Array.from({ length: 8 }, () => ask({}, cancellation.signal).catch(() => null));
  const refused = await until(async () => {
    const answer = await Promise.race([ask({ "x-request-id": "mine" }), wait(100)]);
    return answer !== undefined && answer.status === 503 && answer;
  });
  expect(Object.fromEntries(refused.headers)).toMatchObject({ "retry-after": "1", "x-request-id": "mine" });
  expect(await refused.json()).toMatchObject({
    errors: [{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, requestId: "mine" } }],
  });

  const page = await ask({ origin: "https://app.example.com" });
  expect(page.status).toBe(503);
  expect(page.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  const own = ((await page.json()) as { errors: { extensions: { requestId: string } }[] }).errors[0]?.extensions
    .requestId;
  expect(page.headers.get("x-request-id")).toBe(own);
  cancellation.abort();
  await Promise.all(waiting);
});
