import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import type { Authenticate } from "../../src/auth/authenticate.ts";
import { unauthenticated } from "../../src/errors.ts";
import { isUuid } from "../../src/lib/uuid.ts";
import { parseGlobalId, toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId, firstOf } from "../schema/global-ids.ts";
import { operator, psuViewer } from "../support/helpers.ts";
import { isQuiet, startLiveGateway, transports, webSocket } from "../support/live/clients.ts";

const WatchAttempt = graphql(`
  subscription WatchAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { attemptId status }
  }
`);

const WatchConnections = graphql(`
  subscription WatchConnections($psuId: ID!) {
    connectionChanged(psuId: $psuId) { kind connection { connectionId accounts { accountId } } }
  }
`);

const WatchRaw = graphql(`
  subscription WatchRaw($psuId: ID!) {
    connectionChanged(psuId: $psuId) { kind connection { accounts { accountId raw } } }
  }
`);

const WatchTask = graphql(`
  subscription WatchTask($id: ID!) {
    taskChanged(id: $id) { taskId status }
  }
`);

/** "operator", "without-scopes", or a PSU's id. */
const authenticate: Authenticate = async (authorization) => {
  const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
  if (token === "operator") return operator;
  if (token === "without-scopes") return { subject: "without-scopes", scopes: [], psuId: null, expiresAt: null };
  if (token === undefined || !isUuid(token)) throw unauthenticated("The token is not valid.");
  return psuViewer(token);
};

async function stage() {
  const world = createWorld({ size: { people: 2, connectionsEach: 1, accountsEach: 1 } });
  const gateway = await startLiveGateway({ sandbox: { world }, authenticate });
  const own = firstOf(world.people).id;
  const foreign = firstOf(world.people, ({ id }) => id !== own).id;
  const tink = firstOf(world.connectors, ({ provider }) => provider === "tink").id;
  /** Ids of what belongs to a PSU. */
  function of(psuID: string) {
    const request = { applicationName: "", clientRedirectURL: "https://app.example.com/" };
    const { attemptID } = world.links.create({ psuID, connectorID: tink, key: null, ...request });
    const { connectorID, connectionID } = firstOf(world.connections, (row) => row.psuID === psuID);
    return {
      psuId: psuID,
      attempt: attemptGlobalId({ psuID, connectorID: tink, id: attemptID }),
      /** Begins to delete the connection. */
      task: () => toGlobalId("Task", world.deletions.connection(psuID, connectorID, connectionID)),
    };
  }
  return Object.assign(gateway, { own, foreign, of });
}

const codes = (errors: readonly { readonly extensions: { readonly code: string } }[]) =>
  errors.map(({ extensions }) => extensions.code);

describe.each(transports)("over $name", ({ connect }) => {
  it("a PSU receives its own attempts, connections and tasks", async () => {
    await using gateway = await stage();
    const { psuId, attempt, task } = gateway.of(gateway.own);
    using client = connect(gateway.url, psuId);
    const { linkAttemptChanged } = await client.open(WatchAttempt, { id: attempt }).nextData();
    expect(linkAttemptChanged.status).toBe("PENDING");
    const { connectionChanged } = await client.open(WatchConnections, { psuId }).nextData();
    expect(connectionChanged.connection?.accounts).toHaveLength(1);
    const { taskChanged } = await client.open(WatchTask, { id: task() }).nextData();
    expect(["PROCESSING", "SUCCEEDED"]).toContain(taskChanged.status);
  });

  it("a PSU's attempts, connections and tasks do not exist for another, and cost no call to find out", async () => {
    await using gateway = await stage();
    const { psuId, attempt, task } = gateway.of(gateway.foreign);
    using client = connect(gateway.url, gateway.own);
    for (const stream of [
      client.open(WatchAttempt, { id: attempt }),
      client.open(WatchConnections, { psuId }),
      client.open(WatchTask, { id: task() }),
    ]) {
      const { data, errors } = await stream.next();
      expect([data, codes(errors)]).toEqual([null, ["NOT_FOUND"]]);
      await stream.completed();
    }
    expect(gateway.sandbox.calls).toEqual([]);
    expect(await isQuiet(gateway)).toBe(true);
  });

  it("another's attempt under one's own PSU's name is looked up, and does not exist either", async () => {
    await using gateway = await stage();
    const { attempt } = gateway.of(gateway.foreign);
    const spliced = parseGlobalId(attempt)?.id.replace(gateway.foreign, gateway.own) ?? "";
    using client = connect(gateway.url, gateway.own);
    const stream = client.open(WatchAttempt, { id: toGlobalId("LinkAttempt", spliced) });
    expect(codes((await stream.next()).errors)).toEqual(["NOT_FOUND"]);
    await stream.completed();
  });

  it("`raw` inside a message is for operators", async () => {
    await using gateway = await stage();
    using operators = connect(gateway.url, "operator");
    const seen = await operators.open(WatchRaw, { psuId: gateway.own }).nextData();
    expect(seen.connectionChanged.connection?.accounts[0]?.raw).toBeInstanceOf(Object);

    using psus = connect(gateway.url, gateway.own);
    const { data, errors } = await psus.open(WatchRaw, { psuId: gateway.own }).next();
    expect(new Set(codes(errors))).toEqual(new Set(["FORBIDDEN"]));
    expect(JSON.stringify(data)).not.toContain('"raw":{');
  });

  it("an operator without the scope may not subscribe", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url, "without-scopes");
    const stream = client.open(WatchConnections, { psuId: gateway.own });
    expect(codes((await stream.next()).errors)).toEqual(["FORBIDDEN"]);
    await stream.completed();
    expect(gateway.sandbox.calls).toEqual([]);
  });

  it.each([
    ["no token", undefined],
    ["a bad token", "wrong"],
  ])("who has %s gets nothing, not even an error about the document", async (_what, token) => {
    await using gateway = await stage();
    using client = connect(gateway.url, token);
    for (const document of ["subscription { nonsense }", "{ __typename }"]) {
      const answer = client.open(document).next();
      if (connect === webSocket.connect) await expect(answer).rejects.toThrow("4403");
      else expect(codes((await answer).errors)).toEqual(["UNAUTHENTICATED"]);
    }
  });
});

describe("over HTTP", () => {
  const headers = (token: string | null) => ({
    "content-type": "application/json",
    accept: "text/event-stream",
    ...(token !== null && { authorization: `Bearer ${token}` }),
  });

  it("an event stream requested with a bad token is 401 UNAUTHENTICATED", async () => {
    await using gateway = await stage();
    for (const token of [null, "wrong"]) {
      const answer = await fetch(gateway.url, {
        method: "POST",
        headers: headers(token),
        body: JSON.stringify({ query: "subscription { nonsense }" }),
      });
      expect(answer.status).toBe(401);
      const text = await answer.text();
      expect(text).toContain('"UNAUTHENTICATED"');
      expect(text).toMatch(/"requestId":"[\w-]{36}"/);
    }
  });
});
