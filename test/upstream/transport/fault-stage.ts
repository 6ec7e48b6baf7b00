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

/** Of one operation, in milliseconds: what it has where nothing is late, and what a fault that never answers lasts. */
const timeoutMs = 8000;
export const lateMs = 1500;
export type Stage = Awaited<ReturnType<typeof startStage>>;

export type StageOptions = {
  readonly timeoutMs?: number;
  /** Whether the gateway already has a token, and a connection. Default true. */
  readonly hasToken?: boolean;
  /** Where the gateway looks for the stack. Default: at the proxy. */
  readonly url?: (proxy: URL) => URL;
};

/** A gateway that reaches its stack through a proxy where things go wrong. */
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
  const stranger = world.createPerson({ ...nobody, name: "Not forwarded" });
  const variables = {
    id: accountGlobalId(firstOf(world.accounts).id),
    psuId: psuGlobalId(connection.psuID),
    connectorId: connectorGlobalId(connection.connectorID),
    connectionId: connectionGlobalId(connection),
  };
  if (options.hasToken !== false) await gateway.run(FaultyRead, variables);
  proxy.clear();
  const started = starting.move();
  return { world, sandbox, proxy, gateway, variables, stranger, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

const nobody = { bankAccountIDs: [], contactDetails: null, address: null, metadata: {} };

export type Operation = {
  readonly name: string;
  readonly document: { toString(): string };
  /** The one call that the fault is about; others that the operation makes pass. */
  readonly call: Matches;
  readonly kind: "read" | "link" | "write";
  /** How often it was done, as the stack has it. */
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
/** Writes of which the world keeps no count: how many reached the stack. */
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
  const { variables, stranger } = stage;
  const psuId = name === "forwardPaymentServiceUser" ? psuGlobalId(stranger.id) : variables.psuId;
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

/** What the operation answered, and the calls of the kind that the fault is about. */
export async function sendAndRecord(stage: Stage, operation: Operation) {
  let answer: Answer<unknown> = { status: 0, data: null, errors: [] };
  const calls = await stage.proxy.calls(async () => {
    answer = await send(stage, operation);
  });
  return [answer, calls.filter(operation.call)] as const;
}

/** Long enough, and with enough calls, that a circuit breaker opens. */
export async function failManyReads(stage: Stage): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 30 }, () => send(stage, read)));
  for (const { errors } of answers) expect(errors).toHaveLength(1);
}

/** Asks every 50 ms; how long it took until it is answered, in milliseconds. */
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
  /** What the stack has done of a request that met with it: `unknown` to whoever sent it, or certainly nothing. */
  readonly effect: "done" | "undone" | "nothing";
  /** Whether what may be sent again is. */
  readonly isRetried: boolean;
  /** Asked of the caller, in milliseconds from and to. */
  readonly retryAfterMs?: readonly [number, number];
};

const answers = (status: number, headers: Readonly<Record<string, string>> = {}) => ({
  name: `${status}${Object.keys(headers).length === 0 ? "" : " with Retry-After"}`,
  fault: (): Fault => ({ kind: "answer", status, headers }),
});
const unavailable = { code: "UPSTREAM_UNAVAILABLE", isRetried: true } as const;
const late = { code: "UPSTREAM_TIMEOUT", isRetried: false } as const;

/** Faults with which no answer of worth comes. */
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
  { name: "a stalled body", fault: () => ({ kind: "stalled body" }), ...late, effect: "done" },
  { name: "slow headers", fault: () => ({ kind: "slow headers" }), ...late, effect: "undone" },
  { name: "silence", fault: () => ({ kind: "silence" }), ...late, effect: "undone" },
  {
    name: "an answer that is too late",
    fault: () => ({ kind: "latency", ms: 2 * lateMs }),
    ...late,
    effect: "done",
  },
  { ...answers(500), code: "UPSTREAM_UNAVAILABLE", isRetried: false, effect: "undone" },
  { ...answers(502), ...unavailable, effect: "undone" },
  { ...answers(503), ...unavailable, effect: "undone" },
  { ...answers(504), ...unavailable, effect: "undone" },
  { ...answers(429), code: "RATE_LIMITED", isRetried: true, effect: "nothing" },
  {
    ...answers(429, { "retry-after": "7" }),
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

/** What becomes of the token endpoint, while the stack is well. */
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
