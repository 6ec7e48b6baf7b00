import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createWorld } from "../sandbox/world.ts";
import { settingNames } from "../src/config/settings.ts";
import type { ErrorCode } from "../src/errors.ts";
import type { WebhookOutcome } from "../src/live/webhook-receiver.ts";
import type { UpstreamErrorKind } from "../src/upstream/errors.ts";
import { operator, startTestGateway } from "./support/helpers.ts";
import { startLiveGateway, webSocket } from "./support/live/clients.ts";
import { startGatewayCommand } from "./support/process.ts";
import { betweenMetrics, type Recorded, readRecorded } from "./support/record.ts";
import { toSamples } from "./support/samples.ts";

/** What the sandbox's secrets and tokens contain: none of them may get further than the gateway. */
const marker = "s3cr3t-";

const errorCodes = Object.keys({
  BAD_USER_INPUT: 1,
  NOT_FOUND: 1,
  CONFLICT: 1,
  UNAUTHENTICATED: 1,
  FORBIDDEN: 1,
  RATE_LIMITED: 1,
  QUERY_TOO_COMPLEX: 1,
  DOCUMENT_NOT_TRUSTED: 1,
  PERSISTED_QUERY_NOT_SUPPORTED: 1,
  UPSTREAM_UNAVAILABLE: 1,
  UPSTREAM_TIMEOUT: 1,
  UPSTREAM_MALFORMED: 1,
  UPSTREAM_UNAUTHORIZED: 1,
  INTERNAL_SERVER_ERROR: 1,
} satisfies Record<ErrorCode, 1>);

/** Kinds of what failed whose causes are logged: the others are the service's words about a client's input. */
const loggedKinds = Object.keys({
  unauthorized: 1,
  "rate-limited": 1,
  unavailable: 1,
  timeout: 1,
  malformed: 1,
  cancelled: 1,
} satisfies Record<Exclude<UpstreamErrorKind, "invalid" | "not-found" | "conflict">, 1>);

const upstreamKinds = [...loggedKinds, "invalid", "not-found", "conflict"];

const outcomes = Object.keys({
  accepted: 1,
  duplicate: 1,
  test: 1,
  unknown: 1,
  malformed: 1,
  "bad-signature": 1,
  "wrong-method": 1,
  "too-large": 1,
  "wrong-type": 1,
  "too-slow": 1,
  "too-old": 1,
  "too-early": 1,
  busy: 1,
  unpublished: 1,
  aborted: 1,
} satisfies Record<WebhookOutcome, 1>);

const requestId = z.string().regex(/^[\w.:-]{1,128}$/);
const path = z.optional(z.string().regex(/^\w[\w.]{0,255}$/));
const count = z.int().min(0);
const word = z.string().regex(/^\w{1,64}$/);
/** Of a connection to Redis or NATS. */
const problemKind = z.string().regex(/^(a listener failed: )?\w{1,64}$/);
const cause = z.union([
  z.string().regex(/^(token endpoint )?answered \d{3}( without an error code of its contract)?$/),
  z.string().regex(/^[A-Z][A-Z0-9_]{2,48}$/),
  z.string().regex(/^the answer has not the promised shape \(([\w.]*: [a-z_]+(; )?)+\)$/),
  z.enum([
    "the answer is not JSON",
    "the answer is too large",
    "the connection failed",
    "the caller left",
    "no answer before the deadline",
    "the list has more but no cursor",
    "the list has no end",
    "the list's cursor repeats",
    "the list holds attempts of others",
    "the list holds rows that its filter excludes",
    "the link is of another attempt",
    "the stack has not answered of late",
    "too many calls are waiting",
  ]),
]);

const address = String.raw`http://(127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0|\[::\]):\d+`;

