import { execFileSync, spawn } from "node:child_process";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { runEnvironment } from "../support/guard.ts";
import { freePort, isInstalled } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tenMinutesMs = 600_000;

/** What a newcomer's shell has: their own Node, and nothing of this project's. */
function toShell(port: number): Record<string, string> {
  const { PATH = "", npm_config_cache } = process.env;
  const own = PATH.split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return {
    ...runEnvironment(),
    PATH: own.join(delimiter),
    PORT: String(port),
    npm_config_prefer_offline: "true", // what was downloaded before need not be again
    ...(npm_config_cache !== undefined && { npm_config_cache }),
  };
}

/** Runs a line in a shell, with all that it starts, until disposed. */
function startShell(line: string, cwd: string, env: Record<string, string>) {
  const shell = spawn("bash", ["-c", line], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => shell.once("close", resolve));
  let output = "";
  const waiting = Promise.withResolvers<string>();
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const url = /GraphQL is at (\S+)\/graphql/.exec(output)?.[1];
      if (url !== undefined) waiting.resolve(url);
    });
  }
  void ended.then(() => waiting.reject(new Error(`\`${line}\` ended: ${output}`)));
  return {
    /** Where the gateway listens, once it says so. */
    url: waiting.promise,
    output: () => output,
    async [Symbol.asyncDispose]() {
      waiting.promise.catch(() => {});
      try {
        process.kill(-(shell.pid ?? 0), "SIGTERM");
      } catch {
        // It has ended by itself.
      }
      await ended;
    },
  };
}

type Answer = { readonly data: Record<string, unknown>; readonly errors?: unknown };

const post = (url: string, query: string, variables: object, accept: string) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify({ query, variables }),
  });

/** The messages of a subscription, one by one. Breaking off the loop ends the stream. */
async function* subscribe(url: string, query: string, variables: object): AsyncGenerator<Answer> {
  const { body } = await post(url, query, variables, "text/event-stream");
  let text = "";
  for await (const piece of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += piece;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (\{.*)$/m.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data) as Answer;
    }
  }
}

/** The first value under a path such as `connectors.nodes.0.id`. */
const at = (data: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], data);

/** The variables of the journey's operations, and where each is in an earlier answer. */
const sources = {
  connectorId: "connectors.nodes.0.id",
  psuId: "createPaymentServiceUser.paymentServiceUser.id",
  link: "createLink.link",
  attemptId: "createLink.attempt.id",
  connectionId: "paymentServiceUser.connections.0.id",
};

it.skipIf(!isInstalled("git"))(
  "a newcomer who follows the documents from a fresh clone has a bank's accounts within ten minutes",
  async () => {
    const startedAt = performance.now();
    await using folder = await mkdtempDisposable(join(tmpdir(), "first-steps-"));
    const clone = join(folder.path, "clone");
    execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${root}`, clone]);
    const readme = await readFile(join(clone, "README.md"), "utf8");

    const [, command = ""] = /^(npm ci && npm start)\b/m.exec(readme) ?? [];
    const env = toShell(await freePort());
    await using shell = startShell(command, clone, env);
    const url = await shell.url;
    // An older Node of the machine's own is worth one line, and no warnings of npm's.
    const [, own] = /^v(\d+)/.exec(execFileSync("node", ["--version"], { env, encoding: "utf8" })) ?? [];
    expect(shell.output()).not.toMatch(/EBADENGINE|npm warn/);
    const notices = shell.output().match(/^This is Node .*: npm's scripts here run on Node .*$/gm) ?? [];
    expect(notices).toHaveLength(Number(own) < 24 ? 1 : 0);

    const journey = await readFile(join(clone, "docs/getting-started.md"), "utf8");
    const operations = [...journey.matchAll(/```graphql\n(.*?)```/gs)].map(([, text = ""]) => text);
    const ids: Record<string, unknown> = {};
    const answers: Record<string, unknown>[] = [];
    const learn = (data: Record<string, unknown>) => {
      answers.push(data);
      for (const [name, path] of Object.entries(sources)) ids[name] ??= at(data, path);
    };

    expect(operations).toHaveLength(9);
    for (const text of operations) {
      const names = [...text.matchAll(/\$(\w+): ID!/g)].map(([, name = ""]) => name);
      const variables = Object.fromEntries(names.map((name) => [name, ids[name]]));
      for (const name of names) expect(ids[name], `${name} of ${text}`).toBeTypeOf("string");
      if (text.startsWith("subscription")) {
        for await (const { data, errors } of subscribe(url, text, variables)) {
          expect(errors).toBeUndefined();
          learn(data);
          // The user is at the bank while the page follows the attempt.
          if (at(data, "linkAttemptChanged.status") === "PENDING") {
            await visitBank(String(ids["link"]), { decision: "consent" });
          }
          // This stream has no end of its own: stop once the bank's first data is there.
          if ("connectionChanged" in data && at(data, "connectionChanged.connection.requiredAction") === "NONE") break;
        }
        continue;
      }
      const answer = (await (await post(url, text, variables, "application/json")).json()) as Answer;
      expect(answer.errors, text).toBeUndefined();
      learn(answer.data);
    }

    expect(answers.map((data) => at(data, "linkAttemptChanged.status")).filter(Boolean)).toEqual([
      "PENDING",
      "COMPLETED",
    ]);
    const accounts = answers.map((data) => at(data, "paymentServiceUser.connections.0.accounts")).find(Boolean);
    expect(accounts).toContainEqual(expect.objectContaining({ name: "Credit card" }));
    expect(answers.at(-1)).toMatchObject({ deleteConnection: { deletedId: ids["connectionId"] } });
    expect(performance.now() - startedAt).toBeLessThan(tenMinutesMs);
  },
  tenMinutesMs,
);
