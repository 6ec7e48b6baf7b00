/** A gateway behind a proxy that injects faults: the operations to send, the faults, and the outcomes expected of them. */
import { expect } from "vitest";
import { startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import {
  accountGlobalId,
  connectionGlobalId,
  connectorGlobalId,
  firstOf,
  psuGlobalId,
} from "../../schema/global-ids.ts";
import { type Fault, type FaultProxy, type Matches, startFaultProxy } from "../../support/fault-proxy.ts";
import { type Answer, createTestGateway, type TestGateway } from "../../support/helpers.ts";

const FaultyRead = graphql(`
  query FaultyRead($id: ID!) {
    account(id: $id) { name }
  }
`);

const FaultyCreate = graphql(`
  mutation FaultyCreate {
    createPaymentServiceUser(input: { name: "Nobody Else" }) { __typename }
  }
`);

const FaultyForward = graphql(`
  mutation FaultyForward($psuId: ID!, $connectorId: ID!) {
    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { __typename }
  }
`);

const FaultyLink = graphql(`
  mutation FaultyLink($psuId: ID!, $connectorId: ID!) {
    createLink(input: { psuId: $psuId, connectorId: $connectorId, clientRedirectUrl: "https://app.example.com", applicationName: "Test" }) { link }
  }
`);

const FaultyUpdate = graphql(`
  mutation FaultyUpdate($connectionId: ID!) {
    updateLink(input: { connectionId: $connectionId, clientRedirectUrl: "https://app.example.com", applicationName: "Test" }) { link }
  }
`);

const FaultyDisconnect = graphql(`
  mutation FaultyDisconnect($connectionId: ID!) {
    deleteConnection(input: { connectionId: $connectionId }) { deletedId }
  }
`);

const FaultyDelete = graphql(`
  mutation FaultyDelete($psuId: ID!) {
    deletePaymentServiceUser(input: { psuId: $psuId }) { deletedId }
  }
`);

/** The deadline of operations. */
const timeoutMs = 8000;
/** The deadline where a fault lasts longer than it. */
export const shortTimeoutMs = 1500;
export type Stage = Awaited<ReturnType<typeof startStage>>;

export type StageOptions = {
  readonly timeoutMs?: number;
  /** Whether the gateway already has a token, and a connection. Default true. */
  readonly hasToken?: boolean;
  /** The stack's URL. Default: the proxy's. */
  readonly url?: (proxy: URL) => URL;
};

export async function startStage(options: StageOptions = {}) {
  await using starting = new AsyncDisposableStack();
  const world = createWorld({ size: { people: 2, connectionsEach: 1, accountsEach: 1 } });
  const sandbox = starting.use(await startSandbox({ world }));
  const proxy: FaultProxy = starting.use(await startFaultProxy(sandbox.url));
  const gateway: TestGateway = starting.use(
    createTestGateway(sandbox, {
      upstream: { url: options.url?.(proxy.url) ?? proxy.url, timeoutMs: options.timeoutMs ?? timeoutMs },
    }),
  );
  const connection = firstOf(world.connections);
  const notForwarded = world.createPerson({ ...noDetails, name: "Not forwarded" });
  const variables = {
    id: accountGlobalId(firstOf(world.accounts).id),
    psuId: psuGlobalId(connection.psuID),
    connectorId: connectorGlobalId(connection.connectorID),
    connectionId: connectionGlobalId(connection),
  };
  if (options.hasToken !== false) await gateway.run(FaultyRead, variables);
  proxy.clear();
  const started = starting.move();
  return {
    world,
    sandbox,
    proxy,
    gateway,
    variables,
    notForwarded,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

const noDetails = { bankAccountIDs: [], contactDetails: null, address: null, metadata: {} };

export type Operation = {
  readonly name: string;
  readonly document: { toString(): string };
  /** The one call that the fault affects. */
  readonly call: Matches;
  readonly kind: "read" | "link" | "write";
  /** How often the stack did it. */
  done(stage: Stage): number;
};

const posts =
  (path: RegExp): Matches =>
  (request) =>
    request.method === "POST" && path.test(request.path);
const deletes =
  (path: RegExp): Matches =>
  (request) =>
    request.method === "DELETE" && path.test(request.path);
/** For writes that leave no trace in the world: how many the stack received. */
const received = (method: string, path: RegExp) => (stage: Stage) =>
  stage.sandbox.calls.filter((call) => call.method === method && path.test(call.path)).length;

export const read: Operation = {
  name: "a read",
  document: FaultyRead,
  call: ({ method, path }) => method === "GET" && /\/accounts\?/.test(path),
  kind: "read",
  done: () => 0,
};
const links: readonly Operation[] = [
  {
    name: "createLink",
    document: FaultyLink,
    call: posts(/\/create-link\?/),
    kind: "link",
    done: ({ world }) => world.attempts.length,
  },
  {
    name: "updateLink",
    document: FaultyUpdate,
    call: posts(/\/update-link\?/),
    kind: "link",
    done: ({ world }) => world.attempts.length,
  },
];
export const writes: readonly Operation[] = [
  {
    name: "createPaymentServiceUser",
    document: FaultyCreate,
    call: posts(/\/payment-service-users$/),
    kind: "write",
    done: ({ world }) => world.people.filter(({ name }) => name === "Nobody Else").length,
  },
  {
    name: "forwardPaymentServiceUser",
    document: FaultyForward,
    call: posts(/\/forward$/),
    kind: "write",
    done: received("POST", /\/forward$/),
  },
  {
    name: "deleteConnection",
    document: FaultyDisconnect,
    call: deletes(/\/connections\//),
    kind: "write",
    done: received("DELETE", /\/connections\//),
  },
  {
    name: "deletePaymentServiceUser",
    document: FaultyDelete,
    call: deletes(/\/payment-service-users\/[^/]+$/),
    kind: "write",
    done: received("DELETE", /\/payment-service-users\/[^/]+$/),
  },
];
export const operations = [read, ...links, ...writes];

export function send(stage: Stage, { document, name }: Operation): Promise<Answer<unknown>> {
  const { variables, notForwarded } = stage;
  const psuId = name === "forwardPaymentServiceUser" ? psuGlobalId(notForwarded.id) : variables.psuId;
  return stage.gateway.send(document.toString(), { ...variables, psuId });
}

export type Outcome = { readonly code: string; readonly retryable: boolean; readonly retryAfterMs?: unknown };

export function toOutcomes({ errors }: Answer<unknown>): readonly Outcome[] {
  return errors.map(({ extensions: { code, retryable, retryAfterMs } }) => ({
    code,
    retryable: retryable === true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }));
}

/** Returns the result, and the calls that the fault affects. */
export async function sendAndRecord(stage: Stage, operation: Operation) {
  let result: Answer<unknown> = { status: 0, data: null, errors: [] };
  const calls = await stage.proxy.calls(async () => {
    result = await send(stage, operation);
  });
  return [result, calls.filter(operation.call)] as const;
}

/** Enough failing calls to open the circuit breaker. */
export async function failManyReads(stage: Stage): Promise<void> {
  const results = await Promise.all(Array.from({ length: 30 }, () => send(stage, read)));
  for (const { errors } of results) expect(errors).toHaveLength(1);
}

/** How long it takes until a read succeeds, in milliseconds. */
export async function measureRecovery(stage: Stage): Promise<number> {
  const endedAt = performance.now();
  for (;;) {
    const { errors } = await send(stage, read);
    const ms = performance.now() - endedAt;
    if (errors.length === 0 || ms > 5000) return ms;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function once(matches: Matches): Matches {
  let isOver = false;
  return (request) => {
    if (isOver || !matches(request)) return false;
    isOver = true;
    return true;
  };
}

export type Row = {
  readonly name: string;
  readonly fault: () => Fault;
  readonly code: string;
  /** Whether the stack did the request, unknown to its client; `nothing`: it certainly did not, and the client knows. */
  readonly effect: "done" | "undone" | "nothing";
  /** Whether repeatable calls are retried. */
  readonly isRetried: boolean;
  /** From and to, in milliseconds. */
  readonly retryAfterMs?: readonly [number, number];
};

const respondsWith = (status: number, headers: Readonly<Record<string, string>> = {}) => ({
  name: `${status}${Object.keys(headers).length === 0 ? "" : " with Retry-After"}`,
  fault: (): Fault => ({ kind: "answer", status, headers }),
});
const unavailable = { code: "UPSTREAM_UNAVAILABLE", isRetried: true } as const;
const timedOut = { code: "UPSTREAM_TIMEOUT", isRetried: false } as const;

/** Faults without a valid response. */
export const rows: readonly Row[] = [
  {
    name: "a reset before the request was read",
    fault: () => ({ kind: "reset before" }),
    ...unavailable,
    effect: "undone",
  },
  {
    name: "a reset after the request was done",
    fault: () => ({ kind: "reset after" }),
    ...unavailable,
    effect: "done",
  },
  { name: "half a body", fault: () => ({ kind: "half a body" }), ...unavailable, effect: "done" },
  { name: "a stalled body", fault: () => ({ kind: "stalled body" }), ...timedOut, effect: "done" },
  { name: "slow headers", fault: () => ({ kind: "slow headers" }), ...timedOut, effect: "undone" },
  { name: "silence", fault: () => ({ kind: "silence" }), ...timedOut, effect: "undone" },
  {
    name: "a response after the deadline",
    fault: () => ({ kind: "latency", ms: 2 * shortTimeoutMs }),
    ...timedOut,
    effect: "done",
  },
  { ...respondsWith(500), code: "UPSTREAM_UNAVAILABLE", isRetried: false, effect: "undone" },
  { ...respondsWith(502), ...unavailable, effect: "undone" },
  { ...respondsWith(503), ...unavailable, effect: "undone" },
  { ...respondsWith(504), ...unavailable, effect: "undone" },
  { ...respondsWith(429), code: "RATE_LIMITED", isRetried: true, effect: "nothing" },
  {
    ...respondsWith(429, { "retry-after": "7" }),
    name: "429 with Retry-After in seconds",
    code: "RATE_LIMITED",
    isRetried: false, // not before the deadline
    effect: "nothing",
    retryAfterMs: [7000, 7000],
  },
  {
    name: "429 with Retry-After as a date",
    fault: () => ({
      kind: "answer",
      status: 429,
      headers: { "retry-after": new Date(Date.now() + 9000).toUTCString() },
    }),
    code: "RATE_LIMITED",
    isRetried: false,
    effect: "nothing",
    retryAfterMs: [7000, 9000],
  },
];

/** Faults of the token endpoint alone. */
export const tokenRows: readonly {
  readonly name: string;
  readonly fault: Fault;
  readonly code: string;
  retryable: boolean;
}[] = [
  { name: "answers 401", fault: { kind: "answer", status: 401 }, code: "UPSTREAM_UNAUTHORIZED", retryable: false },
  { name: "answers 500", fault: { kind: "answer", status: 500 }, code: "UPSTREAM_UNAVAILABLE", retryable: true },
  { name: "answers 503", fault: { kind: "answer", status: 503 }, code: "UPSTREAM_UNAVAILABLE", retryable: true },
  { name: "resets", fault: { kind: "reset after" }, code: "UPSTREAM_UNAVAILABLE", retryable: true },
  { name: "hangs", fault: { kind: "silence" }, code: "UPSTREAM_TIMEOUT", retryable: true },
];
