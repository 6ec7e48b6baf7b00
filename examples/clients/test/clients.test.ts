import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  createOperationDescriptor,
  fetchQuery,
  getFragment,
  getRequest,
  getSelector,
  requestSubscription,
} from "relay-runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visitBank } from "../../../sandbox/bank-pages/browser-driver.ts";
import { runEnvironment } from "../../../test/support/guard.ts";
import { ATTEMPT_CHANGED, createApolloClient, OVERVIEW, PAYMENTS } from "../apollo.ts";
import { ask, subscribe } from "../fetch-sse.ts";
import { createRequestClient, listBanks, toFailure } from "../graphql-request.ts";
import banksBankQuery from "../relay/__generated__/banksBankQuery.graphql.ts";
import paymentsPageQuery from "../relay/__generated__/paymentsPageQuery.graphql.ts";
import { attemptChanged, balancesQuery, bankStatus, banksQuery } from "../relay/banks.ts";
import { createEnvironment } from "../relay/environment.ts";
import { paymentsOfUser, paymentsQuery } from "../relay/payments.ts";
import { type Account, listAccounts } from "../tada/accounts.ts";
import { AttemptChanged, createUrqlClient, pagesOfPayments } from "../urql.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

type Status = "PENDING" | "COMPLETED" | "EXITED" | undefined;
type Attempt = { readonly linkAttemptChanged: { readonly status: Status } };

/**
 * Follows an attempt with a token that soon ends. The client must come back with a new one: it is told PENDING again, and
 * only then the user completes their visit at the bank.
 */
async function follow(
  listen: (getToken: () => Promise<string>, id: string, next: (status: Status) => void) => Promise<void>,
): Promise<Status[]> {
  const { id, complete } = await stage.startAttempt();
  const statuses: Status[] = [];
  let completing = Promise.resolve();
  await listen(stage.startTokens(), id, (status) => {
    statuses.push(status);
    if (statuses.length === 2) completing = complete();
  });
  await completing;
  return statuses;
}
/** Fails the one field that takes it. */
const noLocale = "no locale";
const followed = ["PENDING", "PENDING", "COMPLETED"];

describe("urql", () => {
  it("reads payments page by page", async () => {
    await using client = createUrqlClient(stage.url, stage.getToken);
    const pages = pagesOfPayments(client);
    const read = [(await pages.next()).value, (await pages.next()).value].flat();
    expect(new Set(read.map((payment) => payment?.id)).size).toBe(30);
  });

  it("follows an attempt until it is completed, over the end of its token", async () => {
    const statuses = await follow(async (getToken, id, next) => {
      await using client = createUrqlClient(stage.url, getToken);
      await new Promise<void>((resolve, reject) => {
        client.subscription(AttemptChanged, { id }).subscribe(({ data, error, hasNext }) => {
          if (error) return reject(error);
          if (!hasNext) return; // at the end of a stream urql says its last result once more
          next(data?.linkAttemptChanged.status);
          if (data?.linkAttemptChanged.status !== "PENDING") resolve();
        });
      });
    });
    expect(statuses).toEqual(followed);
  });
});

describe("Apollo Client", () => {
  it("joins pages in its cache", async () => {
    await using client = createApolloClient(stage.url, stage.getToken);
    type Payments = { payments: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string } } };
    const query = client.watchQuery<Payments>({ query: PAYMENTS });
    const { data } = await query.refetch();
    await query.fetchMore({ variables: { after: data?.payments.pageInfo.endCursor } });
    const kept = client.readQuery<Payments>({ query: PAYMENTS });
    expect(data?.payments.edges).toHaveLength(15);
    expect(new Set(kept?.payments.edges.map(({ node }) => node.id)).size).toBe(30);
  });

  it("shows what there is beside an error, or rejects, as it is asked to", async () => {
    await using client = createApolloClient(stage.url, stage.getToken);
    const overview = { query: OVERVIEW, variables: { id: stage.userId, locale: noLocale } };
    type Overview = { paymentServiceUser: { name: string; accounts: { balances: unknown[] }[] } };
    const { data, error } = await client.query<Overview>({ ...overview, errorPolicy: "all" });
    const amount = { decimal: expect.stringMatching(/\d/), formatted: null };
    expect(data?.paymentServiceUser.accounts[0]?.balances[0]).toMatchObject({ amount });
    expect(error?.message).toContain("locale");
    await expect(client.query<Overview>({ ...overview, fetchPolicy: "no-cache" })).rejects.toThrow("locale");
  });

  it("follows an attempt by the socket, over the end of its token", async () => {
    const statuses = await follow(async (getToken, id, next) => {
      await using client = createApolloClient(stage.url, getToken);
      await new Promise<void>((complete, error) => {
        client.subscribe<Attempt>({ query: ATTEMPT_CHANGED, variables: { id } }).subscribe({
          next: ({ data }) => next(data?.linkAttemptChanged.status),
          error,
          complete,
        });
      });
    });
    expect(statuses).toEqual(followed);
  });
});