const settings = z.array(z.enum(settingNames));
/** What is wrong with the setting of this name, in the gateway's own words. */
const problem = /^[A-Z_]+:?( and [A-Z_]+)* [\w ,.:;/<>"'()=-]+$/;

/** All that a gateway ever logs. A member, a text or a kind of line that is new is to be allowed here first. */
const line = z.discriminatedUnion("msg", [
  said("operation", {
    requestId,
    traceId: z.optional(z.string().regex(/^[\da-f]{32}$/)),
    operation: z.nullable(word),
    subject: z.nullable(z.string().regex(/^[\w.:|-]{1,128}$/)),
    outcome: z.union([z.enum(["ok", "ended"]), z.array(z.enum(errorCodes))]),
    ms: z.number().min(0).multipleOf(0.1),
    upstreamCalls: count,
    messages: z.optional(count),
    cost: z.optional(count),
  }),
  said("upstream failed", { requestId, path, kind: z.enum(loggedKinds), cause }),
  said("unexpected error", {
    requestId,
    path,
    name: z.optional(word),
    thrownAt: z.optional(z.string().regex(/^[\w/.-]{1,64}\.ts:\d+$/)),
  }),
  said("request failed", { name: word }),
  said("webhook", { outcome: z.enum(outcomes) }),
  said("a refresh failed", { kind: z.enum([...upstreamKinds, "unexpected"]) }),
  said("traces are not delivered", { kind: word }),
  said("event bus is degraded", { kind: problemKind }),
  said("NATS consumer is degraded", { kind: problemKind }),
  said("rate limits are degraded", { kind: problemKind }),
  said("settings were read again", { changed: settings }),
  said("settings were read again; some take effect with a restart only", { changed: settings, needRestart: settings }),
  said("settings were read again and are wrong: the old ones stay", { problems: z.array(z.string().regex(problem)) }),
  said("the circuit breaker of the payments stack", { state: z.enum(["closed", "open", "half-open"]) }),
  said("stopping: requests under way may end; a second signal ends at once", {}),
  said("authentication is off: every caller is an operator", {}),
]);

/** What labels of metrics may hold. One that is new is to be allowed here first. */
const labels: Readonly<Record<string, z.ZodType>> = {
  operation: z.string().regex(/^(\w{1,64}|\((none|anonymous|other)\))$/),
  kind: z.enum(["query", "mutation", "subscription", "none", "unexpected", ...upstreamKinds]),
  outcome: z.union([z.enum(["ok", ...errorCodes, ...upstreamKinds, ...outcomes]), z.string().regex(/^\d{3}$/)]),
  call: z.string().regex(/^[a-zA-Z]{1,40}$/),
  loader: z.string().regex(/^[a-z]+By[A-Z][a-z]+$/),
  state: z.enum(["closed", "open", "half-open"]),
  reason: z.enum(["queue-full", "breaker-open"]),
  source: z.enum(["webhook", "nats", "bus", "own"]),
  budget: z.enum(["psu", "operator", "address"]),
  le: z.string().regex(/^([\d.]+|\+Inf)$/),
};

/** On purpose: who starts the gateway wants to know where it listens. */
const startLine = z.strictObject({ level: z.int(), time: z.int(), msg: z.string() });
const startTexts = [
  new RegExp(`^GraphQL is at ${address}/graphql(, in a browser with GraphiQL)?$`),
  new RegExp(
    `^no FORMANCE_API_URL is set: serving the embedded sandbox at ${address}, with invented people and banks$`,
  ),
];

/** What is no JSON: why the gateway did not start, and what the tests themselves make it print. */
const plainLines = [
  /^The gateway cannot start\.$/,
  /^listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+$/,
  problem,
  /^held \d+: \d+ bytes$/,
];

function said<Message extends string, Members extends z.ZodRawShape>(msg: Message, members: Members) {
  return z.strictObject({ level: z.int(), time: z.int(), msg: z.literal(msg), ...members });
}

/** The persons of the sandbox and their money's places, each as they would be written. */
function toPersonal(): readonly string[] {
  const { people, accounts } = createWorld();
  const texts = people.flatMap(({ name, contactDetails, address: lines }) => [
    name,
    ...name.split(" ").filter((part) => part.length > 4),
    contactDetails?.email,
    contactDetails?.phoneNumber,
    lines?.streetName,
    lines?.postalCode,
    lines?.city,
  ]);
  const places = accounts.flatMap(({ name, reference }) => [name, reference]);
  // Of tests that write users themselves.
  const others = ["Lovelace", "Ada ", "Jane"];
  return [...new Set([...texts, ...places, ...others])].filter(
    // Digits alone, such as a postal code, are in any random id; so are digits with a dash between.
    (text) => text != null && text.length > 3 && /[^\d-]/.test(text),
  ) as string[];
}

type Rule = readonly [what: string, pattern: RegExp];

const anywhere: readonly Rule[] = [
  ["a token", /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/],
  ["a bearer token", /bearer\s+[\w-]{16,}/i],
  [
    "a stack trace",
    /(\n|\\n) +at ((async |new )?[\w.<>]+ (\[[^\]]*\] )?\(|(async )?(file:|node:|\/))|\bnode:internal\b/,
  ],
  [
    "a place in the source",
    /file:\/\/\/[\w/.-]+\.[jt]s|(?<![.\w/-])\/[\w/.-]*\b(src|node_modules)\/[\w/.-]+\.[jt]s|\.ts:\d+:\d+/,
  ],
  ["a provider's settings", /"(clientSecret|configurationToken|apiKey|pollingPeriod)\\?":/],
  ["words of the service", /Consult logs\/traces/],
];

const inLogs: readonly Rule[] = [
  ["an e-mail", /[\w.+-]+@[\w-]+\.\w/],
  ["a phone number", /\+\d[\d ]{6,}/],
  ["an IBAN", /\b[A-Z]{2}\d{2}[A-Z]{4}\d{7,}\b/],
  ["an address", /\d+\.\d+\.\d+\.\d+|localhost|\[::/],
];

/** Links lead to the sandbox's own pages; where users come back to, clients say. */
const given = /(link|clientRedirectUrl)\W{1,8}https?:\/\/[^\s"\\]*|https?:\/\/[\w.:[\]-]+\/bank\/[^\s"\\]*/g;
/** With a port as only servers that take any free one have: what clients say themselves is of `localhost:3000`. */
const internal: Rule = ["an address", /\b(127\.0\.0\.1|localhost):\d{5}\b|\bECONNREFUSED\b/];

type Search = {
  /** What is wrong with a line of a log; `null`: nothing. */
  line(text: string): string | null;
  /** What is wrong with what a gateway has counted. */
  metrics(text: string): string | null;
  /** The first thing in answers that should not be there. */
  answers(text: string): string | null;
};

function createSearch(recordedSecrets: Iterable<string>): Search {
  const secrets = [marker, ...recordedSecrets];
  const personal = toPersonal();

  function secretIn(text: string): string | null {
    const secret = secrets.find((one) => text.includes(one));
    return secret === undefined ? null : `a secret: ${around(text, text.indexOf(secret))}`;
  }

  function personIn(text: string): string | null {
    const person = personal.find((one) => text.includes(one));
    return person === undefined ? null : `a person's: ${around(text, text.indexOf(person))}`;
  }

  return {
    line(text) {
      const problem = toLineProblem(text);
      if (problem === "allowed") return secretIn(text);
      return secretIn(text) ?? ruleIn(anywhere, text) ?? ruleIn(inLogs, text) ?? personIn(text) ?? problem;
    },
    metrics: (text) =>
      secretIn(text) ?? ruleIn(anywhere, text) ?? ruleIn(inLogs, text) ?? personIn(text) ?? toLabelProblem(text),
    answers(text) {
      return secretIn(text) ?? ruleIn(anywhere, text) ?? ruleIn([internal], text.replace(given, ""));
    },
  };
}

function ruleIn(rules: readonly Rule[], text: string): string | null {
  for (const [what, pattern] of rules) {
    const match = pattern.exec(text);
    if (match !== null) return `${what}: ${around(text, match.index)}`;
  }
  return null;
}

function toLabelProblem(text: string): string | null {
  for (const name of toSamples(text).keys()) {
    for (const [pair, label = "", value] of name.matchAll(/(\w+)="([^"]*)"/g)) {
      if (labels[label]?.safeParse(value).success !== true) return `a label that is not known: ${around(pair)}`;
    }
  }
  return null;
}

/** `allowed`: one of the few that hold an address on purpose, or are no lines of a logger. */
function toLineProblem(text: string): string | "allowed" | null {
  if (!text.startsWith("{")) {
    return plainLines.some((pattern) => pattern.test(text)) ? "allowed" : `no line of a log: ${around(text)}`;
  }
  const value: unknown = JSON.parse(text);
  const start = startLine.safeParse(value);
  if (start.success && startTexts.some((pattern) => pattern.test(start.data.msg))) return "allowed";
  const result = line.safeParse(value);
  if (result.success) return null;
  const issues = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.code}`);
  return `a line that is not known (${issues.slice(0, 3).join(", ")}): ${around(text)}`;
}

/** Enough to find it by, and not the whole of what should not be there. */
function around(text: string, at = 0): string {
  return JSON.stringify(text.slice(Math.max(0, at - 60), at + 140)).slice(0, 220);
}

const enough = { lines: 300, answers: 300, metrics: 2 };
const places = ["test", "socket", "process"] as const;

function countsOf(recorded: readonly Recorded[]) {
  const of = (kind: string) => recorded.filter((one) => one.kind === kind);
  const lines = of("log")
    .flatMap(({ text }) => text.split("\n"))
    .filter((text) => text !== "");
  const answers = of("answer").reduce((sum, { text }) => sum + (text.match(/^x-request-id: /gim)?.length ?? 0), 0);
  const metrics = of("metrics").reduce((sum, { text }) => sum + (text.match(/^gateway_shed_total/gm)?.length ?? 0), 0);
  const missing = (["log", "answer"] as const).flatMap((kind) =>
    places.filter((place) => !of(kind).some((one) => one.place === place)).map((place) => `${kind} ${place}`),
  );
  return { lines: lines.length, answers, metrics, missing };
}

function isEnough({ lines, answers, metrics, missing }: ReturnType<typeof countsOf>): boolean {
  const suffices = lines >= enough.lines && answers >= enough.answers && metrics >= enough.metrics;
  return suffices && missing.length === 0;
}

/** Gateways of all places answer and fail, for when this file runs by itself. */
async function makeGatewaysWrite(): Promise<void> {
  const document = "{ paymentServiceUsers(first: 5) { nodes { name contactDetails { email } accounts { name } } } }";
  await using gateway = await startTestGateway();
  for (let turn = 0; turn < enough.lines; turn += 1) {
    using _ = gateway.sandbox.fault(() => turn % 5 === 0, { status: 503, body: "upstream-words-of-a-failure" });
    await gateway.send(document);
  }
  await using live = await startLiveGateway();
  using client = webSocket.connect(live.url);
  await client.open(document).next();
  await using command = await startGatewayCommand();
  await fetch(`${command.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: document }),
  });
}

