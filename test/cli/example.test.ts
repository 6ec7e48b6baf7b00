/** `npm run example` on a stack: a sandbox that runs by itself. What the front end does is in `test/browser/`. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { installExample } from "../../examples/install.ts";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { type RunningProcess, runScript } from "../support/process.ts";
import { startRewritingProxy } from "../support/rewriting-proxy.ts";

beforeAll(installExample, 120_000);

const settingsOf = ({ url, clientId, clientSecret }: Sandbox) => ({
  FORMANCE_API_URL: url,
  FORMANCE_CLIENT_ID: clientId,
  FORMANCE_CLIENT_SECRET: clientSecret,
});

async function expectFailure(example: RunningProcess, line: RegExp): Promise<void> {
  expect(await example.exit).toBe(1);
  const output = example.output();
  const lines = output.split("\n").filter((text) => text.startsWith("The example cannot run."));
  expect(lines, output).toEqual([expect.stringMatching(line)]);
  expect(output).not.toMatch(/\n\s+at /);
  expect(output).not.toMatch(/s3cr3t/);
}

const postJson = (url: string, body: object, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** The status of a request under another host's name, as a page would send it whose name leads to this machine. */
function statusUnder(host: string, url: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request(url, { headers: { host } }, (response) => {
    response.resume();
    resolve(response.statusCode);
  })
    .once("error", reject)
    .end();
  return promise;
}

describe("npm run example on a stack", () => {
  it("signs the stack's users in on this machine, and shows each their own data", async () => {
    await using sandbox = await startSandbox();
    const settings = {
      ...settingsOf(sandbox),
      AUTH_ISSUER: "i",
      AUTH_AUDIENCE: "a",
      AUTH_JWKS_URL: "http://i.invalid/",
    };
    const example = runScript("example", ["--host", "127.0.0.1", "--port", "0"], settings);
    // Vite is a process of its own, which ends with a signal that the example can take.
    await using cleanUp = new AsyncDisposableStack();
    cleanUp.defer(async () => {
      example.kill("SIGTERM");
      expect(await example.exit).toBe(0);
    });
    const [, url = ""] = await example.waitFor(/The example: +(\S+)\/\n/);
    expect(example.output()).toMatch(new RegExp(`^On the stack at ${sandbox.url} \\(FORMANCE_API_URL\\)\\.\n`));
    expect(example.output()).toContain("FOR DEVELOPMENT ONLY");
    expect(example.output()).not.toMatch(/s3cr3t/);
    expect(await (await fetch(url)).text()).toContain("/src/main.tsx");

    const people = (await (await fetch(`${url}/sandbox/people`)).json()) as { data: { psuId: string; name: string }[] };
    expect(people.data.map(({ name }) => name).toSorted()).toEqual(
      sandbox.world.people.map(({ name }) => name).toSorted(),
    );
    const [person, another] = people.data;
    const signedIn = await postJson(`${url}/sandbox/sign-in`, { psuId: person?.psuId });
    const { access_token: token } = (await signedIn.json()) as { access_token: string };
    const operation = {
      query: `query Own($own: ID!, $other: ID!) {
        own: paymentServiceUser(id: $own) { name }
        other: paymentServiceUser(id: $other) { name }
      }`,
      variables: { own: person?.psuId, other: another?.psuId },
    };
    const answer = await postJson(`${url}/graphql`, operation, { authorization: `Bearer ${token}` });
    expect(await answer.json()).toEqual({ data: { own: { name: person?.name }, other: null } });
    expect((await postJson(`${url}/graphql`, operation)).status).toBe(401);
    expect((await postJson(`${url}/sandbox/sign-in`, { psuId: "ada" })).status).toBe(400);
    expect(await statusUnder("evil.example", `${url}/sandbox/people`)).toBe(403);
  }, 40_000);

  it("refuses to be reached by others, and to run in production", async () => {
    await using sandbox = await startSandbox();
    await using open = runScript("example", ["--host", "0.0.0.0"], settingsOf(sandbox));
    await expectFailure(open, /--host must be localhost or 127\.0\.0\.1/);
    const production = { ...settingsOf(sandbox), NODE_ENV: "production", AUTH: "off" };
    await using earnest = runScript("example", [], production);
    await expectFailure(earnest, /NODE_ENV=production: .* is for development only/);
    expect(sandbox.calls).toEqual([]);
  });

  it("explains in one line what is wrong with the stack", async () => {
    await using sandbox = await startSandbox();
    await using refused = runScript("example", [], { ...settingsOf(sandbox), FORMANCE_CLIENT_SECRET: "s3cr3t-wrong" });
    await expectFailure(refused, /credentials: answer 401 .*does not know FORMANCE_CLIENT_ID/);
    await using half = runScript("example", [], { FORMANCE_API_URL: sandbox.url });
    await expectFailure(half, /FORMANCE_CLIENT_ID and FORMANCE_CLIENT_SECRET, or FORMANCE_TOKEN, are required/);
    await using proxy = await startRewritingProxy("http://127.0.0.1", {
      answer: () => new Response("", { status: 504 }),
    });
    await using down = runScript("example", [], { ...settingsOf(sandbox), FORMANCE_API_URL: proxy.url });
    await expectFailure(down, /base path: answer 504 .*Look whether the payments service is up/);
  });

  it("explains in one line what is wrong with an option", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await Promise.all([
      expectRefusal("web", "--port must be a number from 0 to 65535."),
      expectRefusal(String(port), `--port ${port} cannot be used: it is in use.`),
    ]);
    other.close();
  }, 40_000);
});

async function expectRefusal(port: string, line: string): Promise<void> {
  await using example = runScript("example", ["--host", "127.0.0.1", "--port", port]);
  expect(await example.exit).toBe(1);
  expect(example.output().trimEnd().split("\n").at(-1)).toMatch(new RegExp(`${RegExp.escape(line)}$`));
}
