/** Nothing that the gateways of a test run have written holds secrets, personal data or internals. */
import { beforeAll, describe, expect, it } from "vitest";
import { operator, startTestGateway } from "./support/helpers.ts";
import { startLiveGateway, webSocket } from "./support/live/clients.ts";
import { startGatewayCommand } from "./support/process.ts";
import { betweenMetrics, type Recorded, readRecorded } from "./support/record.ts";
import { createSearch, marker, type Search } from "./support/redaction/search.ts";

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

/** Makes gateways of all places answer and fail, for a run of this file alone. */
async function makeGatewaysWrite(): Promise<void> {
  const document =
    "{ paymentServiceUsers(first: 5) { nodes { name contactDetails { email } accounts { name officialName mask } " +
    "payments(first: 1) { nodes { description counterparty { name } } } } } }";
  await using gateway = await startTestGateway();
  for (let round = 0; round < enough.lines; round += 1) {
    using _ = gateway.sandbox.fault(() => round % 5 === 0, { status: 503, body: "upstream-words-of-a-failure" });
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

describe("what the gateways of this run have written", () => {
  let recorded: readonly Recorded[] = [];
  let search: Search;
  beforeAll(async () => {
    if (!isEnough(countsOf(readRecorded()))) await makeGatewaysWrite();
    recorded = readRecorded();
    const secrets = recorded.filter(({ kind }) => kind === "secret").flatMap(({ text }) => text.split("\n"));
    search = createSearch(new Set(secrets.filter(Boolean)));
  });

  it("is enough to search: lines and answers of gateways in tests, behind sockets, and in other processes", () => {
    const counts = countsOf(recorded);
    expect(counts.missing).toEqual([]);
    expect(counts.lines).toBeGreaterThanOrEqual(enough.lines);
    expect(counts.answers).toBeGreaterThanOrEqual(enough.answers);
    expect(counts.metrics).toBeGreaterThanOrEqual(enough.metrics);
  });

  it("has no log line with personal data, a secret, an address, or anything that is not allowed", () => {
    const found = recorded
      .filter(({ kind }) => kind === "log")
      .flatMap(({ test, text }) => text.split("\n").map((one) => ({ test, one })))
      .filter(({ one }) => one !== "")
      .map(({ test, one }) => ({ test, problem: search.line(one) }))
      .filter(({ problem }) => problem !== null);
    expect(found.slice(0, 20)).toEqual([]);
  });

  it("has no metric with personal data, an id, a secret, an address, or a label that is not allowed", () => {
    const found = recorded
      .filter(({ kind }) => kind === "metrics")
      .flatMap(({ test, text }) => text.split(betweenMetrics).map((one) => ({ test, problem: search.metrics(one) })))
      .filter(({ problem }) => problem !== null);
    expect(found.slice(0, 20)).toEqual([]);
  });

  it("has no answer with a secret, a provider's settings, a stack trace, words of a failing service, or its address", () => {
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
    ["a new member", { ...known, amount: 125_000 }],
    ["an amount as an outcome", { ...known, outcome: "1250.00 EUR" }],
    ["a name", { ...known, operation: "Astrid Lindqvist" }],
    ["an e-mail", { ...known, subject: "user@example.com" }],
    ["an IBAN", { ...failed, cause: "FR7630006000011234567890189" }],
    ["an IBAN in groups", { ...known, requestId: "FR76 3000 6000 0112 3456 7890 189" }],
    ["the name of a product", { ...known, operation: "Copperfield Rewards Visa Signature" }],
    ["a phone number", { ...known, subject: "+46 8 123 456 78" }],
    ["a new kind of line", { ...known, msg: "a user has linked a bank" }],
    ["a marked secret", { ...known, requestId: `x-${marker}y` }],
    ["a secret of a test", { ...known, requestId: "a secret of a test" }],
    ["an address of the stack", { ...failed, cause: "connect ECONNREFUSED 10.1.2.3:4010" }],
    ["words of the stack", { ...failed, cause: "the database is read-only" }],
    ["a stack trace", { ...failed, cause: "Error\n    at get (transport.ts:42:1)" }],
    ["an address in a line of another text", { level: 30, time: 1, msg: "http://127.0.0.1:4010" }],
  ])("finds %s in a log", (_what, object) => {
    expect(search.line(JSON.stringify(object))).not.toBeNull();
  });

  it.each([
    ["a person's name", 'operation="Astrid"'],
    ["an id", 'call="0b5cbf2a-8d0b-4f3a-9d53-0c5f0a1f6a01"'],
    ["a new label", 'psu="p"'],
    ["a secret", `operation="${marker}"`],
  ])("finds %s in metrics", (_what, label) => {
    const toText = (labels: string) =>
      `# HELP gateway_x_total X.\n# TYPE gateway_x_total counter\ngateway_x_total{${labels}} 1\n`;
    expect(search.metrics(toText('operation="Banks",kind="query",outcome="ok"'))).toBeNull();
    expect(search.metrics(toText(label))).not.toBeNull();
  });

  it("finds lines that are not a logger's", () => {
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

  it("finds nothing in permitted lines and answers", () => {
    expect(search.line(JSON.stringify(known))).toBeNull();
    expect(search.line(JSON.stringify({ ...failed, cause: "ECONNREFUSED" }))).toBeNull();
    expect(
      search.line(JSON.stringify({ level: 30, time: 1, msg: "GraphQL is at http://127.0.0.1:4000/graphql" })),
    ).toBeNull();
    expect(search.answers('{"link":"http://127.0.0.1:40101/bank/link-17"}')).toBeNull();
  });
});

describe("a log line", () => {
  it.each([
    ["a UUID, unchanged", "0b8f2f3e-58f0-4c37-a1de-6d4fd3a2d0b1", "0b8f2f3e-58f0-4c37-a1de-6d4fd3a2d0b1"],
    ["an e-mail, by its hash", "ada@example.com", "sha256:b5fc85e55755f9e0"],
    ["a phone number, by its hash", "+44 20 7946 0958", "sha256:"],
    ["a phone number without spaces, by its hash", "442079460958", "sha256:"],
    ["an IBAN, by its hash", "DE89370400440532013000", "sha256:"],
    ["a name, by its hash", "ada.lovelace", "sha256:"],
    ["a date of birth, by its hash", "1815-12-10", "sha256:"],
    ["an id of a directory, by its hash", "auth0|ada", "sha256:"],
    ["a UUID with more behind it, by its hash", "0b8f2f3e-58f0-4c37-a1de-6d4fd3a2d0b1.ada", "sha256:"],
    ["empty, by its hash", "", "sha256:"],
    ["too long, by its hash", "x".repeat(129), "sha256:"],
  ])("shows a subject that is %s", async (_what, subject, logged) => {
    await using gateway = await startTestGateway({ viewer: { ...operator, subject } });
    await gateway.send("{ viewer { subject } }");
    const [first] = gateway.lines.map((text) => JSON.parse(text));
    expect(first.subject).toMatch(logged === subject ? subject : /^sha256:[\da-f]{16}$/);
    expect(first.subject.startsWith(logged)).toBe(true);
  });

  it("has at most 64 characters of an operation's name, and 256 of the path to an error", async () => {
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
