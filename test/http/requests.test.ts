/** HTTP requests that cannot be served, and large ones. */
import { connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Started } from "../../src/app.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { createLogSink } from "../support/record.ts";

let server: Started;
const { lines, write } = createLogSink("socket");
beforeAll(async () => {
  const log = pino({ base: null }, { write });
  server = await start(readConfig({ PORT: "0" }), log);
});
afterAll(() => server[Symbol.asyncDispose]());

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    code: /"code":"(\w+)"/.exec(text)?.[1],
    id: response.headers.get("x-request-id"),
  };
}

const query = (text: string) => JSON.stringify({ query: text });

/** Writes a request by hand and returns the response, up to `last` or the end. */
function raw(text: string, last = /$^/): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
      if (last.test(answer)) socket.destroy();
    });
    socket.on("error", () => {}).on("close", () => resolve(answer));
  });
}

describe("a request that cannot be served", () => {
  it.each([
    ["a document of too many tokens", query(`{${"a: __typename ".repeat(4000)}}`), 200],
    ["lists nested too deep", query(`{ node(id: ${"[".repeat(1900)}) }`), 400],
    ["a body over 256 kB", query(`{ __typename } #${"x".repeat(300_000)}`), 413],
    ["an unknown operation name", JSON.stringify({ query: "query A { __typename }", operationName: "B" }), 400],
  ])("gets BAD_USER_INPUT with its request id: %s", async (_title, body, status) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status, code: "BAD_USER_INPUT" });
    expect(answer.text).toContain(`"requestId":"${answer.id}"`);
    expect(answer.text).toContain(`"retryable":false`);
  });

  it("has no effect when a form of another site could have sent it", async () => {
    const form = new URLSearchParams({
      query: `mutation { createPaymentServiceUser(input: { name: "X" }) { __typename } }`,
    });
    const simple = await fetch(`${server.url}/graphql`, { method: "POST", body: form });
    expect(simple.status).toBe(415);
    const parts = new FormData();
    parts.set("operations", query("{ __typename }"));
    parts.set("map", "{}");
    expect((await fetch(`${server.url}/graphql`, { method: "POST", body: parts })).status).toBe(415);
    expect((await post(query("{ __typename }"), { "content-type": "text/plain" })).status).toBe(415);
    const get = await fetch(`${server.url}/graphql?query=${encodeURIComponent("mutation { __typename }")}`);
    expect(get.status).toBe(405);
  });

  it("is logged without anything that the client wrote", async () => {
    const answer = await fetch(`${server.url}/graphql?query={__typename}&variables=Jane%20Doe`);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("BAD_USER_INPUT")]);
    expect(lines.join("")).not.toContain("Jane");
  });

  it.each(["[", "a b", "x:99999999"])("gets no stack trace when its host is %j", async (host) => {
    const answer = await raw(
      `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain("node_modules");
  });

  it("is answered over HTTP/1.1 when the client offers an upgrade to HTTP/2", async () => {
    const body = query("{ __typename }");
    const head = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__";
    const length = `Content-Type: application/json\r\nContent-Length: ${body.length}`;
    const answer = await raw(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\n${head}\r\n${length}\r\n\r\n${body}`,
      /Query/,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*"__typename":"Query"/);
  });
});

describe("hundreds of large documents", () => {
  it("do not accumulate in memory", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const text = (name: number) => query(`query N${name} { ${"a: __typename ".repeat(900)} }`);
    for (let name = 0; name < 100; name += 1) await post(text(name));
    const before = used();
    for (let name = 100; name < 400; name += 1) await post(text(name));
    expect(used() - before).toBeLessThan(40e6); // each takes more than 1 MB once parsed
  }, 60_000);
});