describe("Relay", () => {
  it("adds the next page to a connection, by the query that its compiler wrote with `node`", async () => {
    await using environment = createEnvironment(stage.url, stage.getToken);
    const first = createOperationDescriptor(getRequest(paymentsQuery), { userId: stage.userId });
    environment.retain(first);
    await fetchQuery(environment, paymentsQuery, { userId: stage.userId }).toPromise();
    type Edges = { payments: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string } } };
    const look = () => {
      const { paymentServiceUser } = environment.lookup(first.fragment).data as { paymentServiceUser: never };
      const selector = getSelector(getFragment(paymentsOfUser), paymentServiceUser);
      if (selector?.kind !== "SingularReaderSelector") throw new Error("There is no user.");
      return environment.lookup(selector).data as unknown as Edges;
    };
    const before = look().payments;
    expect(before.edges).toHaveLength(15);
    const page = { count: 15, cursor: before.pageInfo.endCursor, id: stage.userId };
    await fetchQuery(environment, paymentsPageQuery, page).toPromise();
    expect(new Set(look().payments.edges.map(({ node }) => node.id)).size).toBe(30);
  });

  it("reads one bank again by its global id", async () => {
    await using environment = createEnvironment(stage.url, stage.getToken);
    type Banks = { paymentServiceUser: { connections: { id: string }[] } };
    const banks = (await fetchQuery(environment, banksQuery, { userId: stage.userId }).toPromise()) as Banks;
    const id = banks.paymentServiceUser.connections[0]?.id ?? "";
    const request = createOperationDescriptor(getRequest(banksBankQuery), { id });
    environment.retain(request);
    await fetchQuery(environment, banksBankQuery, { id }).toPromise();
    const { node } = environment.lookup(request.fragment).data as { node: never };
    const selector = getSelector(getFragment(bankStatus), node);
    if (selector?.kind !== "SingularReaderSelector") throw new Error("There is no bank.");
    expect(environment.lookup(selector).data).toMatchObject({ status: expect.any(String), id });
  });

  it("catches what fails of one account, and reads the rest", async () => {
    await using environment = createEnvironment(stage.url, stage.getToken);
    const read = async (locale: string) => {
      const request = createOperationDescriptor(getRequest(balancesQuery), { userId: stage.userId, locale });
      environment.retain(request);
      await fetchQuery(environment, balancesQuery, { userId: stage.userId, locale }).toPromise();
      type Account = { name: string | null; balances: { ok: boolean } };
      const { paymentServiceUser } = environment.lookup(request.fragment).data as never as {
        paymentServiceUser: { accounts: Account[] };
      };
      return paymentServiceUser.accounts[0];
    };
    expect(await read("en-GB")).toMatchObject({ name: expect.any(String), balances: { ok: true } });
    expect(await read(noLocale)).toMatchObject({ name: expect.any(String), balances: { ok: false } });
  });

  it("keeps what a subscription tells in its store, over the end of its token", async () => {
    const statuses = await follow(async (getToken, id, next) => {
      await using environment = createEnvironment(stage.url, getToken);
      await new Promise<void>((onCompleted, onError) => {
        requestSubscription(environment, {
          subscription: attemptChanged,
          variables: { id },
          onNext: () => next(environment.getStore().getSource().get(id)?.["status"] as Status),
          onCompleted,
          onError,
        });
      });
    });
    expect(statuses).toEqual(followed);
  });
});

