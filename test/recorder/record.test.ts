/** `npm run record` as a command, against a sandbox. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { type Call, type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { readRecording, repositoryRecording } from "../../src/recorder/recording.ts";
import { runScript } from "../support/process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recorder-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const credentialsOf = ({ clientId, clientSecret }: Pick<Sandbox, "clientId" | "clientSecret">) => ({
  FORMANCE_CLIENT_ID: clientId,
  FORMANCE_CLIENT_SECRET: clientSecret,
});

const start = (sandbox: Sandbox, ...args: readonly string[]) =>
  runScript("record", [sandbox.url, ...args], credentialsOf(sandbox));

async function run(sandbox: Sandbox, ...args: readonly string[]) {
  await using command = start(sandbox, ...args);
  return { code: await command.exit, output: command.output() };
}

/** Whom the sandbox knows, and what hangs on them. */
const stateOf = ({ world }: Sandbox) => ({
  people: world.people.map(({ id }) => id),
  accounts: world.accounts.length,
  payments: world.payments.length,
  connections: world.connections.length,
  connectors: world.connectors.length,
});

describe("a recording", () => {
  test("differs in nothing from one of the same stack, leaves the stack as it was, and holds nobody else's data", async () => {
    await using sandbox = await startSandbox();
    const before = stateOf(sandbox);
    const file = join(folder, "one.json");
    const made = await run(sandbox, "--out", file);
    expect([made.code, made.output]).toEqual([0, expect.stringContaining(`204 answers are in ${file}`)]);
    expect(readRecording(file).map(({ name }) => name)).toEqual(
      readRecording(repositoryRecording).map(({ name }) => name),
    );
    expect(stateOf(sandbox)).toEqual(before);

    // Nothing of others, by which anybody could be found, nor of the connectors' settings.
    const text = (await readFile(file, "utf8")) + made.output;
    const { people, accounts, payments, connections, attempts, connectors } = sandbox.world;
    const hidden = [
      ...people.flatMap(({ id, name, contactDetails }) => [id, name, contactDetails?.email]),
      ...accounts.flatMap(({ id, reference, metadata }) => [id, reference, ...Object.values(metadata ?? {})]),
      ...payments.flatMap(({ id, reference, amount }) => [id, reference, amount > 99_999n ? String(amount) : null]),
      ...connections.map(({ connectionID }) => connectionID),
      ...attempts.map(({ id }) => id),
      ...connectors.flatMap(({ config }) =>
        Object.values(config).filter((value) => /s3cr3t|\.invalid|-client/.test(String(value))),
      ),
      sandbox.clientSecret,
      "s3cr3t",
      "/bank/link-",
    ];
    const found = hidden.filter((value) => value != null && String(value).length > 4 && text.includes(String(value)));
    // What the sandbox's accounts and payments have in common with the recorder's own is no one's secret.
    expect(found.filter((value) => !["checking", "savings"].includes(String(value)))).toEqual([]);

    const compared = await run(sandbox, "--compare", file);
    expect(compared).toEqual({ code: 0, output: expect.stringMatching(/\nNo difference\n$/) });
  });

  test("holds nobody else's data, either, where the stack has lost its filters", async () => {
    await using sandbox = await startSandbox();
    const row = sandbox.world.accounts.find(({ psuID }) => psuID !== null);
    const others = { id: row?.id, psuID: row?.psuID, name: "Somebody's account", metadata: { iban: "x" }, raw: {} };
    const body = JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data: [others] } });
    const headers = { "content-type": "application/json" };
    const isFixture = ({ query }: Call) => query["pageSize"] === "100";
    using _ = sandbox.fault((call) => call.path === "/accounts" && !isFixture(call), { headers, body });
    using __ = sandbox.fault(({ path }) => path.startsWith("/accounts/"), {
      headers,
      body: `{"data":${JSON.stringify(others)}}`,
    });
    const file = join(folder, "lost.json");
    expect((await run(sandbox, "--out", file)).code).toBe(0);
    const text = await readFile(file, "utf8");
    expect(text).toContain(
      '{\\"id\\":\\"<encoded JSON>\\",\\"psuID\\":\\"<UUID>\\",\\"name\\":\\"<text>\\",\\"metadata\\":\\"<object>\\"',
    );
    for (const value of [others.id, others.psuID, "Somebody", "iban"]) expect(text).not.toContain(value);
    const { output } = await run(sandbox, "--compare");
    expect(output).toContain("accounts by psu: answer.cursor.data\n  before: own rows\n  now:    no own rows\n");
    expect(output).not.toContain("Somebody");
  });

  test("that differs from an earlier one says where, and ends with code 1", async () => {
    await using sandbox = await startSandbox();
    const file = join(folder, "old.json");
    const old = readRecording(repositoryRecording).map((exchange) =>
      exchange.name === "user get bare"
        ? { ...exchange, answer: exchange.answer.replace('"bankAccountIDs":null', '"bankAccountIDs":[],"nick":null') }
        : exchange,
    );
    await writeFile(file, JSON.stringify(old));
    const broken = sandbox.fault(({ path }) => path === "/payments/abc", { status: 503, headers: {}, body: "down" });
    using _ = broken;
    const { code, output } = await run(sandbox, "--compare", file);
    expect(code).toBe(1);
    expect(output).toContain("payment malformed: status\n  before: 400 INVALID_ID");
    expect(output).toContain("\n  now:    503\n");
    expect(output).toContain("user get bare: answer.data.bankAccountIDs\n  before: list\n  now:    null\n");
    expect(output).toContain("user get bare: answer.data.nick\n  before: null\n  now:    absent\n");
    expect(output).toMatch(/\n\d+ differences\n$/);
  });

  test("at a stack of others waits until a person has linked a bank", async () => {
    await using sandbox = await startSandbox({ origin: "https://bank.example.com" });
    await using command = start(sandbox, "--out", join(folder, "person.json"));
    const [, token = ""] = await command.waitFor(/https:\/\/bank\.example\.com\/bank\/(\S+)/);
    await visitBank(`${sandbox.url}/bank/${token}`, { decision: "consent" });
    expect([await command.exit, command.output()]).toEqual([0, expect.stringContaining("204 answers")]);
  });

  test("without a link leaves out the requests that need one, and names them", async () => {
    await using sandbox = await startSandbox();
    const file = join(folder, "no-link.json");
    const { code, output } = await run(sandbox, "--no-link", "--connector", "Tink", "--out", file);
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/^Not sent, because they need a link: .*balances bad from/m),
    ]);
    const names = readRecording(file).map(({ name }) => name);
    expect(names).toContain("create-link");
    expect(names).not.toContain("account");
    // Tink's users can link, too: the connector was the one that was named.
    expect(
      sandbox.calls.some(({ path }) =>
        path.includes(sandbox.world.connectors.find(({ provider }) => provider === "tink")?.id ?? "-"),
      ),
    ).toBe(true);
    const compared = await run(sandbox, "--connector", "Tink", "--compare", file, "--no-link");
    expect(compared).toEqual({ code: 0, output: expect.stringContaining("\nNo difference\n") });
  });
});

