import { describe, expect, it } from "vitest";
import { visitBank } from "../../../sandbox/bank-pages/browser-driver.ts";
import { createManualClock } from "../../../sandbox/clock.ts";
import type { Call } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import { createTestGateway, psuViewer, startTestGateway, type TestGateway } from "../../support/helpers.ts";
import { attemptGlobalId, connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

const CreateLink = graphql(`
  mutation CreateLink($input: CreateLinkInput!) {
    createLink(input: $input) {
      link
      attempt { id attemptId status error clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }
    }
  }
`);

const UpdateLink = graphql(`
  mutation UpdateLink($input: UpdateLinkInput!) {
    updateLink(input: $input) {
      link
      attempt { id attemptId status clientRedirectUrl paymentServiceUser { psuId } connector { connectorId } }
    }
  }
`);

const AttemptById = graphql(`
  query AttemptById($id: ID!) {
    linkAttempt(id: $id) { attemptId status error }
  }
`);

const ConnectionsAfterLink = graphql(`
  query ConnectionsAfterLink($psu: ID!) {
    paymentServiceUser(id: $psu) { connections { status error connector { provider } } }
  }
`);

const uuid = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const clientRedirectUrl = "https://app.example.com/back";

/** A uniform world, every PSU forwarded to every connector, with a clock that the test advances. */
async function stage() {
  const clock = createManualClock();
  const world = createWorld({ clock, size: { people: 2, connectionsEach: 3, accountsEach: 1 } });
  const gateway = await startTestGateway({ sandbox: { world } });
  const provider = (wanted: string) => firstOf(world.connectors, (row) => row.provider === wanted).id;
  const [first, second] = world.people.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error("There are not two people.");
  return Object.assign(gateway, { clock, world, first, second, tink: provider("tink"), powens: provider("powens") });
}

type Stage = Awaited<ReturnType<typeof stage>>;
type LinkInput = Readonly<Record<string, unknown>>;

const inputOf = (psuId: string, connectorId: string, more: LinkInput = {}) => ({
  psuId: psuGlobalId(psuId),
  connectorId: connectorGlobalId(connectorId),
  clientRedirectUrl,
  ...more,
});

async function createLink(gateway: TestGateway, psuId: string, connectorId: string, more: LinkInput = {}) {
  return (await gateway.run(CreateLink, { input: inputOf(psuId, connectorId, more) })).createLink;
}

async function refusal(gateway: TestGateway, document: string, input: LinkInput) {
  const { errors } = await gateway.send(document, { input });
  return errors.map(({ extensions }) => [extensions.code, extensions["field"]]);
}

const writes = (calls: readonly Call[]) => calls.filter(({ method }) => method !== "GET");

/** Ends a Tink or Powens attempt by going through the bank's pages. */
async function endAttempt({ clock }: Stage, link: string, decision: "consent" | "cancel") {
  const visit = await visitBank(link, { decision });
  clock.advance(5000);
  return visit;
}

describe("createLink", () => {
  it("chooses the attempt's id, sends it as the idempotency key, and answers with the link and the attempt", async () => {
    await using gateway = await stage();
    const { first, powens } = gateway;
    const calls = await gateway.calls(async () => {
      const { link, attempt } = await createLink(gateway, first, powens, { applicationName: "Piggy Bank" });
      expect(link.startsWith(`${gateway.sandbox.url}/bank/`)).toBe(true);
      expect(attempt).toMatchObject({
        id: attemptGlobalId({ psuID: first, connectorID: powens, id: attempt.attemptId }),
        status: "PENDING",
        error: null,
        clientRedirectUrl,
        paymentServiceUser: { psuId: first },
        connector: { connectorId: powens },
      });
    });
    const [create] = writes(calls);
    expect(writes(calls)).toHaveLength(1);
    expect(create?.path).toBe(`/payment-service-users/${first}/connectors/${powens}/create-link`);
    expect(create?.body).toEqual({ clientRedirectURL: clientRedirectUrl, applicationName: "Piggy Bank" });
    expect(create?.query["Idempotency-Key"]).toMatch(uuid);
    expect(create?.query["Idempotency-Key"]).toBe(gateway.world.attempts[0]?.id);
  });

  it("costs two calls: the link, and the attempt as the service has stored it", async () => {
    await using gateway = await stage();
    const document = `mutation ($input: CreateLinkInput!) { createLink(input: $input) { link attempt { status attemptId } } }`;
    const input = inputOf(gateway.first, gateway.powens);
    const both = await gateway.calls(() => gateway.send(document, { input }));
    expect(both.map(({ method }) => method)).toEqual(["POST", "GET"]);
    const link = await gateway.calls(() => gateway.send(document.replace(/attempt \{.*?\}/, ""), { input }));
    expect(link.map(({ method }) => method)).toEqual(["POST"]);
  });

  it("starts a new attempt each time, without a key", async () => {
    await using gateway = await stage();
    const ids = [];
    for (let at = 0; at < 3; at++)
      ids.push((await createLink(gateway, gateway.first, gateway.powens)).attempt.attemptId);
    expect(new Set(ids).size).toBe(3);
  });

  it("puts the attempt into the redirect URL, wherever that has a placeholder", async () => {
    await using gateway = await stage();
    const { attempt } = await createLink(gateway, gateway.first, gateway.powens, {
      clientRedirectUrl: "https://app.example.com/{attemptId}?id={id}&again={attemptId}#{}",
    });
    const url = `https://app.example.com/${attempt.attemptId}?id=${attempt.id}&again=${attempt.attemptId}#{}`;
    expect(attempt.clientRedirectUrl).toBe(url);
    expect(gateway.world.attempts[0]?.clientRedirectURL).toBe(url);
    expect((await gateway.run(AttemptById, { id: attempt.id })).linkAttempt?.attemptId).toBe(attempt.attemptId);
  });

  it.each(["{N}", "%7BN%7D", "%7bN%7d", "%7BN%7d", "{N%7D", "%7bN}"])(
    "fills in a placeholder that is written as %s",
    async (form) => {
      await using gateway = await stage();
      const [id, attemptId] = ["id", "attemptId"].map((name) => form.replace("N", name));
      const { attempt } = await createLink(gateway, gateway.first, gateway.powens, {
        clientRedirectUrl: `https://app.example.com/${attemptId}?id=${id}`,
      });
      expect(attempt.clientRedirectUrl).toBe(`https://app.example.com/${attempt.attemptId}?id=${attempt.id}`);
    },
  );

  it("of a PSU that was not forwarded is NOT_FOUND", async () => {
    await using gateway = await startTestGateway();
    const { people, connectors } = gateway.sandbox.world;
    const jun = firstOf(people, ({ name }) => name === "Jun Park");
    const powens = firstOf(connectors, ({ provider }) => provider === "powens");
    const attempts = gateway.sandbox.world.attempts.length;
    const input = inputOf(jun.id, powens.id);
    expect(await refusal(gateway, CreateLink.toString(), input)).toEqual([["NOT_FOUND", "input"]]);
    expect(await refusal(gateway, CreateLink.toString(), { ...input, idempotencyKey: "key" })).toEqual([
      ["NOT_FOUND", "input"],
    ]);
    expect(gateway.sandbox.world.attempts).toHaveLength(attempts);
  });

  it("of a PSU or at a connector that there is not is NOT_FOUND", async () => {
    await using gateway = await stage();
    const noPsu = "00000000-0000-4000-8000-000000000000";
    const noConnector = Buffer.from(JSON.stringify({ Provider: "tink", Reference: noPsu })).toString("base64url");
    const unknown = [
      [inputOf(noPsu, gateway.powens), "input"],
      [inputOf(gateway.first, noConnector), "input.connectorId"],
    ] as const;
    for (const [input, field] of unknown) {
      expect(await refusal(gateway, CreateLink.toString(), input)).toEqual([["NOT_FOUND", field]]);
    }
  });

  it("that the provider refuses is BAD_USER_INPUT, by naming the field", async () => {
    await using gateway = await startTestGateway();
    const { people, connectors } = gateway.sandbox.world;
    const ben = firstOf(people, ({ name }) => name === "Ben Okafor");
    const plaid = firstOf(connectors, ({ provider }) => provider === "plaid");
    const { errors } = await gateway.send(CreateLink.toString(), { input: inputOf(ben.id, plaid.id) });
    expect(errors.map(({ extensions, message }) => [extensions.code, extensions["field"], message])).toEqual([
      ["BAD_USER_INPUT", "input.applicationName", "The provider requires an `input.applicationName`."],
    ]);
  });
});

describe("an attempt that was refused", () => {
  it.each([
    ["got an error from tink: USER_CANCELLED: The user left before giving consent.", "USER_CANCELLED"],
    ["got an error from tink: USER_CANCELLED", "USER_CANCELLED"],
    ["access_denied", "access_denied"],
    ["got an error from tink", null],
    ["got an error from tink: : text", null],
    ["A-B: text", null],
    ["please contact support", null],
  ])("shows operators the stack's words %j, and its PSU the code in them: %s", async (words, code) => {
    await using gateway = await startTestGateway();
    const attempt = firstOf(gateway.sandbox.world.attempts, ({ error }) => error?.includes("tink") === true);
    Object.assign(attempt, { status: "exited", error: words });
    await using own = createTestGateway(gateway.sandbox, { viewer: psuViewer(attempt.psuID) });
    const id = attemptGlobalId(attempt);
    const errorFor = async (caller: TestGateway) => (await caller.run(AttemptById, { id })).linkAttempt?.error;
    expect([await errorFor(gateway), await errorFor(own)]).toEqual([words, code]);
  });
});

describe("an idempotency key", () => {
  it("gives the same attempt while that is pending", async () => {
    await using gateway = await stage();
    const { first, powens, world } = gateway;
    const before = world.attempts.length;
    const one = await createLink(gateway, first, powens, { idempotencyKey: "key" });
    const other = await createLink(gateway, first, powens, { idempotencyKey: "key" });
    expect(other.attempt).toEqual(one.attempt);
    expect(one.attempt.attemptId).toMatch(uuid);
    expect(one.attempt.attemptId[14]).toBe("5");
    expect(world.attempts).toHaveLength(before + 1);
    expect(await visitBank(other.link, { decision: "cancel" })).toEqual({ redirectedTo: clientRedirectUrl });
  });

  it("gives the same attempt after an answer was lost", async () => {
    await using gateway = await stage();
    const { first, powens, world, sandbox } = gateway;
    const input = inputOf(first, powens, { idempotencyKey: "key" });
    const before = world.attempts.length;
    {
      // Cut in half: the service has done it, but its response cannot be read.
      using _ = sandbox.fault(({ path }) => path.endsWith("/create-link"), { truncate: true });
      expect(await refusal(gateway, CreateLink.toString(), input)).toEqual([["UPSTREAM_MALFORMED", undefined]]);
    }
    expect(world.attempts).toHaveLength(before + 1);
    const { attempt } = (await gateway.run(CreateLink, { input })).createLink;
    expect(attempt.attemptId).toBe(world.attempts[0]?.id);
    expect(world.attempts).toHaveLength(before + 1);
  });

  it("gives another attempt to another PSU, connector, purpose or key", async () => {
    await using gateway = await stage();
    const { first, second, powens, tink, world } = gateway;
    const connections = world.connections.filter(({ psuID, connectorID }) => psuID === first && connectorID === powens);
    const updated = await gateway.run(UpdateLink, {
      input: { connectionId: connectionGlobalId(firstOf(connections)), clientRedirectUrl, idempotencyKey: "key" },
    });
    const attempts = [
      await createLink(gateway, first, powens, { idempotencyKey: "key" }),
      await createLink(gateway, second, powens, { idempotencyKey: "key" }),
      await createLink(gateway, first, tink, { idempotencyKey: "key" }),
      await createLink(gateway, first, powens, { idempotencyKey: "Key" }),
      updated.updateLink,
    ].map(({ attempt }) => attempt);
    expect(new Set(attempts.map(({ attemptId }) => attemptId)).size).toBe(5);
    const owners = attempts.map((attempt) => [attempt.paymentServiceUser.psuId, attempt.connector.connectorId]);
    expect(owners).toEqual([
      [first, powens],
      [second, powens],
      [first, tink],
      [first, powens],
      [first, powens],
    ]);
  });

  it.each([
    ["consent", "COMPLETED", "completed", null],
    ["cancel", "EXITED", "exited", "access_denied"],
  ] as const)(
    "whose attempt has ended by %s is CONFLICT, and the attempt stays as it ended",
    async (decision, status, stored, error) => {
      await using gateway = await stage();
      const { first, powens, world } = gateway;
      const input = inputOf(first, powens, { idempotencyKey: "key" });
      const { link, attempt } = (await gateway.run(CreateLink, { input })).createLink;
      expect(await endAttempt(gateway, link, decision)).toEqual({ redirectedTo: clientRedirectUrl });
      expect((await gateway.run(AttemptById, { id: attempt.id })).linkAttempt).toEqual({
        attemptId: attempt.attemptId,
        status,
        error,
      });
      const calls = await gateway.calls(async () => {
        expect(await refusal(gateway, CreateLink.toString(), input)).toEqual([["CONFLICT", "input.idempotencyKey"]]);
      });
      expect(writes(calls)).toEqual([]);
      expect(world.attempts.find(({ id }) => id === attempt.attemptId)?.status).toBe(stored);
    },
  );

  it("with another redirect URL is CONFLICT, and nothing is sent", async () => {
    await using gateway = await stage();
    const input = inputOf(gateway.first, gateway.powens, { idempotencyKey: "key" });
    await gateway.run(CreateLink, { input });
    const calls = await gateway.calls(async () => {
      const other = { ...input, clientRedirectUrl: "https://app.example.com/other" };
      expect(await refusal(gateway, CreateLink.toString(), other)).toEqual([["CONFLICT", "input.idempotencyKey"]]);
    });
    expect(writes(calls)).toEqual([]);
  });

  it("goes with a redirect URL that names the attempt", async () => {
    await using gateway = await stage();
    const more = { idempotencyKey: "key", clientRedirectUrl: "https://app.example.com/{attemptId}/{id}" };
    const one = await createLink(gateway, gateway.first, gateway.powens, more);
    expect((await createLink(gateway, gateway.first, gateway.powens, more)).attempt).toEqual(one.attempt);
  });

  it("twice in one operation is one attempt", async () => {
    await using gateway = await stage();
    const { first, powens, world } = gateway;
    const before = world.attempts.length;
    const { data } = await gateway.send<Record<string, { attempt: { id: string } }>>(
      `mutation ($input: CreateLinkInput!) {
        one: createLink(input: $input) { attempt { id } }
        two: createLink(input: $input) { attempt { id } }
      }`,
      { input: inputOf(first, powens, { idempotencyKey: "key" }) },
    );
    expect(data?.["two"]).toEqual(data?.["one"]);
    expect(data?.["one"]?.attempt.id).toBe(attemptGlobalId(firstOf(world.attempts)));
    expect(world.attempts).toHaveLength(before + 1);
  });
});

describe("updateLink", () => {
  const ownConnection = ({ world, first, powens }: Stage) =>
    firstOf(world.connections, ({ psuID, connectorID }) => psuID === first && connectorID === powens);

  it("finds the connection among its PSU's own, and sends an attempt id of its own choice", async () => {
    await using gateway = await stage();
    const { first, powens } = gateway;
    const connection = ownConnection(gateway);
    const calls = await gateway.calls(async () => {
      const input = {
        connectionId: connectionGlobalId(connection),
        clientRedirectUrl: `${clientRedirectUrl}/{attemptId}`,
      };
      const { attempt } = (await gateway.run(UpdateLink, { input })).updateLink;
      expect(attempt).toMatchObject({
        status: "PENDING",
        clientRedirectUrl: `${clientRedirectUrl}/${attempt.attemptId}`,
        paymentServiceUser: { psuId: first },
        connector: { connectorId: powens },
      });
    });
    expect(calls[0]?.path).toBe(`/payment-service-users/${first}/connections`);
    const [update] = writes(calls);
    expect(writes(calls)).toHaveLength(1);
    expect(update?.path).toBe(
      `/payment-service-users/${first}/connectors/${powens}/connections/${connection.connectionID}/update-link`,
    );
    expect(update?.query["Idempotency-Key"]).toMatch(uuid);
    expect(update?.query["Idempotency-Key"]).toBe(gateway.world.attempts[0]?.id);
  });

  it("repairs a connection in error when the user consents", async () => {
    await using gateway = await stage();
    const { world, first } = gateway;
    const connection = ownConnection(gateway);
    world.breakConnection(connection, "The bank asks for a new consent.");
    const read = async () =>
      (await gateway.run(ConnectionsAfterLink, { psu: psuGlobalId(first) })).paymentServiceUser?.connections.filter(
        ({ connector }) => connector.provider === "powens",
      );
    expect(await read()).toMatchObject([{ status: "ERROR", error: "The bank asks for a new consent." }]);
    const input = { connectionId: connectionGlobalId(connection), clientRedirectUrl };
    await endAttempt(gateway, (await gateway.run(UpdateLink, { input })).updateLink.link, "consent");
    expect(await read()).toMatchObject([{ status: "ACTIVE", error: null }]);
  });

  it("with a key whose attempt has ended is CONFLICT, and with another connection another attempt", async () => {
    await using gateway = await stage();
    const { world, first } = gateway;
    const input = {
      connectionId: connectionGlobalId(ownConnection(gateway)),
      clientRedirectUrl,
      idempotencyKey: "key",
    };
    const { link, attempt } = (await gateway.run(UpdateLink, { input })).updateLink;
    expect((await gateway.run(UpdateLink, { input })).updateLink.attempt).toEqual(attempt);
    const elsewhere = firstOf(world.connections, (row) => row.psuID === first && row.connectorID === gateway.tink);
    const other = await gateway.run(UpdateLink, { input: { ...input, connectionId: connectionGlobalId(elsewhere) } });
    expect(other.updateLink.attempt.attemptId).not.toBe(attempt.attemptId);
    const last = await gateway.run(UpdateLink, { input });
    expect(last.updateLink.link).not.toBe(link);
    await endAttempt(gateway, last.updateLink.link, "cancel");
    const calls = await gateway.calls(async () => {
      expect(await refusal(gateway, UpdateLink.toString(), input)).toEqual([["CONFLICT", "input.idempotencyKey"]]);
    });
    expect(writes(calls)).toEqual([]);
    expect(world.attempts.find(({ id }) => id === attempt.attemptId)?.status).toBe("exited");
  });
});

describe("a link attempt", () => {
  it("is its own PSU's and connector's only, though the service shows it under any", async () => {
    await using gateway = await stage();
    const { first, second, powens, tink } = gateway;
    const { attempt } = await createLink(gateway, first, powens);
    const at = (psuID: string, connectorID: string) =>
      gateway.run(AttemptById, { id: attemptGlobalId({ psuID, connectorID, id: attempt.attemptId }) });
    expect((await at(first, powens)).linkAttempt?.attemptId).toBe(attempt.attemptId);
    const calls = await gateway.calls(async () => {
      expect((await at(second, powens)).linkAttempt).toBeNull();
      expect((await at(first, tink)).linkAttempt).toBeNull();
    });
    // The service was called, and it did answer.
    expect(calls.map(({ path }) => path.endsWith(attempt.attemptId))).toEqual([true, true]);
  });

  it("that completes brings the connections that the user consented to", async () => {
    await using gateway = await stage();
    const { first, tink } = gateway;
    const count = async () =>
      (await gateway.run(ConnectionsAfterLink, { psu: psuGlobalId(first) })).paymentServiceUser?.connections.length;
    const { link } = await createLink(gateway, first, tink);
    expect(await count()).toBe(3);
    await endAttempt(gateway, link, "consent");
    expect(await count()).toBe(4);
  });
});
