/** A replica that is killed under load: no write is repeated, and subscribers continue at the other replica. */
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { attemptGlobalId, firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { post } from "../support/live/clients.ts";
import { startGatewayCommand } from "../support/process.ts";
import { isInstalled, startRedis } from "../support/servers.ts";

const secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const writers = 16;
const subscribers = 20;

const createLink = `mutation ($input: CreateLinkInput!) { createLink(input: $input) { attempt { attemptId } } }`;
const createUser = `mutation ($name: String!) { createPaymentServiceUser(input: { name: $name }) { __typename } }`;
const attemptChanged = "subscription ($id: ID!) { linkAttemptChanged(id: $id) { status } }";
const connectionChanged =
  "subscription ($id: ID!) { connectionChanged(psuId: $id) { connectionId connection { status } } }";

/** Sends each request to the next replica, and to another one when that cannot be reached. */
function createRoundRobin(urls: readonly string[]) {
  let count = 0;
  const next = () => {
    count += 1;
    return urls[count % urls.length] ?? "";
  };
  return {
    next,
    /** @param isRepeatable whether it may be sent again when its outcome is unknown. */
    async send(body: object, isRepeatable: boolean): Promise<"done" | "unknown"> {
      const at = urls.indexOf(next()); // not `next` for each try: in step with other writers that could be the dead one each time
      for (let tries = 0; tries < 10; tries += 1) {
        const answer = await post(urls[(at + tries) % urls.length] ?? "", body).catch((error: Error) => error);
        if (answer instanceof Error) {
          const isRefused = (answer.cause as { code?: string }).code === "ECONNREFUSED"; // nothing of it was sent
          if (!isRepeatable && !isRefused) return "unknown";
          continue;
        }
        if (answer.errors === undefined) return "done";
        if (!answer.errors.every(({ extensions }) => extensions["retryable"])) throw new Error(JSON.stringify(answer));
      }
      throw new Error("No replica answers.");
    },
  };
}

/** Subscribes as a browser would: reconnects when its socket breaks, and then starts with an empty state. */
function follow<State>(
  next: () => string,
  query: string,
  id: string,
  take: (state: State, message: never) => State,
  none: State,
) {
  let state = none;
  let connects = 0;
  let isOver = false;
  const client = createClient({
    url: () => next().replace("http", "ws"),
    retryAttempts: 100,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    shouldRetry: () => true,
    on: {
      connected() {
        connects += 1;
        state = none;
      },
    },
  });
  client.subscribe(
    { query, variables: { id } },
    {
      next: ({ data }) => {
        state = take(state, data as never);
      },
      error: () => {},
      complete: () => {
        isOver = true;
      },
    },
  );
  return {
    get state() {
      return state;
    },
    get connects() {
      return connects;
    },
    get isOver() {
      return isOver;
    },
    [Symbol.asyncDispose]: async () => client.dispose(),
  };
}

describe.skipIf(!isInstalled("redis-server"))("a replica that is killed under load", () => {
  it("repeats no write, and its subscribers get the right state from the other replica", async () => {
    const world = createWorld({ size: { people: 2 * subscribers, connectionsEach: 1, accountsEach: 0 } });
    const connector = firstOf(world.connectors, ({ provider }) => provider === "tink");
    const request = { applicationName: "", clientRedirectURL: "https://app.example.com/" };
    const attempts = world.people.slice(0, subscribers).map(({ id: psuID }) => {
      const { attemptID } = world.links.create({ psuID, connectorID: connector.id, key: null, ...request });
      return attemptGlobalId({ psuID, connectorID: connector.id, id: attemptID });
    });
    const connections = world.connections.slice(-subscribers);
    const psuIds = world.people.map(({ id }) => id);
    await using redis = await startRedis();
    await using sandbox = await startSandbox({ world });
    const settings = {
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
      FORMANCE_WEBHOOK_SECRETS: secret,
      CURSOR_SECRETS: "shared by all of the replicas: 32+",
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    };
    await using first = await startGatewayCommand(settings);
    await using second = await startGatewayCommand(settings);
    const replicas = createRoundRobin([first, second].map(({ url }) => `${url}/graphql`));

    await using following = new AsyncDisposableStack();
    const statuses = attempts.map((id) =>
      following.use(
        follow<string | null>(
          replicas.next,
          attemptChanged,
          id,
          (_state, message: { linkAttemptChanged: { status: string } }) => message.linkAttemptChanged.status,
          null,
        ),
      ),
    );
    type Changed = { connectionChanged: { connectionId: string; connection: { status: string } | null } };
    const connectionStates = connections.map(({ psuID }) =>
      following.use(
        follow<Readonly<Record<string, string>>>(
          replicas.next,
          connectionChanged,
          psuID,
          (state, { connectionChanged: { connectionId, connection } }: Changed) => {
            const { [connectionId]: _, ...others } = state;
            return connection === null ? others : { ...others, [connectionId]: connection.status };
          },
          {},
        ),
      ),
    );
    await until(async () => statuses.every(({ state }) => state === "PENDING"));
    await until(async () => connectionStates.every(({ state }) => Object.values(state).join() === "ACTIVE"));

    const done = { links: 0, users: [] as string[], unknown: [] as string[] };
    let isOver = false;
    const write = async (writer: number) => {
      for (let at = 0; !isOver; at += 1) {
        const name = `${writer}-${at}`;
        const input = { psuId: psuIds[(writer + at) % psuIds.length], connectorId: connector.id, idempotencyKey: name };
        const clientRedirectUrl = `https://app.example.com/${name}`;
        await replicas.send(
          { query: createLink, variables: { input: { ...input, applicationName: "Test", clientRedirectUrl } } },
          true,
        );
        done.links += 1;
        const user = await replicas.send({ query: createUser, variables: { name } }, false);
        if (user === "done") done.users.push(name);
        else done.unknown.push(name);
      }
    };
    const writing = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    await until(async () => done.links > 100);
    first.kill("SIGKILL");
    // The subscribers of the first replica miss these changes; the webhooks go to the other one.
    for (const attempt of world.attempts.slice(-subscribers)) attempt.status = "completed";
    sandbox.sendWebhooks({ endpoint: `${second.url}/webhooks/formance`, secret, eventTypes });
    for (const connection of connections) world.breakConnection(connection, "The bank has ended it.");
    expect(await first.exit).toBeNull();
    const { links } = done;
    await until(async () => done.links > links + 100);
    isOver = true;
    await writing;

    const written = Map.groupBy(
      world.attempts.filter(({ clientRedirectURL }) => /\/\d+-\d+$/.test(clientRedirectURL)),
      ({ clientRedirectURL }) => clientRedirectURL,
    );
    expect(written.size).toBe(done.links);
    expect([...written.values()].filter(({ length }) => length !== 1)).toEqual([]);
    const created = Map.groupBy(world.people, ({ name }) => name);
    expect(done.users.filter((name) => created.get(name)?.length !== 1)).toEqual([]);
    expect(done.unknown.filter((name) => (created.get(name)?.length ?? 0) > 1)).toEqual([]);
    expect(done.unknown.length).toBeLessThanOrEqual(writers);

    await until(async () => statuses.every(({ state }) => state === "COMPLETED"));
    await until(async () => statuses.every((one) => one.isOver));
    await until(async () => connectionStates.every(({ state }) => Object.values(state).join() === "ERROR"));
    expect([...statuses, ...connectionStates].filter(({ connects }) => connects > 1).length).toBeGreaterThan(
      subscribers / 2,
    );
    process.stdout.write(
      `killed under load: ${done.links} links and ${done.users.length} users written once, ${done.unknown.length} unknown\n`,
    );
  }, 60_000);
});
