/** Requests of other sites' pages: CSRF, CORS and security headers. */
import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Started } from "../../src/app.ts";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";

const allowed = "https://app.example.com";
const apps = ["capacitor://localhost", "ionic://localhost", "app://obsidian.md"];
const foreign = "https://evil.example";
const silent = pino({ level: "silent" });

let server: Started;
let production: Started;
beforeAll(async () => {
  server = await start(readConfig({ PORT: "0", CORS_ORIGINS: allowed }), silent);
  production = await start(
    readConfig({
      PORT: "0",
      NODE_ENV: "production",
      AUTH: "off",
      FORMANCE_API_URL: "http://x.invalid",
      FORMANCE_TOKEN: "t",
    }),
    silent,
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await production[Symbol.asyncDispose]();
});

type Sent = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** By hand: `fetch` sets some of these headers itself. */
function send(
  { method = "POST", path = "/graphql", headers = {}, body = "" }: Sent,
  to: Pick<Started, "url"> = server,
) {
  const { hostname, port, host } = new URL(to.url);
  const all = { host, connection: "close", "content-length": String(Buffer.byteLength(body)), ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise<{ status: number; head: string; body: string }>((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${method} ${path} HTTP/1.1\r\n${head.join("")}\r\n${body}`),
    );
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const [top = "", ...rest] = answer.split("\r\n\r\n");
      // A body in one chunk is a line between two lines with lengths.
      const [json = ""] = /\{.*\}/s.exec(rest.join()) ?? [];
      resolve({ status: Number(top.split(" ")[1]), head: top.toLowerCase(), body: json });
    });
  });
}

const json = { "content-type": "application/json", accept: "application/json" };
const create = JSON.stringify({
  query: `mutation { createPaymentServiceUser(input: { name: "Mallory" }) { paymentServiceUser { id } } }`,
});
const count = JSON.stringify({ query: "{ paymentServiceUsers(first: 100) { nodes { name } } }" });
const names = async () => (await send({ headers: json, body: count })).body;

describe("a page of another site", () => {
  it.each<[string, Sent]>([
    ["JSON with its origin", { headers: { ...json, origin: foreign } }],
    ["JSON from an opaque page", { headers: { ...json, origin: "null" } }],
    ["text that is JSON", { headers: { "content-type": "text/plain", origin: foreign } }],
    ["text that is JSON, without an origin", { headers: { "content-type": "text/plain" } }],
    ["a body without a type", { headers: {} }],
    ["a body of an odd type", { headers: { "content-type": "application/jsonp" } }],
    ["a form", { headers: { "content-type": "application/x-www-form-urlencoded" } }],
    ["a form with files", { headers: { "content-type": "multipart/form-data; boundary=x" } }],
    ["a document alone", { headers: { "content-type": "application/graphql", "sec-fetch-site": "cross-site" } }],
    ["what a browser calls another site", { headers: { ...json, "sec-fetch-site": "cross-site" } }],
    ["what a browser calls the same site", { headers: { ...json, "sec-fetch-site": "same-site" } }],
  ])("changes nothing with %s", async (_title, sent) => {
    const query = encodeURIComponent(JSON.parse(create).query);
    for (const tried of [
      { ...sent, body: create },
      { ...sent, body: `query=${query}` },
      { ...sent, path: `/graphql?query=${query}`, method: "GET" },
    ]) {
      expect((await send(tried)).status).toBeGreaterThanOrEqual(400);
    }
    expect(await names()).not.toContain("Mallory");
  });

  it("cannot read by a link, an image or a script", async () => {
    for (const [site, dest] of [
      ["cross-site", "image"],
      ["cross-site", "script"],
      ["same-site", "empty"],
    ] as const) {
      const headers = { "sec-fetch-site": site, "sec-fetch-dest": dest, accept: "*/*" };
      const answer = await send({ method: "GET", path: "/graphql?query={viewer{subject}}", headers });
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
        403,
        { errors: [{ extensions: { code: "FORBIDDEN", retryable: false, requestId: expect.any(String) } }] },
      ]);
    }
  });

  it("gets no permission to read from a preflight", async () => {
    const headers = { origin: foreign, "access-control-request-method": "POST" };
    expect((await send({ method: "OPTIONS", headers })).head).not.toMatch(/access-control-allow-origin: (\*|.*evil)/);
  });

  it("reads without cookies when its origin is allowed", async () => {
    const headers = {
      origin: allowed,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    };
    const preflight = await send({ method: "OPTIONS", headers });
    expect(preflight.head).toContain(`access-control-allow-origin: ${allowed}`);
    expect(preflight.head).toMatch(/access-control-allow-headers: .*authorization/);
    const answer = await send({ headers: { ...json, origin: allowed, "sec-fetch-site": "cross-site" }, body: count });
    expect(answer.status).toBe(200);
    expect(answer.head).toContain(`access-control-allow-origin: ${allowed}`);
    expect(answer.head).not.toContain("access-control-allow-credentials: true");
  });

  it("of an app is allowed by its scheme and host, to the letter", async () => {
    await using gateway = await start(readConfig({ PORT: "0", CORS_ORIGINS: apps.join(",") }), silent);
    for (const origin of apps) {
      const headers = { ...json, origin, "sec-fetch-site": "cross-site" };
      const answer = await send({ headers, body: count }, gateway);
      expect([origin, answer.status]).toEqual([origin, 200]);
      expect(answer.head).toContain(`access-control-allow-origin: ${origin}`);
      const preflight = { origin, "access-control-request-method": "POST" };
      expect((await send({ method: "OPTIONS", headers: preflight }, gateway)).head).toContain(
        `access-control-allow-origin: ${origin}`,
      );
    }
    for (const origin of ["capacitor://evil", "ionic://localhost:1", "http://localhost", "capacitor:", "null"]) {
      expect([origin, (await send({ headers: { ...json, origin }, body: count }, gateway)).status]).toEqual([
        origin,
        403,
      ]);
    }
  });

  it("of an app is not the gateway's own because it has the gateway's host", async () => {
    const { host } = new URL(server.url);
    expect((await send({ headers: { ...json, origin: `http://${host}` }, body: count })).status).toBe(200);
    for (const origin of [`capacitor://${host}`, `ftp://${host}`, `ws://${host}`]) {
      expect((await send({ headers: { ...json, origin }, body: count })).status).toBe(403);
    }
  });

  it("is the gateway's own with the scheme's own port in the host, and in any case of letters", async () => {
    for (const [origin, host] of [
      ["http://localhost", "localhost:80"],
      ["https://localhost", "localhost:443"],
      ["http://localhost:4000", "LocalHost:4000"],
    ] as const) {
      expect((await send({ headers: { ...json, origin, host }, body: count })).status).toBe(200);
    }
  });

  it("is refused after DNS rebinding, with AUTH=off too", async () => {
    const rebound = { ...json, host: "evil.example:4000", origin: "http://evil.example:4000" };
    for (const headers of [rebound, { ...rebound, "sec-fetch-site": "same-origin" }]) {
      for (const gateway of [server, production]) {
        expect((await send({ headers, body: count }, gateway)).status).toBe(403);
        expect((await send({ headers, body: create }, gateway)).status).toBe(403);
      }
    }
    for (const host of ["localhost:4000", "127.0.0.1", "[::1]:4000", "gateway.localhost"]) {
      expect((await send({ headers: { ...json, host }, body: count })).status).toBe(200);
      expect((await send({ headers: { ...json, host }, body: count }, production)).status).toBe(200);
    }
  });
});

describe("a host name that is none of this machine", () => {
  const foreignHosts = [
    ...["host.docker.internal", "host.docker.internal:4000", "gateway:4000", "192.168.0.7:4000"],
    ...["evil@localhost", "evil.example/localhost", "0.0.0.0:4000"],
  ];
  const shown = (host: string) => (/[@/]/.test(host) ? "<host>" : host);

  it.each(foreignHosts)("such as %s is refused with words that say what to set", async (host) => {
    for (const gateway of [server, production]) {
      const { status, body } = await send({ headers: { ...json, host }, body: count }, gateway);
      expect(status).toBe(403);
      expect(JSON.parse(body)).toMatchObject({
        errors: [
          {
            message: expect.stringMatching(new RegExp(`localhost.*CORS_ORIGINS: http://${shown(host)}$`)),
            extensions: { code: "FORBIDDEN", retryable: false, requestId: expect.any(String) },
          },
        ],
      });
      const socket = { host, connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
      const key = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol": "graphql-transport-ws" };
      expect((await send({ method: "GET", headers: { ...socket, ...key } }, gateway)).status).toBe(403);
    }
  });

  it("is answered where CORS_ORIGINS names its origin", async () => {
    const origins = "http://host.docker.internal:4000,https://gateway.example.com";
    await using gateway = await start(readConfig({ PORT: "0", CORS_ORIGINS: origins }), silent);
    const ask = async (host: string) => (await send({ headers: { ...json, host }, body: count }, gateway)).status;
    expect(await ask("host.docker.internal:4000")).toBe(200);
    expect(await ask("gateway.example.com")).toBe(200);
    expect(await ask("Gateway.example.com:443")).toBe(200);
    expect(await ask("host.docker.internal")).toBe(403);
    expect(await ask("gateway.example.com:4000")).toBe(403);
    expect(await ask("evil.example")).toBe(403);
  });

  it("is answered where others reach the gateway, and where tokens are checked", async () => {
    const shared = { FORMANCE_API_URL: "http://x.invalid", FORMANCE_TOKEN: "t", PORT: "0" };
    const jwt = { AUTH_ISSUER: "i", AUTH_AUDIENCE: "a", AUTH_JWKS_URL: "http://x.invalid/" };
    for (const [settings, status] of [
      [{ ...shared, AUTH: "off", HOST: "0.0.0.0" }, 200],
      [{ ...shared, ...jwt }, 401],
    ] as const) {
      await using gateway = await start(readConfig(settings), silent);
      const at = { url: gateway.url.replace("0.0.0.0", "127.0.0.1") };
      expect((await send({ headers: { ...json, host: "gateway:4000" }, body: count }, at)).status).toBe(status);
    }
  });
});

describe("a client that is no browser", () => {
  it("is served without an origin", async () => {
    const answer = await send({ method: "GET", path: "/graphql?query={viewer{subject}}", headers: { accept: "*/*" } });
    expect(answer.status).toBe(200);
  });
});

describe("security headers", () => {
  it.each(["/graphql?query={viewer{subject}}", "/health/live", "/nothing", "/webhooks/formance"])(
    "are on %s: no content of its own, no frames, no sniffing",
    async (path) => {
      const { head } = await send({ method: "GET", path, headers: { accept: "application/json" } });
      expect(head).toContain("content-security-policy: default-src 'none';frame-ancestors 'none'");
      expect(head).toContain("x-content-type-options: nosniff");
      expect(head).toContain("x-frame-options: deny");
      expect(head).toContain("referrer-policy: no-referrer");
      expect(head).not.toContain("x-powered-by");
    },
  );

  it("let GraphiQL run its own script and no other, even from a link on another site", async () => {
    const headers = { accept: "text/html", "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" };
    const { status, head } = await send({ method: "GET", headers });
    expect(status).toBe(200);
    expect(head).toMatch(/content-security-policy: default-src 'none'; script-src 'sha256-[^']+';/);
    expect(head).toContain("frame-ancestors 'none'");
    expect(head).toContain("x-frame-options: deny");
  });
});

describe("in production", () => {
  it("there is no GraphiQL, not even from a link on another site", async () => {
    for (const site of ["none", "cross-site"]) {
      const headers = { accept: "text/html", "sec-fetch-site": site, "sec-fetch-dest": "document" };
      expect((await send({ method: "GET", headers }, production)).status).toBeGreaterThanOrEqual(400);
    }
  });

  it.each([
    ["{ __schema { types { name } } }", /introspection/i],
    ['{ __type(name: "Account") { fields { name } } }', /introspection/i],
    ["{ paymentServiceUser(id: 1) { connection } }", /Cannot query field/],
    ["{ acounts { nodes { id } } }", /Cannot query field/],
    ["{ accounts(filter: { typ: INTERNAL }) { nodes { id } } }", /not defined/],
    ["{ accounts(filter: { type: INTERNA }) { nodes { id } } }", /does not exist/],
    ["query ($f: AcountFilter) { accounts(filter: $f) { nodes { id } } }", /Unknown type/],
  ])("%s is refused without suggestions from the schema", async (query, expected) => {
    const { body } = await send({ headers: json, body: JSON.stringify({ query }) }, production);
    expect(body).toMatch(expected);
    expect(body).not.toMatch(/did you mean/i);
  });

  it("an invalid variable is refused without suggestions from the schema", async () => {
    const query =
      "query ($f: AccountFilter, $s: BankConnectionStatus!) { accounts(filter: $f) { nodes { id } } paymentServiceUser(id: 1) { connections(statuses: [$s]) { id } } }";
    for (const variables of [{ f: { typ: "INTERNAL" } }, { f: { type: "INTERNA" } }, { s: "ACTIV" }]) {
      const { body } = await send({ headers: json, body: JSON.stringify({ query, variables }) }, production);
      expect(body).toMatch(/BAD_USER_INPUT/);
      expect(body).not.toMatch(/did you mean/i);
    }
  });

  it("`__typename` still works, because clients use it", async () => {
    const { body } = await send({ headers: json, body: JSON.stringify({ query: "{ __typename }" }) }, production);
    expect(JSON.parse(body)).toEqual({ data: { __typename: "Query" } });
  });
});