describe("its own users are deleted", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("when %s interrupts it", async (signal) => {
    await using sandbox = await startSandbox();
    const before = stateOf(sandbox);
    using _ = sandbox.fault(({ path }) => path === "/accounts", { delayMs: 300 });
    await using command = start(sandbox, "--compare");
    await expect.poll(() => sandbox.world.people.length).toBe(before.people.length + 6);
    // As a Ctrl-C comes by npm: from the terminal, and from npm.
    command.kill(signal);
    command.kill(signal);
    expect([await command.exit, command.output()]).toEqual([1, expect.stringMatching(/\ninterrupted\n$/)]);
    expect(stateOf(sandbox)).toEqual(before);
  });

  test("unless a second signal ends it at once", async () => {
    await using sandbox = await startSandbox();
    using _ = sandbox.fault(({ method }) => method === "DELETE", { delayMs: 15_000 });
    await using command = start(sandbox, "--compare");
    await command.waitFor(/^Sending/m);
    let code: number | null | undefined;
    void command.exit.then((one) => {
      code = one;
    });
    const press = () => {
      command.kill("SIGINT");
      return code;
    };
    await expect.poll(press, { interval: 200 }).toBe(1);
    expect(command.output()).toMatch(/press again to end at once\n$/);
  });

  test("when the stack stops to answer", async () => {
    await using sandbox = await startSandbox();
    const before = stateOf(sandbox);
    using _ = sandbox.fault(({ path }) => path === "/payments/abc", { reset: true });
    const { code, output } = await run(sandbox, "--compare");
    expect([code, output]).toEqual([1, expect.stringMatching(/\n"payment malformed": no answer \(\w+\)\n$/)]);
    expect(stateOf(sandbox)).toEqual(before);
  });

  test("or may be left, and it says so, where the stack does not answer a creation", async () => {
    await using sandbox = await startSandbox();
    using _ = sandbox.fault(
      ({ method, path, body }) => method === "POST" && path === "/payment-service-users" && body !== "{",
      { reset: true },
    );
    const { code, output } = await run(sandbox, "--compare");
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(
        /^Creating a user: no answer \(\w+\); the stack may have made a user that nobody deletes\n$/,
      ),
    ]);
  });

  test("or named, where the stack does not delete them", async () => {
    await using sandbox = await startSandbox();
    using _ = sandbox.fault(
      ({ method, path }) => method === "DELETE" && /^\/payment-service-users\/(?!0000)[\da-f-]{36}$/.test(path),
      { reset: true },
    );
    const file = join(folder, "left.json");
    const { code, output } = await run(sandbox, "--no-link", "--out", file);
    const left = sandbox.world.people.filter(({ name }) => ["Fixture", "Bare", "Zoe"].includes(name));
    expect([code, left.length]).toEqual([1, 6]);
    for (const { id } of left) expect(output).toContain(id);
    expect(readRecording(file).length).toBeGreaterThan(100);
  });
});

