/**
 * `npm run soak -- --seconds 600`: a gateway in a process of its own under a steady mixed load, over a proxy with one fault
 * after another. Fails on an error that no fault explains, on a change that does not arrive, and on growing memory or
 * handles.
 */
import { setTimeout as wait } from "node:timers/promises";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWebSocketClient } from "graphql-ws";
import { readArguments, readOrExit } from "../src/cli/command.ts";
import { ExplainedError } from "../src/cli/explained-error.ts";
import { onStopSignal } from "../src/cli/stop-signals.ts";
import { eventTypes } from "../src/live/connection-events.ts";
import { type Fault, isCall, type Matches, startFaultProxy } from "../test/support/fault-proxy.ts";
import { guardRun } from "../test/support/guard.ts";
import { until } from "../test/support/helpers.ts";
import { post } from "../test/support/live/clients.ts";
import { runScript, startGatewayCommand } from "../test/support/process.ts";

const usage = `npm run soak -- [options]

  --seconds <number>  how long the load lasts; else 600
  --help              print this
`;

const lengthMs = readOrExit(usage, (args) => {
  const { values } = readArguments(args, { options: { seconds: { type: "string", default: "600" } } });
  const ms = Number(values.seconds) * 1000;
  if (!(ms > 0)) throw new ExplainedError("--seconds must be a number above 0.");
  return ms;
});
const secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

const timeoutMs = 3000;
/** One fault after the other, with a pause before each: shorter in a run of a minute, so that each kind comes up. */
const onMs = 1500;
const offMs = Math.min(7000, 0.105 * lengthMs - onMs);
/**
 * Operations that start so soon after a fault may fail, too: calls during a silence time out after its end, possibly for
 * all callers, and then the breaker is open for a second.
 */
const recoveryMs = timeoutMs - onMs + 1000 + 500;
const onePart =
  (part: number): Matches =>
  (request) =>
    isCall(request) && Math.random() < part;
const faults: readonly { readonly fault: Fault; readonly matches: Matches }[] = [
  { fault: { kind: "answer", status: 503 }, matches: isCall },
  { fault: { kind: "reset after" }, matches: onePart(0.1) },
  { fault: { kind: "latency", ms: 100, jitterMs: 400 }, matches: isCall },
  { fault: { kind: "half a body" }, matches: onePart(0.3) },
  { fault: { kind: "silence" }, matches: isCall },
  { fault: { kind: "answer", status: 429, headers: { "retry-after": "1" } }, matches: onePart(0.5) },
  { fault: { kind: "reset before" }, matches: isCall },
  { fault: { kind: "stalled body" }, matches: onePart(0.1) },
  { fault: { kind: "slow headers" }, matches: onePart(0.2) },
];
const expectedCodes = new Set(["UPSTREAM_UNAVAILABLE", "UPSTREAM_TIMEOUT", "RATE_LIMITED"]);

/** How many bytes of memory at rest may be added: less than a hundred operations in flight hold. */
const mostGrowth = 4 * 1024 * 1024;

/** Prints the memory after a garbage collection, and the handles that keep the process alive. */
const probe = `
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const gc = process.getBuiltinModule("node:vm").runInNewContext("gc");
  let count = 0;
  process.on("SIGUSR2", async () => {
    for (let round = 0; round < 5; round += 1) {
      gc();
      await new Promise(setImmediate);
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    const handles = process.getActiveResourcesInfo().filter((name) => name !== "Immediate").length;
    process.stderr.write("held " + (count += 1) + ": " + JSON.stringify({ bytes: heapUsed + external, rss, handles }) + "\\n");
  });`;
type Held = { readonly bytes: number; readonly rss: number; readonly handles: number };