describe("of all that the gateways of this run have written", () => {
  let recorded: readonly Recorded[] = [];
  let search: Search;
  beforeAll(async () => {
    if (!isEnough(countsOf(readRecorded()))) await makeGatewaysWrite();
    recorded = readRecorded();
    const secrets = recorded.filter(({ kind }) => kind === "secret").flatMap(({ text }) => text.split("\n"));
    search = createSearch(new Set(secrets.filter(Boolean)));
  });

  it("there is enough to search: lines and answers of gateways in tests, behind sockets, and in other processes", () => {
    const counts = countsOf(recorded);
    expect(counts.missing).toEqual([]);
    expect(counts.lines).toBeGreaterThanOrEqual(enough.lines);
    expect(counts.answers).toBeGreaterThanOrEqual(enough.answers);
    expect(counts.metrics).toBeGreaterThanOrEqual(enough.metrics);
  });

  it("no line of a log holds a person's data, a secret, an address, or anything but what is known", () => {
    const found = recorded
      .filter(({ kind }) => kind === "log")
      .flatMap(({ test, text }) => text.split("\n").map((one) => ({ test, one })))
      .filter(({ one }) => one !== "")
      .map(({ test, one }) => ({ test, problem: search.line(one) }))
      .filter(({ problem }) => problem !== null);
    expect(found.slice(0, 20)).toEqual([]);
  });

  it("no metric holds a person's data, an id, a secret, an address, or a label that is not known", () => {
    const found = recorded
      .filter(({ kind }) => kind === "metrics")
      .flatMap(({ test, text }) => text.split(betweenMetrics).map((one) => ({ test, problem: search.metrics(one) })))
      .filter(({ problem }) => problem !== null);
    expect(found.slice(0, 20)).toEqual([]);
  });

  it("no answer holds a secret, a provider's settings, a stack trace, words of a failing service, or its address", () => {
    const found = recorded
      .filter(({ kind }) => kind === "answer")
      .map(({ test, text }) => ({ test, problem: search.answers(text) }))
      .filter(({ problem }) => problem !== null);
    expect(found.slice(0, 20)).toEqual([]);
  });
});