describe("one line says what is wrong with", () => {
  const good = { FORMANCE_CLIENT_ID: "c", FORMANCE_CLIENT_SECRET: "not-the-s3cr3t" };
  const nowhere = "http://127.0.0.1:1";
  test.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ["no URL", ["--compare"], good, /^the URL of a stack is required: /],
    ["what is no URL", ["stack", "--compare"], good, /^FORMANCE_API_URL must/],
    [
      "no credentials",
      [nowhere, "--compare"],
      {},
      /^FORMANCE_CLIENT_ID and FORMANCE_CLIENT_SECRET, or FORMANCE_TOKEN, are required$/,
    ],
    ["an unknown option", [nowhere, "--compere"], good, /^Unknown option '--compere'/],
    ["a URL where nobody is, without an option", [nowhere], good, /^url: nobody takes connections there /],
    ["a third argument", [nowhere, "a", "b", "--compare"], good, /^Unexpected argument 'b': see --help\.$/],
    [
      "a redirect URL that is none",
      [nowhere, "--compare", "--redirect-url", "x"],
      good,
      /^--redirect-url must be a URL$/,
    ],
    ["a folder that is not there", [nowhere, "--out", "no/where.json"], good, /^--out must be in a folder /],
    ["a file that is not there", [nowhere, "--compare", "nope.json"], good, /^nope\.json cannot be read \(ENOENT\)$/],
    ["a file that is no recording", [nowhere, "--compare", "package.json"], good, /^package\.json is no recording: /],
    ["a URL where nobody is", [nowhere, "--compare"], good, /^url: nobody takes connections there \(ECONNREFUSED\)\. /],
  ])("%s", async (_case, args, env, line) => {
    await using command = runScript("record", args, env);
    const code = await command.exit;
    const output = command.output();
    expect([code, output.trimEnd().split("\n").length]).toEqual([1, 1]);
    expect(output.trimEnd()).toMatch(line);
    expect(output).not.toContain("not-the-s3cr3t");
  });

  test("credentials that the stack does not know", async () => {
    await using sandbox = await startSandbox();
    await using command = runScript("record", [sandbox.url, "--compare"], good);
    expect(await command.exit).toBe(1);
    expect(command.output()).toMatch(/^credentials: answer 401 to the request for a token\. .*\n$/);
    expect(command.output()).not.toContain("not-the-s3cr3t");
  });

  test.each([
    ["a stack where users can link nowhere", [], /^the stack has no connector for Powens, Plaid or Tink: .*\n$/],
    [
      "a connector that is not there",
      ["--connector", "Nope"],
      /^the stack has no connector with the id or name that --connector gives\n$/,
    ],
  ])("%s", async (_case, args, line) => {
    await using sandbox = await startSandbox();
    const body = '{"cursor":{"pageSize":15,"hasMore":false,"data":[]}}';
    const headers = { "content-type": "application/json" };
    using _ = sandbox.fault(({ path }) => path === "/connectors", { status: 200, headers, body });
    const before = stateOf(sandbox);
    const { code, output } = await run(sandbox, "--compare", ...args);
    expect([code, output]).toEqual([1, expect.stringMatching(line)]);
    expect(stateOf(sandbox)).toEqual(before);
  });

  test("a link that the bank's user gives up", async () => {
    await using sandbox = await startSandbox({ origin: "https://bank.example.com" });
    const before = stateOf(sandbox);
    await using command = start(sandbox, "--compare");
    const [, token = ""] = await command.waitFor(/https:\/\/bank\.example\.com\/bank\/(\S+)/);
    await visitBank(`${sandbox.url}/bank/${token}`, { decision: "cancel" });
    expect([await command.exit, command.output()]).toEqual([
      1,
      expect.stringMatching(/\nThe link was not completed: it is exited\n$/),
    ]);
    expect(stateOf(sandbox)).toEqual(before);
  });
});

test("--help says how it is used", async () => {
  await using command = runScript("record", ["--help"]);
  expect([await command.exit, command.output()]).toEqual([
    0,
    expect.stringMatching(/^npm run record -- <FORMANCE_API_URL>/),
  ]);
});
