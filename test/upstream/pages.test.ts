import { describe, expect, it } from "vitest";
import { createWorld } from "../../sandbox/world.ts";
import { createUpstreamClient } from "../../src/upstream/client.ts";
import { allRows } from "../../src/upstream/pages.ts";
import { graphql } from "../graphql/gql.ts";
import { startTestGateway } from "../support/helpers.ts";
import { credentials, page, type Stack, startStack } from "./stack.ts";

const prefix = "/api/payments/v3";

const WholeLists = graphql(`
  query WholeLists($psuId: ID!) {
    paymentServiceUser(id: $psuId) { accounts { accountId } connections { connectionId } }
  }
`);

const connectTo = ({ url }: Stack) => createUpstreamClient({ url, credentials, timeoutMs: 5000, sockets: 4 });

function connector(name: string) {
  return { id: name, reference: "r", name, createdAt: "2026-08-05T12:00:00Z", provider: "plaid" };
}

describe("a list that is read as a whole", () => {
  it("is read to its end: 130 connections in two pages, 260 accounts in three", async () => {
    const world = createWorld({ size: { people: 1, connectionsEach: 130, accountsEach: 2 } });
    await using gateway = await startTestGateway({ sandbox: { world } });
    const psuId = world.people[0]?.id ?? "";
    const calls = await gateway.calls(async () => {
      const { paymentServiceUser } = await gateway.run(WholeLists, { psuId });
      const accountIds = paymentServiceUser?.accounts.map(({ accountId }) => accountId);
      expect(new Set(accountIds)).toEqual(new Set(world.accounts.map(({ id }) => id)));
      expect(accountIds).toHaveLength(260);
      const connectionIds = paymentServiceUser?.connections.map(({ connectionId }) => connectionId);
      expect(new Set(connectionIds)).toEqual(new Set(world.connections.map(({ connectionID }) => connectionID)));
      expect(connectionIds).toHaveLength(130);
    });
    expect(calls.filter(({ path }) => path === "/accounts")).toHaveLength(3);
    expect(calls.filter(({ path }) => path.endsWith("/connections"))).toHaveLength(2);
    expect(calls).toHaveLength(1 + 3 + 2);
  });

  it("requests the next page by the cursor alone, which holds filter and size", async () => {
    await using stack = await startStack(({ path }) =>
      path.includes("cursor=") ? page([connector("b")]) : page([connector("a")], { next: "a+b/c=&d" }),
    );
    await using client = connectTo(stack);
    const rows = await allRows((page) => client.within({}).connectors(page), { $match: { provider: "plaid" } });
    expect(rows.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(stack.calls.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      { method: "GET", path: `${prefix}/connectors?pageSize=100`, body: '{"$match":{"provider":"plaid"}}' },
      { method: "GET", path: `${prefix}/connectors?cursor=a%2Bb%2Fc%3D%26d`, body: "" },
    ]);
  });

  it("ends at `hasMore: false`, even with a cursor", async () => {
    await using stack = await startStack(() => page([connector("a")], { hasMore: false, next: "more" }));
    await using client = connectTo(stack);
    expect(await allRows((page) => client.within({}).connectors(page))).toHaveLength(1);
    expect(stack.calls).toHaveLength(1);
  });

  it("continues after a page without rows", async () => {
    const pages = [page([], { next: "2" }), page([connector("a")])];
    await using stack = await startStack(() => pages.shift() ?? null);
    await using client = connectTo(stack);
    expect(await allRows((page) => client.within({}).connectors(page))).toHaveLength(1);
  });

  it("fails as a whole when one of its pages fails", async () => {
    await using stack = await startStack(({ path }) =>
      path.includes("cursor=") ? { status: 500 } : page([connector("a")], { next: "2" }),
    );
    await using client = connectTo(stack);
    await expect(allRows((page) => client.within({}).connectors(page))).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("a list with faulty cursors", () => {
  it.each<{ title: string; next: (cursor: string | null) => string | undefined; calls: number }>([
    { title: "repeats its cursor", next: () => "same", calls: 2 },
    { title: "repeats three cursors", next: (at) => ({ a: "b", b: "c", c: "a" })[at ?? ""] ?? "a", calls: 4 },
    { title: "has more without a cursor", next: () => undefined, calls: 1 },
    { title: "has more with an empty cursor", next: () => "", calls: 1 },
  ])("and $title is UPSTREAM_MALFORMED after $calls calls", async ({ next, calls }) => {
    await using stack = await startStack(({ path }) => {
      const cursor = next(new URL(path, "http://stack").searchParams.get("cursor"));
      return page([], { hasMore: true, ...(cursor !== undefined && { next: cursor }) });
    });
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    const { data, errors } = await gateway.send("{ connectors { nodes { id } } }");
    expect(data).toEqual({ connectors: null });
    expect(errors).toMatchObject([
      { path: ["connectors"], extensions: { code: "UPSTREAM_MALFORMED", retryable: false } },
    ]);
    expect(stack.calls).toHaveLength(calls);
  });

  it("fails in the loaders, too, and not only in pages", async () => {
    await using gateway = await startTestGateway();
    const psuId = gateway.sandbox.world.people[0]?.id ?? "";
    const endless = { body: page([], { next: "same" }).body ?? "" };
    using _fault = gateway.sandbox.fault(({ path }) => path.endsWith("/connections"), endless);
    const calls = await gateway.calls(async () => {
      const { errors } = await gateway.send(WholeLists.toString(), { psuId });
      expect(errors).toMatchObject([
        { path: ["paymentServiceUser", "connections"], extensions: { code: "UPSTREAM_MALFORMED" } },
      ]);
    });
    expect(calls.filter(({ path }) => path.endsWith("/connections"))).toHaveLength(2);
  });
});

describe("a filter", () => {
  it("is sent as the JSON body of a GET, not in the URL", async () => {
    await using stack = await startStack(() => page([]));
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    await gateway.send('{ connectors(filter: { name: "Bänk \\"1\\" & Söhne", provider: "plaid" }) { nodes { id } } }');
    const [call, ...more] = stack.calls;
    expect(more).toEqual([]);
    expect(call).toMatchObject({
      method: "GET",
      path: `${prefix}/connectors?pageSize=15`,
      headers: { "content-type": "application/json", authorization: "Bearer t" },
    });
    expect(JSON.parse(call?.body ?? "")).toEqual({
      $and: [{ $match: { provider: "plaid" } }, { $match: { name: 'Bänk "1" & Söhne' } }],
    });
    expect(call?.headers["content-length"]).toBe(String(Buffer.byteLength(call?.body ?? "")));
  });

  it("is left out when there is none", async () => {
    await using stack = await startStack(() => page([]));
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
    await gateway.send("{ connectors { nodes { id } } }");
    expect(stack.calls.map(({ body, headers }) => [body, headers["content-type"]])).toEqual([["", undefined]]);
  });
});
