import { execFile } from "node:child_process";
import { mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { promisify } from "node:util";
import { GraphQLError, isObjectType, parse, validate } from "graphql";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { start } from "../../src/app.ts";
import { createAuthenticate } from "../../src/auth/authenticate.ts";
import { readConfig } from "../../src/config/config.ts";
import * as errors from "../../src/errors.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { webhookPath } from "../../src/live/webhook-receiver.ts";
import { toSchema } from "../../src/schema/index.ts";
import { UpstreamError, type UpstreamErrorKind } from "../../src/upstream/errors.ts";
import { graphql } from "../graphql/gql.ts";
import { runEnvironment } from "../support/guard.ts";
import { createTestGateway, psuViewer, startTestGateway, type TestGateway, until } from "../support/helpers.ts";
import { isInstalled } from "../support/servers.ts";
import { blocksOf, documents, root, textOf } from "./documents.ts";

const pagesIn = (folder: string) =>
  [...documents.keys()].filter((path) => posix.dirname(path) === folder).map((path) => posix.basename(path));
const names = pagesIn("docs");
const decisions = pagesIn("docs/decisions");

/** The rows of every table, cell by cell. */
const rowsOf = (path: string): readonly (readonly string[])[] =>
  textOf(path)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));

const operations = names.flatMap((name) =>
  blocksOf(`docs/${name}`, "graphql").map((text) => ({ document: name, text, title: text.split(/[({]/, 1)[0] ?? "" })),
);
/** Its operations are one journey, which has a test of its own. */
const journeyPage = "getting-started.md";

const CreateReader = graphql(`
  mutation CreateReader($input: CreatePaymentServiceUserInput!) {
    createPaymentServiceUser(input: $input) { paymentServiceUser { id psuId } }
  }
`);
const ForwardReader = graphql(`
  mutation ForwardReader($psuId: ID!, $connectorId: ID!) {
    forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) { connector { name } }
  }
`);
const RemoveReader = graphql(`
  mutation RemoveReader($psuId: ID!, $connectorId: ID!) {
    deletePaymentServiceUserConnector(input: { psuId: $psuId, connectorId: $connectorId }) { task { id } }
  }
`);
const LinkReader = graphql(`
  mutation LinkReader($psuId: ID!, $connectorId: ID!) {
    createLink(
      input: { psuId: $psuId, connectorId: $connectorId, applicationName: "A", clientRedirectUrl: "https://app.example.com/" }
    ) {
      link
      attempt { id }
    }
  }
`);
const ReaderBanks = graphql(`
  query ReaderBanks($psuId: ID!) {
    paymentServiceUser(id: $psuId) { connections { id accounts { id name } } }
  }
`);

const metadata = { reader: "4711" };

/** A user who has connected a bank, and every id that an operation of the documents may want. */
async function prepare(gateway: TestGateway) {
  const { world } = gateway.sandbox;
  const connectorOf = (wanted: string) => world.connectors.find(({ provider }) => provider === wanted)?.id ?? "";
  const connectorId = connectorOf("plaid");
  const input = { name: "A reader", contactDetails: { locale: "en_GB" }, address: { country: "GB" }, metadata };
  const { createPaymentServiceUser } = await gateway.run(CreateReader, { input });
  const { id: psuId, psuId: uuid } = createPaymentServiceUser.paymentServiceUser;
  await gateway.run(ForwardReader, { psuId, connectorId });
  const { createLink } = await gateway.run(LinkReader, { psuId, connectorId });
  await visitBank(createLink.link, { decision: "consent" });
  const connection = await until(async () => {
    const [first] = (await gateway.run(ReaderBanks, { psuId })).paymentServiceUser?.connections ?? [];
    return first !== undefined && first.accounts.length > 0 && first;
  });
  const accountId = connection.accounts.find(({ name }) => name === "Credit card")?.id;
  const ids = { psuId, connectorId, connectionId: connection.id, attemptId: createLink.attempt.id, accountId };
  const elsewhere = { psuId, connectorId: connectorOf("tink") };
  await gateway.run(ForwardReader, elsewhere);
  const { task } = (await gateway.run(RemoveReader, elsewhere)).deletePaymentServiceUserConnector;
  return { uuid, variables: { ...ids, taskId: task.id, metadata } };
}

describe("the documents", () => {
  it("are all named in their index", () => {
    for (const name of names) if (name !== "README.md") expect(textOf("docs/README.md")).toContain(`(${name})`);
    for (const name of decisions) {
      if (name !== "README.md") expect(textOf("docs/decisions/README.md")).toContain(`(${name})`);
    }
  });

  it.each(operations)("$document: the schema allows `$title`", ({ text }) => {
    expect(validate(toSchema(), parse(text))).toEqual([]);
  });

  it("show operations that do what is said, for an operator and, but for those on all users, for the user", async () => {
    await using gateway = await startTestGateway();
    const { uuid, variables } = await prepare(gateway);
    await using own = createTestGateway(gateway.sandbox, { viewer: psuViewer(uuid) });
    expect(operations.length).toBeGreaterThan(12);
    // What ends the connection comes last.
    const inOrder = operations
      .filter(({ document }) => document !== journeyPage)
      .toSorted((a, b) => Number(a.text.includes("delete")) - Number(b.text.includes("delete")));
    for (const { text } of inOrder) {
      for (const as of text.includes("paymentServiceUsers") ? [gateway] : [own, gateway]) {
        if (text.includes("delete") && as === gateway) continue; // the user has done it
        if (text.startsWith("subscription")) {
          await using stream = as.subscribe(text, variables);
          expect(await stream.first(1)).toHaveLength(1);
          continue;
        }
        const answer = await as.send(text, variables);
        expect(answer.errors, text).toEqual([]);
      }
    }
  });

  it.skipIf(!isInstalled("curl"))("show shell commands that run", async () => {
    await using sandbox = await startSandbox();
    const settings = {
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    };
    await using gateway = await start(
      readConfig({ ...settings, PORT: "0", LOG_LEVEL: "silent" }),
      pino({ level: "silent" }),
    );
    const commands = names.flatMap((name) => blocksOf(`docs/${name}`, "sh"));
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const script = command
        .replaceAll("https://stack.example.com", sandbox.url)
        .replaceAll(/https:\/\/gateway\.example\.com|http:\/\/127\.0\.0\.1:4000/g, gateway.url);
      const env = { ...runEnvironment(), ...settings };
      const { stdout } = await promisify(execFile)("bash", ["-euc", script], { cwd: root, env });
      expect(stdout, command).toMatch(/"status":"(live|ready)"|ok {7}|NOT_FOUND/);
    }
    expect(sandbox.webhooks.configs).toMatchObject([{ endpoint: gateway.url + webhookPath }]);
  });
});

describe("extending.md", () => {
  it("shows code of the example, which runs in the tests", async () => {
    const folder = join(root, "examples/extended");
    const files = (await readdir(folder)).filter((name) => name.endsWith(".ts"));
    const toLines = (text: string) => text.replaceAll(/^ +/gm, "").trim();
    const sources = await Promise.all(files.map(async (name) => toLines(await readFile(join(folder, name), "utf8"))));
    const blocks = blocksOf("docs/extending.md", "ts");
    expect(blocks.length).toBeGreaterThan(4);
    expect(blocks.filter((block) => !sources.some((source) => source.includes(toLines(block))))).toEqual([]);
  });
});

describe("getting-started.md", () => {
  it("describes a journey that comes true", async () => {
    await using gateway = await startTestGateway();
    const journey = operations.filter(({ document }) => document === journeyPage);
    expect(journey).toHaveLength(9);
    const named = (name: string) => journey.find(({ title }) => title.trim().endsWith(` ${name}`))?.text ?? "";
    const data = async <Data>(name: string, variables: object = {}) => {
      const answer = await gateway.send<Data>(named(name), variables);
      expect(answer.errors).toEqual([]);
      if (answer.data === null) throw new Error(`${name} answered nothing`);
      return answer.data;
    };
    type Node = { id: string };
    type Attempt = { linkAttemptChanged: { status: string } };
    const { connectors } = await data<{ connectors: { nodes: Node[] } }>("Connectors");
    const connectorId = connectors.nodes[0]?.id;
    const created = await data<{ createPaymentServiceUser: { paymentServiceUser: Node } }>("CreateUser");
    const psuId = created.createPaymentServiceUser.paymentServiceUser.id;
    await data("Forward", { psuId, connectorId });
    const { createLink } = await data<{ createLink: { link: string; attempt: Node } }>("CreateLink", {
      psuId,
      connectorId,
    });
    await visitBank(createLink.link, { decision: "consent" });
    await using attempt = gateway.subscribe<Attempt, object>(named("Attempt"), { attemptId: createLink.attempt.id });
    const statuses = (await attempt.all()).map(({ linkAttemptChanged }) => linkAttemptChanged.status);
    expect(statuses.at(-1)).toBe("COMPLETED");
    type Banks = { paymentServiceUser: { connections: { id: string; accounts: { name: string }[] }[] } };
    const connection = await until(async () => {
      const [first] = (await data<Banks>("Banks", { psuId })).paymentServiceUser.connections;
      return first !== undefined && first.accounts.length > 0 && first;
    });
    expect(connection.accounts.map(({ name }) => name)).toContain("Credit card");
    await using banks = gateway.subscribe(named("Connections"), { psuId });
    expect(await banks.first(1)).toMatchObject([{ connectionChanged: { kind: "CURRENT" } }]);
    await data("Repair", { connectionId: connection.id });
    await data("Disconnect", { connectionId: connection.id });
    await until(async () => (await data<Banks>("Banks", { psuId })).paymentServiceUser.connections.length === 0);
  });
});

describe("glossary.md", () => {
  const [, ...parts] = textOf("docs/glossary.md").split(/^## /m);
  const words = parts.map((part) =>
    [...part.matchAll(/^### (.*)\n\n((?:.+\n)+)/gm)].map(([, word = "", text = ""]) => ({ word, text })),
  );

  it("has a heading for each word, in order, with a link to where it matters", () => {
    expect(words.flat().length).toBeGreaterThan(60);
    for (const part of words) {
      const names = part.map(({ word }) => word);
      expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b, "en")));
    }
    expect(words.flat().filter(({ text }) => !text.includes("]("))).toEqual([]);
  });

  it.each(
    Object.values(toSchema().getTypeMap())
      .filter((type) => isObjectType(type) && type.getInterfaces().length > 0)
      .map(({ name }) => name),
  )("explains what a %s is", (type) => {
    const isNamed = words.flat().some(({ word, text }) => word === type || text.includes(`\`${type}\``));
    expect(isNamed).toBe(true);
  });
});

describe("SECURITY.md", () => {
  it("names only tests that are there", async () => {
    const shown = rowsOf("SECURITY.md").map((cells) => cells.at(-1) ?? "");
    const tests = shown.flatMap((cell) => [...cell.matchAll(/`([\w/-]+)`/g)].map(([, name = ""]) => `${name}.test.ts`));
    expect(tests.length).toBeGreaterThan(20);
    const files = new Set(await readdir(join(root, "test"), { recursive: true }));
    expect(tests.filter((name) => !files.has(name))).toEqual([]);
  });
});

describe("money.md", () => {
  it("shows an amount as the gateway does", async () => {
    await using gateway = await startTestGateway();
    const { variables } = await prepare(gateway);
    const [text = ""] = blocksOf("docs/money.md", "graphql");
    type Amounts = { account: { balances: { amount: Record<string, string | number> }[] } };
    const { data } = await gateway.send<Amounts>(text, variables);
    const amount = data?.account.balances[0]?.amount ?? {};
    const shown = Object.fromEntries(
      rowsOf("docs/money.md").flatMap(([field = "", value = ""]) =>
        /^`(?:"|\d+`$)/.test(value) ? [[field.replace(/`|\(.*/g, ""), JSON.parse(value.replaceAll("`", ""))]] : [],
      ),
    );
    const plain = Object.entries(amount).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace("\u00a0", " ") : value,
    ]);
    expect(shown).toEqual(Object.fromEntries(plain));
  });
});

describe("errors.md", () => {
  const rows = rowsOf("docs/errors.md").filter(([code = ""]) => /^`[A-Z_]+`$/.test(code));
  const retryable = new Map(rows.map(([code = "", retry]) => [code.replaceAll("`", ""), retry]));

  it("has a row for each code and for no other", () => {
    expect([...retryable.keys()]).toEqual([...errors.errorCodes]);
  });

  it("says of each whether to try again as the gateway does", () => {
    // The compiler wants every kind.
    const kinds: Record<UpstreamErrorKind, true> = {
      invalid: true,
      "not-found": true,
      conflict: true,
      unauthorized: true,
      "rate-limited": true,
      unavailable: true,
      timeout: true,
      malformed: true,
      cancelled: true,
    };
    const thrown: unknown[] = [
      ...(Object.keys(kinds) as UpstreamErrorKind[]).map((kind) => new UpstreamError(kind, "why")),
      new Error("a fault"),
      ...[errors.badUserInput("a"), errors.notFound("a"), errors.conflict("a", "b"), errors.unauthenticated("a")],
      ...[
        errors.tokenEnded(),
        errors.tokensUncheckable(),
        errors.tooComplex("a", { limit: 1 }),
        errors.notTrusted(),
        errors.persistedQueryNotSupported(),
        errors.overloaded(1),
      ],
      ...[
        errors.forbidden("a"),
        errors.crossSite(),
        errors.foreignHost(null),
        errors.tooManyStreams(),
        errors.rateLimited(1),
      ],
    ];
    const toExtensions = (error: unknown) =>
      errors.toClientError(
        error instanceof GraphQLError ? error : new GraphQLError("", { originalError: error as Error, path: ["a"] }),
        "r",
      ).extensions as { code: string; retryable: boolean };
    const seen = new Set<string>();
    for (const error of thrown) {
      const { code, retryable: isRetryable } = toExtensions(error);
      seen.add(code);
      expect([code, retryable.get(code)]).toEqual([code, isRetryable ? "yes" : "no"]);
    }
    expect(toExtensions(new UpstreamError("timeout", "why", { effect: "unknown" })).retryable).toBe(false);
    expect([...seen].sort()).toEqual([...errors.errorCodes].sort());
  });
});

describe("your-stack.md", () => {
  it("names the types of events that the gateway reads, and no other", () => {
    const listed = blocksOf("docs/your-stack.md", "").find((text) => text.startsWith("payments."));
    expect(listed?.trim().split("\n")).toEqual([...eventTypes]);
  });
});

describe("security.md", () => {
  it("shows how a back end makes tokens that the gateway takes", async () => {
    const [code = ""] = blocksOf("docs/security.md", "ts");
    const [claims = "{}"] = blocksOf("docs/security.md", "json");
    const { psu_id: psuId } = JSON.parse(claims) as { psu_id: string };
    const print = `\nprocess.stdout.write(JSON.stringify({ keys, token: await tokenFor({ id: "a", psuId: "${psuId}" }) }));`;
    const args = ["--input-type=module-typescript", "--eval", code + print];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const { keys, token } = JSON.parse(stdout) as { keys: object; token: string };
    await using folder = await mkdtempDisposable(join(tmpdir(), "docs-"));
    const file = join(folder.path, "jwks.json");
    await writeFile(file, JSON.stringify(keys));
    const { auth } = readConfig({
      AUTH_JWKS_FILE: file,
      AUTH_ISSUER: "https://issuer.example.com",
      AUTH_AUDIENCE: "gateway",
    });
    expect(await createAuthenticate(auth)(`Bearer ${token}`)).toMatchObject({ subject: "a", psuId });
  });
});