describe("graphql-request", () => {
  it("lists banks, and tells a failure by its code", async () => {
    const client = createRequestClient(stage.url, stage.getToken);
    expect(await listBanks(client, stage.userId)).toContainEqual(
      expect.objectContaining({ status: expect.stringMatching(/^(ACTIVE|ERROR)$/) }),
    );
    const failure = await listBanks(client, "no id").catch(toFailure);
    expect(failure).toEqual({ code: "BAD_USER_INPUT", retryable: false });
    const stranger = createRequestClient(stage.url, async () => "no token");
    expect(await listBanks(stranger, stage.userId).catch(toFailure)).toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

describe("fetch without a library", () => {
  const watch = "subscription ($id: ID!) { linkAttemptChanged(id: $id) { status } }";

  it("follows an attempt by server-sent events, over the end of its token", async () => {
    const statuses = await follow(async (getToken, id, next) => {
      const stream = subscribe<Attempt>({ ...stage, getToken }, watch, { id }, AbortSignal.timeout(15_000));
      for await (const { data } of stream) next(data?.linkAttemptChanged.status);
    });
    expect(statuses).toEqual(followed);
  });

  it("is told why it gets no stream, and ends", async () => {
    const messages = [];
    const id = stage.userId;
    for await (const message of subscribe(stage, watch, { id }, AbortSignal.timeout(15_000))) messages.push(message);
    expect(messages).toMatchObject([{ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] }]);
    const stranger = { ...stage, getToken: async () => "no token" };
    for await (const message of subscribe(stranger, watch, { id }, AbortSignal.timeout(15_000))) messages.push(message);
    expect(messages.slice(1)).toMatchObject([{ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] }]);
  });
});

describe("fetch without a library, by a proxy whose gateway is away or starts", () => {
  const page = { status: 502, type: "text/html", body: "<h1>502 Bad Gateway</h1>" };
  const foreign = { status: 503, type: "application/json", body: '{"status":"starting"}' };
  const early = {
    status: 503,
    type: "application/json; charset=utf-8",
    body: '{"errors":[{"message":"Later.","extensions":{"code":"UPSTREAM_UNAVAILABLE","retryable":true}}]}',
  };
  const empty = { status: 200, type: "text/event-stream", body: "" };

  /** Answers so, one after the other, and then as the gateway does. */
  async function startProxy(answers: { status: number; type: string; body: string }[]) {
    const server = createServer(async (request, response) => {
      const answer = answers.shift();
      if (answer !== undefined) {
        response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
        return;
      }
      const headers = { ...(request.headers as Record<string, string>) };
      for (const name of ["host", "connection", "content-length"]) delete headers[name];
      const { method = "GET" } = request;
      const passed = await fetch(stage.url, { method, headers, body: await text(request) });
      response.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "" });
      response.end(await passed.text());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  }

  it("subscribes again, with pauses, until the gateway itself has answered", async () => {
    const { id, complete } = await stage.startAttempt();
    await complete();
    const answers = [page, foreign, early, empty];
    await using proxy = await startProxy(answers);
    const gateway = { ...stage, url: proxy.url };
    const document = "subscription ($id: ID!) { linkAttemptChanged(id: $id) { status } }";
    const startedAt = performance.now();
    const messages = [];
    for await (const message of subscribe(gateway, document, { id }, AbortSignal.timeout(15_000)))
      messages.push(message);
    expect(messages).toEqual([{ data: { linkAttemptChanged: { status: "COMPLETED" } } }]);
    expect(answers).toEqual([]);
    expect(performance.now() - startedAt).toBeGreaterThan(250 + 500 + 1000 + 2000 - 50);
  });

  it("says of a query that nobody has answered it; an error of the gateway's is its answer", async () => {
    await using proxy = await startProxy([page, foreign, early]);
    const gateway = { ...stage, url: proxy.url };
    await expect(ask(gateway, "{ viewer { subject } }")).rejects.toThrow("HTTP 502 is no answer of the gateway.");
    await expect(ask(gateway, "{ viewer { subject } }")).rejects.toThrow("HTTP 503 is no answer of the gateway.");
    expect(await ask(gateway, "{ viewer { subject } }")).toMatchObject({
      errors: [{ extensions: { retryable: true } }],
    });
    expect(await ask(gateway, "{ viewer { subject } }")).toEqual({ data: { viewer: { subject: "user" } } });
  });
});

describe("curl", () => {
  const script = fileURLToPath(new URL("../curl.sh", import.meta.url));
  const environment = async () => ({
    ...runEnvironment(),
    GATEWAY: stage.url,
    TOKEN: await stage.getToken(),
  });
  const run = async (...args: string[]) =>
    JSON.parse((await promisify(execFile)(script, args, { env: await environment() })).stdout);

  it("queries, changes, and follows what it has begun", async () => {
    const { viewer } = (await run("banks")).data;
    expect(viewer.paymentServiceUser.id).toBe(stage.userId);
    const created = (await run("createLink", stage.userId, stage.connectorId)).data.createLink;
    const stream = spawn(script, ["watch", created.attempt.id], {
      env: await environment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let told = "";
    for await (const piece of stream.stdout.setEncoding("utf8")) {
      if (told === "") await visitBank(created.link, { decision: "consent" });
      told += piece;
    }
    const events = [...told.matchAll(/^event: (\w+)\ndata: ?(.*)$/gm)].map(([, event, data]) => [event, data]);
    const message = (status: string) => ["next", `{"data":{"linkAttemptChanged":{"status":"${status}","error":null}}}`];
    expect(events).toEqual([message("PENDING"), message("COMPLETED"), ["complete", ""]]);
  });
});

describe("gql.tada", () => {
  it("types what a document answers", async () => {
    const accounts: Account[] = await listAccounts(stage.url, await stage.getToken(), 3);
    const [first] = accounts;
    expect(first?.balances?.[0]?.amount.decimal).toMatch(/^-?\d+\.\d+$/);
    // @ts-expect-error: the document does not ask for it
    expect(first?.reference).toBeUndefined();
    const { data } = await ask<{ viewer: { subject: string } }>(stage, "{ viewer { subject } }");
    expect(data?.viewer.subject).toBe("user");
  });
});
