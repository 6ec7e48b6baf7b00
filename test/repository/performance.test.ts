/** Guards the costs of queries and of the start against the figures in performance.json. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { queries, toVariables } from "../../bench/queries.ts";
import { until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";
import { post } from "../support/live/clients.ts";
import { runCommand, startGatewayCommand } from "../support/process.ts";
import recorded from "./performance.json" with { type: "json" };
import type { Probed } from "./performance-probe.ts";

/**
 * The costs of a query and of a start in figures that a busy machine does not change: calls, bytes and modules, no times.
 * They are measured on the gateway as `npm start` runs it, with production settings and one caller.
 */
type Cost = { readonly upstreamCalls: number; readonly allocatedBytes: number };
type QueryName = "Flat" | "One" | "Tree";

type Figures = {
  readonly queries: Readonly<Record<QueryName, Cost>>;
  readonly modulesAtStart: { readonly own: number; readonly packages: number; readonly builtIn: number };
};

const isRecording = process.env["RECORD_PERFORMANCE"] === "1";
const tolerance = 0.1;
const recordAnew = "record anew with `RECORD_PERFORMANCE=1 npx vitest run test/repository/performance.test.ts`";

/** Warm-up queries until the code is compiled, then batches, whose median counts. Fixed numbers make all runs equal. */
const batches = 5;
const counts: Readonly<Record<QueryName, { readonly warmUp: number; readonly batch: number }>> = {
  Flat: { warmUp: 1000, batch: 100 },
  One: { warmUp: 500, batch: 50 },
  Tree: { warmUp: 60, batch: 10 },
};
const names = Object.keys(counts) as QueryName[];

/** Modules that only some gateways need, or not at their start. */
const lazy = {
  GraphiQL: /\/@graphql-yoga\/render-graphiql\//,
  "pino-pretty": /\/pino-pretty\//,
  Redis: /\/node_modules\/@?redis\/|\/src\/live\/redis-event-bus\./,
  NATS: /\/@nats-io\/|\/src\/live\/nats-consumer\./,
  OpenTelemetry: /\/@opentelemetry\/(?!api\/)|\/src\/observability\/tracing\./, // prom-client loads the api
  "the sandbox": /\/sandbox\/server\.ts$/,
  "the doctor": /\/src\/doctor\b/,
};

let figures: Figures;
let loaded: readonly string[];

async function measure(): Promise<{ figures: Figures; loaded: readonly string[] }> {
  await using parts = new AsyncDisposableStack();
  const upstream = parts.use(runCommand(process.execPath, ["bench/upstream.ts", "0"]));
  const [, line = ""] = await upstream.waitFor(/^(\{.*\})\n/);
  const stack: { url: string; clientId: string; clientSecret: string; psuIds: string[] } = JSON.parse(line);
  const issuer = parts.use(await startIssuer());
  if (issuer.config.kind !== "jwt" || issuer.config.keys.kind !== "url") throw new Error("The issuer has no URL.");
  const folder = await mkdtemp(join(tmpdir(), "probe-"));
  parts.defer(() => rm(folder, { recursive: true }));
  const gateway = parts.use(
    await startGatewayCommand({
      PROBE_FOLDER: folder,
      NODE_OPTIONS: `--import=${new URL("performance-probe.ts", import.meta.url)}`,
      NODE_ENV: "production",
      FORMANCE_API_URL: stack.url,
      FORMANCE_CLIENT_ID: stack.clientId,
      FORMANCE_CLIENT_SECRET: stack.clientSecret,
      AUTH_JWKS_URL: issuer.config.keys.url.href,
      AUTH_ISSUER: issuer.config.issuer,
      AUTH_AUDIENCE: issuer.config.audience,
      // On, but never reached.
      RATE_LIMIT_OPERATOR: "999999999",
      RATE_LIMIT_ADDRESS: "999999999",
    }),
  );

  let probes = 0;
  async function probe(): Promise<Probed> {
    gateway.kill("SIGUSR2");
    probes += 1;
    const json = await until(() => readFile(join(folder, `${probes}.json`), "utf8").catch(() => false as const));
    return JSON.parse(json);
  }
  const { modules, builtIn } = await probe();
  const isOwn = (url: string) => !url.includes("/node_modules/");
  const own = modules.filter(isOwn).length;

  const authorization = await issuer.bearer({ sub: "measurer", scope: "payments:read" });
  async function send(name: QueryName, times: number): Promise<void> {
    const [variables] = toVariables(name, stack.psuIds);
    const body = { operationName: name, query: queries[name], variables };
    for (let time = 0; time < times; time += 1) {
      const { errors } = await post(`${gateway.url}/graphql`, body, { authorization });
      if (errors !== undefined) throw new Error(`${name}: ${JSON.stringify(errors)}`);
    }
  }
  const countCalls = async () => Number(await (await fetch(`${stack.url}/requests`)).text());

  async function costOf(name: QueryName): Promise<Cost> {
    const { warmUp, batch } = counts[name];
    await send(name, warmUp);
    const callsBefore = await countCalls();
    const bytes: number[] = [];
    let last = (await probe()).allocated;
    while (bytes.length < batches) {
      await send(name, batch);
      const { allocated } = await probe();
      bytes.push((allocated - last) / batch);
      last = allocated;
    }
    const median = bytes.sort((a, b) => a - b)[Math.floor(batches / 2)] ?? Number.NaN;
    return {
      upstreamCalls: ((await countCalls()) - callsBefore) / (batches * batch),
      allocatedBytes: Math.round(median),
    };
  }
  const Flat = await costOf("Flat");
  const One = await costOf("One");
  const Tree = await costOf("Tree");
  return {
    figures: {
      queries: { Flat, One, Tree },
      modulesAtStart: { own, packages: modules.length - own, builtIn: builtIn.length },
    },
    loaded: modules,
  };
}