guardRun();
await using parts = new AsyncDisposableStack();
onStopSignal(() => void parts.disposeAsync().then(() => process.exit(130)));
const sandbox = parts.use(runScript("sandbox", ["--port", "0"]));
const setting = async (name: string) => (await sandbox.waitFor(new RegExp(`${name}=(\\S+)`)))[1] ?? "";
const stack = await setting("FORMANCE_API_URL");
const [clientId, clientSecret] = [await setting("FORMANCE_CLIENT_ID"), await setting("FORMANCE_CLIENT_SECRET")];
const proxy = parts.use(await startFaultProxy(stack));
const gateway = parts.use(
  await startGatewayCommand({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(probe)}`,
    FORMANCE_API_URL: proxy.url.href,
    FORMANCE_CLIENT_ID: clientId,
    FORMANCE_CLIENT_SECRET: clientSecret,
    FORMANCE_WEBHOOK_SECRETS: secret,
    OPERATION_TIMEOUT_SECONDS: String(timeoutMs / 1000),
    RATE_LIMIT_OPERATOR: "off",
    RATE_LIMIT_ADDRESS: "off",
  }),
);
const url = `${gateway.url}/graphql`;

let samplesTaken = 0;
async function held(): Promise<Held> {
  process.kill(gateway.pid, "SIGUSR2");
  samplesTaken += 1;
  const [, json = ""] = await gateway.waitFor(new RegExp(`held ${samplesTaken}: (.+)\n`));
  return JSON.parse(json) as Held;
}

/** Errors that no fault explains. */
const unexpected: string[] = [];
const counts = { operations: 0, failed: 0, faults: 0, calls: 0 };
/** The times during which a fault may cause errors. */
const windows: { readonly from: number; to: number }[] = [];

function recordErrors(what: string, startedAt: number, codes: readonly string[]): void {
  const endedAt = performance.now();
  const isExplained = windows.some(({ from, to }) => startedAt < to && endedAt > from);
  if (isExplained && codes.every((code) => expectedCodes.has(code))) counts.failed += 1;
  else {
    const sinceMs = Math.round(endedAt - (windows.at(-1)?.to ?? 0));
    unexpected.push(
      `${what}: ${codes.join(" ")} after ${Math.round(endedAt - startedAt)} ms, ${sinceMs} ms after the last fault`,
    );
  }
}

type Data = Readonly<Record<string, never>>;

/** The data, or `null` where there were errors. */
async function send<Answer = Data>(query: string, variables: object = {}): Promise<Answer | null> {
  const startedAt = performance.now();
  counts.operations += 1;
  const name = /\w+ (\w+)/.exec(query)?.[1] ?? "";
  try {
    const { data, errors } = await post(url, { query, variables });
    if (errors === undefined) return data as Answer;
    recordErrors(name, startedAt, [...new Set(errors.map(({ extensions }) => extensions.code))]);
  } catch (error) {
    unexpected.push(`${name}: ${String(error)}`);
  }
  return null;
}

type User = {
  readonly id: string;
  readonly connections: readonly {
    readonly connectionId: string;
    readonly status: string;
    readonly dataUpdatedAt: string | null;
  }[];
};
const known = await send<{ paymentServiceUsers: { nodes: User[] }; connectors: { nodes: { id: string }[] } }>(
  'query Known { paymentServiceUsers(first: 100) { nodes { id connections { connectionId status dataUpdatedAt } } } connectors(filter: { provider: "plaid" }) { nodes { id } } }',
);
const users = known?.paymentServiceUsers.nodes ?? [];
const connectorId = known?.connectors.nodes[0]?.id;
const connectionIds = users.flatMap(({ connections }) => connections.map(({ connectionId }) => connectionId));
const isOnlyOne = (wanted: string) => connectionIds.filter((id) => id === wanted).length === 1;
/** Users with the connections whose syncs have a time: those of Plaid that work. They are played by an id of their own. */
const followed = users
  .map(({ id, connections }) => ({
    id,
    connections: connections.filter(
      ({ connectionId, status, dataUpdatedAt }) =>
        status === "ACTIVE" && dataUpdatedAt !== null && isOnlyOne(connectionId),
    ),
  }))
  .filter(({ connections }) => connections.length > 0);
const pick = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)];
const anyUser = () => pick(users);

const nested = `query Nested($id: ID!) {
  paymentServiceUser(id: $id) {
    name
    connections { status connector { name } accounts { name balances { amount { decimal } } payments(first: 2) { nodes { type } } } }
  }
}`;
const changes = `subscription Changes($id: ID!) {
  connectionChanged(psuId: $id) { kind connection { connectionId dataUpdatedAt } }
}`;
async function small(): Promise<void> {
  await send("query Small($id: ID!) { paymentServiceUser(id: $id) { name } }", { id: anyUser()?.id });
  await wait(100);
}

async function large(): Promise<void> {
  await send(nested, { id: anyUser()?.id });
  await wait(300);
}

/** Creates a user and a link to a bank, and deletes the user. */
async function mutations(): Promise<void> {
  const created = await send<{ createPaymentServiceUser: { paymentServiceUser: { id: string } } }>(
    `mutation Create { createPaymentServiceUser(input: { name: "Soaked", contactDetails: { locale: "en_GB" }, address: { country: "GB" } }) { paymentServiceUser { id } } }`,
  );
  const psuId = created?.createPaymentServiceUser.paymentServiceUser.id;
  if (psuId === undefined) return wait(500);
  const input = { psuId, connectorId };
  const forwarded = await send(
    "mutation Forward($input: ForwardPaymentServiceUserInput!) { forwardPaymentServiceUser(input: $input) { __typename } }",
    { input },
  );
  if (forwarded !== null) {
    const link = { ...input, applicationName: "Soak", clientRedirectUrl: "https://app.example.com" };
    await send("mutation Link($input: CreateLinkInput!) { createLink(input: $input) { link } }", { input: link });
  }
  await send("mutation Delete($id: ID!) { deletePaymentServiceUser(input: { psuId: $id }) { deletedId } }", {
    id: psuId,
  });
  await wait(500);
}

/** The two transports of streams. Neither reconnects by itself: a stream that ends is a failure. */
const clients = [
  createWebSocketClient({ url: url.replace("http", "ws"), retryAttempts: 0 }),
  createSseClient({ url, retryAttempts: 0 }),
];

type Changed = { readonly connectionId: string; readonly dataUpdatedAt: string | null };

function follow(at: number, id: string | undefined, onChange: (changed: Changed) => void): () => void {
  let isCancelled = false;
  const unsubscribe = clients[at % clients.length]?.subscribe<{ connectionChanged: { connection: Changed | null } }>(
    { query: changes, variables: { id } },
    {
      next({ data, errors }) {
        if (errors !== undefined) unexpected.push(`a stream sent ${JSON.stringify(errors)}`);
        const connection = data?.connectionChanged.connection;
        if (connection) onChange(connection);
      },
      error: (error) => unexpected.push(`a stream broke: ${String(error)}`),
      complete() {
        if (!isCancelled) unexpected.push("a stream ended");
      },
    },
  );
  return () => {
    isCancelled = true;
    unsubscribe?.();
  };
}

/** Opens a stream until its first message, or without one for three seconds while the stack is down. */
async function visit(): Promise<void> {
  counts.operations += 1;
  const { promise: received, resolve } = Promise.withResolvers<unknown>();
  const unsubscribe = follow(counts.operations, anyUser()?.id, resolve);
  await Promise.race([received, wait(3000)]);
  unsubscribe();
  await wait(500);
}

/** A sync of a connection whose subscribers are still to be notified. */
type Due = {
  readonly connectionId: string;
  readonly at: string;
  readonly playedAt: number;
  readonly isCalm: boolean;
  /** The index of the client that must deliver it. */
  readonly by: number;
};
const due = new Set<Due>();
const delays: number[] = [];
const isCalm = () => windows.every(({ to }) => to < performance.now());

/** Syncs a connection: the sandbox sends a webhook, and the gateway notifies its subscribers. */
async function sync(): Promise<void> {
  const connectionId = pick(followed)?.connections[0]?.connectionId ?? "";
  const playedAt = performance.now();
  const path = `/sandbox/connections/${encodeURIComponent(connectionId)}/sync`;
  const { data } = (await (await fetch(stack + path, { method: "POST" })).json()) as { data: Changed };
  for (const by of clients.keys())
    due.add({ connectionId, at: data.dataUpdatedAt ?? "", playedAt, isCalm: isCalm(), by });
  await wait(500);
}

function settle(by: number, changed: Changed): void {
  for (const one of due) {
    if (one.by !== by || one.connectionId !== changed.connectionId || one.at > (changed.dataUpdatedAt ?? "")) continue;
    due.delete(one);
    if (one.isCalm) delays.push(performance.now() - one.playedAt);
  }
}

await fetch(`${stack}/api/auth/oauth/token`, {
  method: "POST",
  headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
  body: new URLSearchParams({ grant_type: "client_credentials", scope: "webhooks:write" }),
})
  .then(async (response) => (await response.json()) as { access_token: string })
  .then(({ access_token: token }) =>
    fetch(`${stack}/api/webhooks/configs`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ endpoint: `${gateway.url}/webhooks/formance`, secret, eventTypes }),
    }),
  );

let nextFault = 0;

/** Runs the mixed load with faults, then waits until the gateway is idle. */
async function soak(ms: number, onSample: (held: Held) => void): Promise<void> {
  const endsAt = performance.now() + ms;
  const isOver = () => performance.now() > endsAt;
  const repeat = async (work: () => Promise<void>) => {
    while (!isOver()) await work();
  };
  const load = [
    small,
    small,
    small,
    small,
    small,
    small,
    large,
    large,
    large,
    mutations,
    mutations,
    visit,
    visit,
    sync,
  ];
  async function injectFaults(): Promise<void> {
    while (performance.now() + onMs + offMs < endsAt) {
      await wait(offMs);
      const next = faults[nextFault % faults.length];
      nextFault += 1;
      if (next === undefined) return;
      const window = { from: performance.now(), to: Number.POSITIVE_INFINITY };
      windows.push(window);
      {
        using _fault = proxy.fault(next.fault, next.matches);
        await wait(onMs);
      }
      window.to = performance.now() + recoveryMs;
      counts.faults += 1;
    }
  }
  async function sample(): Promise<void> {
    await wait(5000);
    onSample(await held());
    counts.calls += proxy.requests.length;
    proxy.clear();
  }
  await Promise.all([...load.map(repeat), injectFaults(), repeat(sample)]);
  // Unused connections are closed some seconds later. The subscriptions stay open.
  await wait(6000);
}

async function heldAtRest(): Promise<Held> {
  const all = [await held(), await held(), await held()];
  return {
    bytes: Math.min(...all.map(({ bytes }) => bytes)),
    rss: Math.min(...all.map(({ rss }) => rss)),
    handles: Math.min(...all.map(({ handles }) => handles)),
  };
}

for (const by of clients.keys()) {
  for (const { id } of followed) follow(by, id, (changed) => settle(by, changed));
}
const samples: Held[] = [];
await soak(lengthMs / 4, () => {}); // warm-up: code is loaded, caches fill
const before = await heldAtRest();
Object.assign(counts, { operations: 0, failed: 0, faults: 0, calls: 0 });
delays.length = 0;
const startedAt = performance.now();
await soak((lengthMs * 3) / 4, (one) => samples.push(one));
const seconds = (performance.now() - startedAt) / 1000;
const after = await heldAtRest();
await until(async () => due.size === 0).catch(() => unexpected.push(`${due.size} changes never arrived`));

const third = Math.ceil(samples.length / 3);
const loaded = [samples.slice(0, third), samples.slice(-third)].map((part) => median(part.map(({ bytes }) => bytes)));
const webhooks = gateway.output().split('"outcome":"accepted"').length - 1;
const megabytes = (bytes = Number.NaN) => `${(bytes / 1e6).toFixed(1)} MB`;
const kinds = Math.min(nextFault, faults.length);
process.stdout.write(`soak of ${Math.round(seconds)} s, ${counts.faults} faults; since the start ${kinds} of ${faults.length} kinds
  operations           ${counts.operations}, ${Math.round(counts.operations / seconds)} a second; calls of the stack ${counts.calls}
  failed by a fault    ${counts.failed}
  unexpected           ${unexpected.length}
  webhooks, changes    ${webhooks}, ${delays.length} outside of faults, after ${median(delays).toFixed(0)} ms at the median
  memory at rest       ${megabytes(before.bytes)}, then ${megabytes(after.bytes)} (resident ${megabytes(before.rss)}, then ${megabytes(after.rss)})
  memory under load    ${megabytes(loaded[0])} in the first third, ${megabytes(loaded[1])} in the last
  handles at rest      ${before.handles}, then ${after.handles}
`);
for (const what of unexpected.slice(0, 20)) process.stdout.write(`unexpected: ${what}\n`);

const isFlat = after.bytes - before.bytes < mostGrowth && after.handles <= before.handles + 5;
process.stdout.write(isFlat ? "memory and handles are flat\n" : "memory or handles have grown\n");
process.exitCode = unexpected.length === 0 && isFlat ? 0 : 1;
for (const client of clients) await client.dispose();

function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[of.length >> 1] ?? Number.NaN;
}
