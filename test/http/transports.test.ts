/** Operations and subscriptions over each transport: what clients get, and when a stream ends. */
import { describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { createWorld } from "../../sandbox/world.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { graphql } from "../graphql/gql.ts";
import { attemptGlobalId, connectionGlobalId, firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { createAttempt, isQuiet, type LiveGateway, startLiveGateway, transports } from "../support/live/clients.ts";
import { slowClock } from "../support/slow-clock.ts";

const LiveAttempt = graphql(`
  subscription LiveAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { attemptId status error paymentServiceUser { psuId } }
  }
`);

const LiveConnections = graphql(`
  subscription LiveConnections($psuId: ID!, $connectorId: ID) {
    connectionChanged(psuId: $psuId, connectorId: $connectorId) {
      kind
      connectionId
      at
      reason
      connection { status accounts { name } }
    }
  }
`);

const LiveTask = graphql(`
  subscription LiveTask($id: ID!) {
    taskChanged(id: $id) { taskId status }
  }
`);

const LiveUpdateLink = graphql(`
  mutation LiveUpdateLink($input: UpdateLinkInput!) {
    updateLink(input: $input) { link }
  }
`);

const LiveDeleteConnection = graphql(`
  mutation LiveDeleteConnection($id: ID!) {
    deleteConnection(input: { connectionId: $id }) { deletedId task { id taskId status } }
  }
`);

const LiveUser = graphql(`
  query LiveUser($id: ID!) {
    paymentServiceUser(id: $id) { psuId name }
  }
`);

const LiveCreateUser = graphql(`
  mutation LiveCreateUser($input: CreatePaymentServiceUserInput!) {
    createPaymentServiceUser(input: $input) { paymentServiceUser { psuId name } }
  }
`);

/** Two people, each with a connection of Plaid's and one of Powens'. */
async function stage() {
  const world = createWorld({ clock: slowClock, size: { people: 2, connectionsEach: 2, accountsEach: 1 } });
  const gateway = await startLiveGateway({ sandbox: { world } });
  const connector = (wanted: string) => firstOf(world.connectors, ({ provider }) => provider === wanted).id;
  const psuId = firstOf(world.people).id;
  const connection = (connectorId: string) =>
    firstOf(world.connections, (row) => row.psuID === psuId && row.connectorID === connectorId);
  const [plaid, tink, powens] = ["plaid", "tink", "powens"].map(connector) as [string, string, string];
  const own = { world, psuId, plaid, tink, powens, ofPowens: connection(powens), ofPlaid: connection(plaid) };
  return Object.assign(gateway, own);
}

const codes = (errors: readonly { readonly extensions: { readonly code: string } }[]) =>
  errors.map(({ extensions }) => extensions.code);

const noAttempt = ({ psuId, tink }: { psuId: string; tink: string }) =>
  attemptGlobalId({ psuID: psuId, connectorID: tink, id: "00000000-0000-4000-8000-000000000000" });

describe.each(transports)("over $name", ({ connect }) => {
  it("an attempt is PENDING, then COMPLETED when its user has consented at the bank, and the stream completes", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const attempt = await createAttempt(gateway, gateway.psuId, gateway.tink);
    const stream = client.open(LiveAttempt, { id: attempt.id });
    const expected = { attemptId: attempt.attemptId, error: null, paymentServiceUser: { psuId: gateway.psuId } };
    expect(await stream.nextData()).toEqual({ linkAttemptChanged: { ...expected, status: "PENDING" } });
    await visitBank(attempt.link, { decision: "consent" });
    expect(await stream.nextData()).toEqual({ linkAttemptChanged: { ...expected, status: "COMPLETED" } });
    await stream.completed();
    await until(() => isQuiet(gateway));
  });

  it("an attempt is EXITED with the reason when its user cancels, and the stream completes", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const attempt = await createAttempt(gateway, gateway.psuId, gateway.tink);
    const stream = client.open(LiveAttempt, { id: attempt.id });
    expect((await stream.nextData()).linkAttemptChanged.status).toBe("PENDING");
    await visitBank(attempt.link, { decision: "cancel" });
    const { status, error } = (await stream.nextData()).linkAttemptChanged;
    expect([status, error]).toEqual(["EXITED", expect.stringContaining("USER_CANCELLED")]);
    await stream.completed();
  });

  it("a PSU's connections arrive as they are, and then each of their changes", async () => {
    await using gateway = await stage();
    const { world, ofPlaid, ofPowens } = gateway;
    using client = connect(gateway.url);
    const stream = client.open(LiveConnections, { psuId: gateway.psuId });
    const change = async () => (await stream.nextData()).connectionChanged;
    const current = [await change(), await change()];
    expect(current.map(({ kind }) => kind)).toEqual(["CURRENT", "CURRENT"]);
    expect(current.map(({ connectionId }) => connectionId).sort()).toEqual(
      [ofPlaid, ofPowens].map(connectionGlobalId).sort(),
    );

    const attempt = await createAttempt(gateway, gateway.psuId, gateway.plaid);
    await visitBank(attempt.link, { decision: "consent" });
    const created = await change();
    expect([created.kind, created.connection]).toEqual(["CREATED", { status: "ACTIVE", accounts: [] }]);
    const synced = await change();
    expect([synced.kind, synced.connectionId]).toEqual(["DATA_SYNCED", created.connectionId]);
    // The fields of a message are read for that message.
    expect(synced.connection?.accounts.length).toBeGreaterThan(0);

    world.breakConnection(ofPowens, "SESSION_EXPIRED");
    expect(await change()).toMatchObject({
      kind: "DISCONNECTED",
      connectionId: connectionGlobalId(ofPowens),
      reason: "SESSION_EXPIRED",
      connection: { status: "ERROR" },
    });
    world.syncConnection(ofPlaid);
    expect(await change()).toMatchObject({ kind: "DATA_SYNCED", connectionId: connectionGlobalId(ofPlaid) });

    const input = {
      connectionId: connectionGlobalId(ofPowens),
      clientRedirectUrl: "https://app.example.com/back",
      applicationName: "Live",
    };
    const { updateLink } = await gateway.run(LiveUpdateLink, { input });
    await visitBank(updateLink.link, { decision: "consent" });
    expect(await change()).toMatchObject({
      kind: "RECONNECTED",
      connectionId: connectionGlobalId(ofPowens),
      reason: null,
      connection: { status: "ACTIVE" },
    });

    await gateway.run(LiveDeleteConnection, { id: connectionGlobalId(ofPlaid) });
    const isDeleted = async () => {
      const next = await change();
      return next.kind === "CURRENT" || next.kind === "DATA_SYNCED" ? false : next; // the renewed one fetches its data meanwhile
    };
    expect(await until(isDeleted)).toMatchObject({
      kind: "DELETED",
      connectionId: connectionGlobalId(ofPlaid),
      connection: null,
    });
    stream.unsubscribe();
    await until(() => isQuiet(gateway));
  });

  it("only the connections of one connector arrive when the client names it", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const stream = client.open(LiveConnections, { psuId: gateway.psuId, connectorId: gateway.powens });
    const { ofPlaid, ofPowens, world } = gateway;
    expect((await stream.nextData()).connectionChanged.connectionId).toBe(connectionGlobalId(ofPowens));
    world.breakConnection(ofPlaid, "not for this stream");
    world.breakConnection(ofPowens, "for this stream");
    expect((await stream.nextData()).connectionChanged.reason).toBe("for this stream");
  });

  it("a task is PROCESSING, then SUCCEEDED, and the stream completes", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const { deleteConnection } = await gateway.run(LiveDeleteConnection, { id: connectionGlobalId(gateway.ofPowens) });
    const { id, taskId } = deleteConnection.task;
    const stream = client.open(LiveTask, { id });
    expect(await stream.nextData()).toEqual({ taskChanged: { taskId, status: "PROCESSING" } });
    expect(await stream.nextData()).toEqual({ taskChanged: { taskId, status: "SUCCEEDED" } });
    await stream.completed();
  });

  it.each([
    ["attempt", "LiveAttempt", (gateway: Staged) => ({ id: noAttempt(gateway) })],
    ["PSU", "LiveConnections", () => ({ psuId: "00000000-0000-4000-8000-000000000000" })],
    ["task", "LiveTask", ({ tink }: Staged) => ({ id: toGlobalId("Task", taskIdOf(tink)) })],
  ] as const)(
    "a stream gets a message with NOT_FOUND and completes when there is no such %s",
    async (_of, name, variables) => {
      await using gateway = await stage();
      using client = connect(gateway.url);
      const stream = client.open(documents[name].toString(), variables(gateway));
      const { data, errors } = await stream.next();
      expect([data, codes(errors)]).toEqual([null, ["NOT_FOUND"]]);
      expect(errors[0]?.extensions).toMatchObject({
        requestId: expect.stringMatching(/^[\w-]{36}$/),
        retryable: false,
      });
      await stream.completed();
      await until(() => isQuiet(gateway));
    },
  );

  it("a stream gets DELETED for each connection, NOT_FOUND, and its end when the PSU is deleted", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const stream = client.open(LiveConnections, { psuId: gateway.psuId });
    for (const _ of [1, 2]) expect((await stream.nextData()).connectionChanged.kind).toBe("CURRENT");
    gateway.world.deletions.person(gateway.psuId);
    for (const _ of [1, 2]) expect((await stream.nextData()).connectionChanged.kind).toBe("DELETED");
    expect(codes((await stream.next()).errors)).toEqual(["NOT_FOUND"]);
    await stream.completed();
  });

  it("a malformed id gets BAD_USER_INPUT with its field, and no call to the stack", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    for (const [document, variables, field] of [
      [LiveAttempt, { id: "nonsense" }, "id"],
      [LiveAttempt, { id: connectionGlobalId(gateway.ofPowens) }, "id"],
      [LiveConnections, { psuId: "1" }, "psuId"],
      [LiveConnections, { psuId: gateway.psuId, connectorId: "tink" }, "connectorId"],
      [LiveTask, { id: "nonsense" }, "id"],
    ] as const) {
      const stream = client.open(document.toString(), variables);
      const { errors } = await stream.next();
      expect(errors.map(({ extensions }) => [extensions.code, extensions["field"]])).toEqual([
        ["BAD_USER_INPUT", field],
      ]);
      await stream.completed();
    }
    expect(gateway.sandbox.calls).toEqual([]);
  });

  it("queries and mutations get one result, then the end", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const input = { name: "Over The Wire" };
    const written = client.open(LiveCreateUser, { input });
    const { psuId, name } = (await written.nextData()).createPaymentServiceUser.paymentServiceUser;
    expect(name).toBe("Over The Wire");
    await written.completed();
    const read = client.open(LiveUser, { id: psuId });
    expect(await read.nextData()).toEqual({ paymentServiceUser: { psuId, name } });
    await read.completed();
  });

  it("the named operation runs when a document has several", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const document = `query A { viewer { subject } } query B { __typename } subscription C { taskChanged(id: "x") { id } }`;
    const stream = client.open(document, {}, "B");
    expect(await stream.nextData()).toEqual({ __typename: "Query" });
    await stream.completed();
  });

  it("an operation that fails ends with its error code, and its sibling continues", async () => {
    await using gateway = await stage();
    using _down = gateway.sandbox.fault(({ path }) => path === "/connectors", { status: 503 });
    using client = connect(gateway.url);
    const attempt = await createAttempt(gateway, gateway.psuId, gateway.tink);
    const sibling = client.open(LiveAttempt, { id: attempt.id });
    expect((await sibling.nextData()).linkAttemptChanged.status).toBe("PENDING");

    for (const [what, document, variables, operationName, code] of [
      ["a syntax error", "subscription {", {}, undefined, "BAD_USER_INPUT"],
      ["an unknown field", "subscription { nothingChanged }", {}, undefined, "BAD_USER_INPUT"],
      ["no operation named", "query A { __typename } query B { __typename }", {}, undefined, "BAD_USER_INPUT"],
      ["an unknown operation named", "query A { __typename }", {}, "C", "BAD_USER_INPUT"],
      ["no operation at all", "fragment F on Query { __typename }", {}, undefined, "BAD_USER_INPUT"],
      ["a missing variable", LiveAttempt.toString(), {}, undefined, "BAD_USER_INPUT"],
      ["a malformed id", LiveAttempt.toString(), { id: "nonsense" }, undefined, "BAD_USER_INPUT"],
      ["an unknown task", LiveTask.toString(), { id: toGlobalId("Task", taskIdOf(null)) }, undefined, "NOT_FOUND"],
      ["a resolver that fails", "{ connectors { nodes { id } } }", {}, undefined, "UPSTREAM_UNAVAILABLE"],
    ] as const) {
      const bad = client.open(document, variables, operationName);
      const { errors } = await bad.next();
      expect(new Set(codes(errors)), what).toEqual(new Set([code]));
      for (const { extensions } of errors) {
        expect(extensions, what).toMatchObject({ requestId: expect.stringMatching(/^[\w-]{36}$/) });
        expect(extensions, what).not.toHaveProperty("http");
      }
      await bad.completed();
    }

    firstOf(gateway.world.attempts, ({ id }) => id === attempt.attemptId).status = "completed";
    expect((await sibling.nextData()).linkAttemptChanged.status).toBe("COMPLETED");
    await sibling.completed();
  });

  it("a message has errors when its fields cannot be read, and the stream continues", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const stream = client.open(LiveConnections, { psuId: gateway.psuId, connectorId: gateway.powens });
    await stream.nextData();
    {
      using _down = gateway.sandbox.fault(({ path }) => path === "/accounts", { status: 503 });
      gateway.world.breakConnection(gateway.ofPowens, "first");
      expect(codes((await stream.next()).errors)).toEqual(["UPSTREAM_UNAVAILABLE"]);
    }
    gateway.world.breakConnection(gateway.ofPowens, "second");
    expect((await stream.nextData()).connectionChanged.reason).toBe("second");
  });

  it("a stream that has ended has one log line, with its name, viewer and number of messages", async () => {
    await using gateway = await stage();
    using client = connect(gateway.url);
    const attempt = await createAttempt(gateway, gateway.psuId, gateway.tink);
    const stream = client.open(LiveAttempt, { id: attempt.id });
    await stream.nextData();
    stream.unsubscribe();
    const line = await until(async () => gateway.lines.find((one) => one.includes('"LiveAttempt"')) ?? false);
    expect(JSON.parse(line)).toMatchObject({
      operation: "LiveAttempt",
      subject: "sha256:06e55b633481f7bb",
      outcome: "ended",
      messages: 1,
    });
    expect(gateway.lines.filter((one) => one.includes('"LiveAttempt"'))).toHaveLength(1);
  });
});

type Staged = LiveGateway & { readonly psuId: string; readonly tink: string };

const documents = { LiveAttempt, LiveConnections, LiveTask };

/** A well-formed task id that no task has. */
function taskIdOf(connectorId: string | null): string {
  const connector = { Provider: "tink", Reference: connectorId ?? "none" };
  return Buffer.from(JSON.stringify({ ConnectorID: connector, Reference: "no-such-task" })).toString("base64url");
}