beforeAll(async () => {
  ({ figures, loaded } = await measure());
  if (isRecording)
    await writeFile(new URL("performance.json", import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
}, 180_000);

/** Fails with a message that says how to continue. */
function refuse(what: string, found: number, before: number, advice: string): never {
  const percent = `${found >= before ? "+" : ""}${((found / before - 1) * 100).toFixed(1)} %`;
  expect.fail(`${what}: found ${found}, recorded ${before} (${percent}). ${advice}`);
}
const unlessIntended = (advice: string) => `${advice} If it is intended, ${recordAnew} and say why in the commit.`;

describe.skipIf(isRecording)("compared with performance.json", () => {
  it.each(names)("%s makes exactly as many calls to the stack", (name) => {
    const [found, before] = [figures.queries[name].upstreamCalls, recorded.queries[name].upstreamCalls];
    const advice = "Find what is no longer batched or deduplicated.";
    if (found !== before) refuse(`${name}, upstream calls per query`, found, before, unlessIntended(advice));
  });

  it.each(names)("%s allocates as many bytes, within a tenth", (name) => {
    const [found, before] = [figures.queries[name].allocatedBytes, recorded.queries[name].allocatedBytes];
    const what = `${name}, allocated bytes per query`;
    const advice = "`node --heap-prof` shows which functions allocate.";
    if (found > before * (1 + tolerance)) refuse(what, found, before, unlessIntended(advice));
    if (found < before * (1 - tolerance)) refuse(what, found, before, `To keep the gain, ${recordAnew}.`);
  });

  it.each(["own", "packages", "builtIn"] as const)("the start loads at most a tenth more modules (%s)", (kind) => {
    const [found, before] = [figures.modulesAtStart[kind], recorded.modulesAtStart[kind]];
    const what = `Start, modules loaded (${kind})`;
    if (found > before * (1 + tolerance))
      refuse(what, found, before, unlessIntended("Import new modules where they are used."));
    if (found < before) process.stdout.write(`${what}: ${found}, less than the ${before} recorded\n`);
  });
});

it.each(Object.entries(lazy))("the start does not load %s, which is loaded on first use", (name, pattern) => {
  expect(loaded.length).toBeGreaterThan(100);
  const url = loaded.find((one) => pattern.test(one));
  if (url !== undefined) expect.fail(`The start loads ${name}: ${url}. Import it where it is used, with import().`);
});
