/** Event streams: one HTTP response for each operation. */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { unauthenticated } from "../../src/errors.ts";
import { graphql } from "../graphql/gql.ts";
import { firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { createAttempt, isQuiet, type LiveGateway, startLiveGateway } from "../support/live/clients.ts";

const SseAttempt = graphql(`
  subscription SseAttempt($id: ID!) {
    linkAttemptChanged(id: $id) { status }
  }
`);

const stage = () =>
  startLiveGateway({ sandbox: { world: createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } }) } });

const newAttempt = (gateway: LiveGateway) => {
  const { people, connectors } = gateway.sandbox.world;
  return createAttempt(gateway, firstOf(people).id, firstOf(connectors, ({ provider }) => provider === "tink").id);
};

/** What a client has got of a stream, on a connection that can be cut. */
type Reader = { text(): string; cut(): void; readonly ended: Promise<unknown> };

function read(url: string, headers: Record<string, string>, body?: object): Promise<Reader> {
  return new Promise((resolve, reject) => {
    let text = "";
    const sent: ClientRequest = request(
      url,
      {
        method: body === undefined ? "GET" : "POST",
        headers: { accept: "text/event-stream", ...headers },
        agent: false,
      },
      (response: IncomingMessage) => {
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        const ended = new Promise((end) => response.once("close", end));
        response.on("error", () => {});
        resolve({ text: () => text, cut: () => void sent.destroy(), ended });
      },
    );
    sent.once("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const codeOf = async (answer: Response) => {
  const { errors } = (await answer.json()) as { errors: { extensions: { code: string; requestId: string } }[] };
  expect(errors[0]?.extensions.requestId).toMatch(/^[\w-]{36}$/);
  return [answer.status, errors[0]?.extensions.code];
};

describe("a stream for each operation", () => {
  it.each([
    ["a syntax error", { query: "subscription {" }],
    ["an unknown field", { query: "subscription { nonsense }" }],
    ["a missing variable", { query: SseAttempt.toString() }],
    ["an unknown operation", { query: "query A { __typename }", operationName: "B" }],
  ])(
    "%s is reported inside a stream with status 200, because clients take any other status for a broken connection",
    async (_what, body) => {
      await using gateway = await stage();
      const answer = await fetch(gateway.url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify(body),
      });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
      expect(answer.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
      const text = await answer.text();
      expect(text).toMatch(/^event: next\ndata: \{"errors":/m);
      expect(text).toMatch(/event: complete\n/);
    },
  );

  it("an invalid document over plain HTTP still gets status 400", async () => {
    await using gateway = await stage();
    const answer = await fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
      body: JSON.stringify({ query: "{ nonsense }" }),
    });
    expect(await codeOf(answer)).toEqual([400, "BAD_USER_INPUT"]);
  });

  it("an unauthenticated request gets a status of its own, with the error as an event", async () => {
    await using gateway = await startLiveGateway({
      authenticate: async () => {
        throw unauthenticated("A bearer token is required.");
      },
    });
    const answer = await fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([401, "text/event-stream"]);
    expect(answer.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    const text = await answer.text();
    expect(text).toContain('"code":"UNAUTHENTICATED"');
    expect(text).not.toContain('"http"');
    expect(text).toMatch(/event: complete\ndata:\n\n$/);
  });

  it.each([
    ["not JSON", "{"],
    ["without an operation", '{"query":5}'],
    ["with an unknown key", '{"query":"{ __typename }","more":1}'],
  ])("a body %s is refused, and nothing runs", async (_title, body) => {
    await using gateway = await stage();
    const answer = await fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body,
    });
    expect(await answer.text()).toContain('"code":"BAD_USER_INPUT"');
    expect(gateway.live.watchers.size.streams).toBe(0);
  });

  it("a client that disconnects ends its watch", async () => {
    await using gateway = await stage();
    const attempt = await newAttempt(gateway);
    const reader = await read(
      gateway.url,
      { "content-type": "application/json" },
      {
        query: SseAttempt.toString(),
        variables: { id: attempt.id },
      },
    );
    await until(async () => reader.text().includes('"PENDING"'));
    expect(gateway.live.watchers.size.streams).toBe(1);
    reader.cut();
    await until(() => isQuiet(gateway));
  });
});