const known = {
  ...{ level: 30, time: 1, requestId: "r", operation: "Banks", subject: "auth0|17", outcome: "ok" },
  ...{ ms: 12.3, upstreamCalls: 4, msg: "operation" },
};
const failed = {
  ...{ level: 40, time: 1, requestId: "r", path: "account", kind: "unavailable" },
  msg: "upstream failed",
};

describe("the search", () => {
  const search = createSearch(["a secret of a test"]);

  it.each([
    ["a member that is new", { ...known, amount: 125_000 }],
    ["an amount where there is none", { ...known, outcome: "1250.00 EUR" }],
    ["a name", { ...known, operation: "Astrid Lindqvist" }],
    ["an e-mail", { ...known, subject: "somebody@example.com" }],
    ["a phone number", { ...known, subject: "+46 8 123 456 78" }],
    ["a kind of line that is new", { ...known, msg: "somebody has linked a bank" }],
    ["a marked secret", { ...known, requestId: `x-${marker}y` }],
    ["a secret of a test", { ...known, requestId: "a secret of a test" }],
    ["an address of the stack", { ...failed, cause: "connect ECONNREFUSED 10.1.2.3:4010" }],
    ["words of the stack", { ...failed, cause: "the database is read-only" }],
    ["a stack trace", { ...failed, cause: "Error\n    at get (transport.ts:42:1)" }],
    [
      "an address where the gateway does not say where it listens",
      { level: 30, time: 1, msg: "http://127.0.0.1:4010" },
    ],
  ])("finds %s in a log", (_what, object) => {
    expect(search.line(JSON.stringify(object))).not.toBeNull();
  });

  it.each([
    ["a person's name", 'operation="Astrid"'],
    ["an id", 'call="0b5cbf2a-8d0b-4f3a-9d53-0c5f0a1f6a01"'],
    ["a label that is new", 'psu="p"'],
    ["a secret", `operation="${marker}"`],
  ])("finds %s in metrics", (_what, label) => {
    const toText = (labels: string) =>
      `# HELP gateway_x_total X.\n# TYPE gateway_x_total counter\ngateway_x_total{${labels}} 1\n`;
    expect(search.metrics(toText('operation="Banks",kind="query",outcome="ok"'))).toBeNull();
    expect(search.metrics(toText(label))).not.toBeNull();
  });

  it("finds what is no line of a logger", () => {
    expect(search.line("Error: something broke")).not.toBeNull();
    expect(search.line("    at async get (file:///app/src/main.ts:1:1)")).not.toBeNull();
  });

  it.each([
    ["a marked secret", `{"data":{"name":"${marker}x"}}`],
    ["a secret of a test", '{"data":{"name":"a secret of a test"}}'],
    ["a token", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJvcHMifQ.c2lnbmF0dXJl"],
    ["a provider's settings", '{"data":{"raw":{"pollingPeriod":"30m"}}}'],
    ["a stack trace", '{"message":"Error\\n    at get (transport.ts:42)"}'],
    ["a place in the source", "/app/src/upstream/transport.ts"],
    ["words of the stack", '{"message":"Internal error. Consult logs/traces to have more details."}'],
    ["an address", '{"message":"fetch of http://127.0.0.1:40101/api failed"}'],
  ])("finds %s in an answer", (_what, text) => {
    expect(search.answers(text)).not.toBeNull();
  });

  it("finds nothing where all is well", () => {
    expect(search.line(JSON.stringify(known))).toBeNull();
    expect(search.line(JSON.stringify({ ...failed, cause: "ECONNREFUSED" }))).toBeNull();
    expect(
      search.line(JSON.stringify({ level: 30, time: 1, msg: "GraphQL is at http://127.0.0.1:4000/graphql" })),
    ).toBeNull();
    expect(search.answers('{"link":"http://127.0.0.1:40101/bank/link-17"}')).toBeNull();
  });
});

describe("a line of the log", () => {
  it.each([
    ["an opaque id, as it is", "auth0|17", "auth0|17"],
    ["a path of names, as it is", "system:serviceaccount:bank:app", "system:serviceaccount:bank:app"],
    ["an e-mail, by its hash", "ada@example.com", "sha256:b5fc85e55755f9e0"],
    ["a phone number, by its hash", "+44 20 7946 0958", "sha256:"],
    ["too long, by its hash", "x".repeat(129), "sha256:"],
  ])("names a subject that is %s", async (_what, subject, logged) => {
    await using gateway = await startTestGateway({ viewer: { ...operator, subject } });
    await gateway.send("{ viewer { subject } }");
    const [first] = gateway.lines.map((text) => JSON.parse(text));
    expect(first.subject.startsWith(logged)).toBe(true);
    expect(first.subject).toMatch(/^[\w.:|-]{1,128}$/);
  });

  it("has at most 64 characters of an operation's name, and 256 of the path to what failed", async () => {
    await using gateway = await startTestGateway();
    using _ = gateway.sandbox.fault(() => true, { status: 500, body: "words-of-a-failing-service" });
    const document = `query ${"Long".repeat(50)} { ${"alias".repeat(100)}: connectors { nodes { name } } }`;
    const { errors } = await gateway.send(document);
    expect(errors).toMatchObject([{ path: ["alias".repeat(100)] }]);
    const [done, cause] = gateway.lines.map((text) => JSON.parse(text));
    expect(done.operation).toBe("Long".repeat(16));
    expect(cause).toMatchObject({ msg: "upstream failed", path: "alias".repeat(100).slice(0, 256) });
  });
});
