/** A gateway whose only way out is an HTTP proxy: real processes, TLS to a stack by the name that only the proxy knows. */
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { runDoctor } from "../doctor/helpers.ts";
import { makeCertificate } from "../support/certificate.ts";
import { type Certificate, startFaultProxy } from "../support/fault-proxy.ts";
import { until } from "../support/helpers.ts";
import { startHttpProxy } from "../support/http-proxy.ts";
import { startIssuer } from "../support/issuer.ts";
import { post } from "../support/live/clients.ts";
import { runScript, startGatewayCommand } from "../support/process.ts";
import { freePort, isInstalled } from "../support/servers.ts";

const portOf = (url: string | URL) => Number(new URL(url).port);
const credentials = { user: "gateway", password: "p@ss of the proxy" };
const query = { query: "{ connectors { nodes { name } } }" };

/** A sandbox that is known as `stack.test` to the proxy, and to nobody else. */
async function startStage() {
  await using starting = new AsyncDisposableStack();
  const sandbox = starting.use(await startSandbox());
  const certificate = starting.use(await makeCertificate(["stack.test", "issuer.test", "collector.test"]));
  const secure = starting.use(await startFaultProxy(sandbox.url, { tls: certificate }));
  const hosts = { "stack.test:443": portOf(secure.url), "stack.test:80": portOf(sandbox.url) };
  const { clientId, clientSecret } = sandbox;
  const env = {
    FORMANCE_API_URL: "https://stack.test",
    FORMANCE_CLIENT_ID: clientId,
    FORMANCE_CLIENT_SECRET: clientSecret,
    NODE_EXTRA_CA_CERTS: certificate.path,
  };
  const started = starting.move();
  return { sandbox, certificate, hosts, env, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Counts what a collector of traces receives. */
async function startCollector(tls: Certificate) {
  const paths: string[] = [];
  const server = createServer(tls, (request, response) => {
    paths.push(`${request.method} ${request.url}`);
    request.resume().once("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    paths,
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.skipIf(!isInstalled("openssl"))("a gateway behind an HTTP proxy", () => {
  it("reaches the stack, the issuer's keys and the collector through it, with user and password that it never shows", async () => {
    await using stage = await startStage();
    using issuer = await startIssuer();
    using collector = await startCollector(stage.certificate);
    const keys = (issuer.config as { keys: { url: URL } }).keys.url;
    await using secureKeys = await startFaultProxy(keys.origin, { tls: stage.certificate });
    const hosts = {
      ...stage.hosts,
      "issuer.test:443": portOf(secureKeys.url),
      "collector.test:443": collector.port,
    };
    await using proxy = await startHttpProxy({ hosts, credentials });
    await using gateway = await startGatewayCommand({
      ...stage.env,
      HTTPS_PROXY: proxy.url,
      AUTH_JWKS_URL: "https://issuer.test/jwks",
      AUTH_ISSUER: "https://issuer.example.com",
      AUTH_AUDIENCE: "gateway",
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.test",
    });
    const authorization = await issuer.bearer({ sub: "ops", scope: "payments:read" });
    for (let times = 0; times < 20; times += 1) {
      const users = { query: `{ paymentServiceUsers(first: ${1 + times}) { nodes { id } } }` };
      expect(await post(`${gateway.url}/graphql`, users, { authorization })).not.toHaveProperty("errors");
    }
    await until(async () => collector.paths.length > 0);
    expect(collector.paths[0]).toBe("POST /v1/traces");
    expect(new Set(proxy.requests)).toEqual(
      new Set(["CONNECT stack.test:443", "CONNECT issuer.test:443", "CONNECT collector.test:443"]),
    );
    // Tunnels are kept, as connections are.
    expect(stage.sandbox.calls.length).toBeGreaterThanOrEqual(20);
    expect(proxy.requests.filter((one) => one.includes("stack.test")).length).toBeLessThanOrEqual(4);
    gateway.kill("SIGTERM");
    expect(await gateway.exit).toBe(0);
    expect(gateway.output()).not.toMatch(/p@ss|p%40ss|Z2F0ZXdheTpw/);
  }, 30_000);

  it.each([
    ["by http, with whole URLs", "http://stack.test", "HTTP_PROXY", /^(GET|POST) http:\/\/stack\.test\//],
    ["by https, with the setting in lower case", "https://stack.test", "https_proxy", /^CONNECT stack\.test:443$/],
  ])("reaches a stack %s", async (_title, url, name, expected) => {
    await using stage = await startStage();
    await using proxy = await startHttpProxy({ hosts: stage.hosts, credentials });
    await using gateway = await startGatewayCommand({ ...stage.env, FORMANCE_API_URL: url, [name]: proxy.url });
    expect(await post(`${gateway.url}/graphql`, query)).toMatchObject({ data: { connectors: {} } });
    expect(proxy.requests.length).toBeGreaterThan(0);
    for (const request of proxy.requests) expect(request).toMatch(expected);
  });

  it("speaks TLS with a proxy by https", async () => {
    await using stage = await startStage();
    await using proxy = await startHttpProxy({ hosts: stage.hosts, credentials, tls: stage.certificate });
    for (const scheme of ["http", "https"]) {
      const env = { ...stage.env, FORMANCE_API_URL: `${scheme}://stack.test`, [`${scheme}_proxy`]: proxy.url };
      await using gateway = await startGatewayCommand(env);
      expect(await post(`${gateway.url}/graphql`, query)).toMatchObject({ data: { connectors: {} } });
    }
    expect(proxy.requests).toContain("CONNECT stack.test:443");
  });

  it("reaches its embedded sandbox, and a stack that NO_PROXY covers, without it", async () => {
    await using stage = await startStage();
    await using proxy = await startHttpProxy({ hosts: stage.hosts });
    const proxies = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
    await using trial = await startGatewayCommand(proxies);
    expect(await post(`${trial.url}/graphql`, query)).toMatchObject({ data: { connectors: {} } });
    await using gateway = await startGatewayCommand({ ...stage.env, ...proxies, NO_PROXY: "test" });
    await post(`${gateway.url}/graphql`, query);
    expect(await gateway.waitFor(/"cause":"(ENOTFOUND|EAI_AGAIN)"/)).toBeTruthy(); // only the proxy knows the name
    expect(proxy.requests).toEqual([]);
  }, 30_000);

  it.each([
    ["wants other credentials", "https", 407, "UPSTREAM_UNAUTHORIZED", "PROXY_407", "upstream unauthorized"],
    ["wants other credentials", "http", 407, "UPSTREAM_UNAUTHORIZED", "PROXY_407", "upstream unauthorized"],
    ["does not reach the stack", "https", 502, "UPSTREAM_UNAVAILABLE", "PROXY_502", "upstream unavailable"],
    ["lets nobody through", "https", 403, "UPSTREAM_UNAVAILABLE", "PROXY_403", "upstream unavailable"],
    ["is down", "https", null, "UPSTREAM_UNAVAILABLE", "PROXY_ECONNREFUSED", "upstream unavailable"],
    ["is down", "http", null, "UPSTREAM_UNAVAILABLE", "PROXY_ECONNREFUSED", "upstream unavailable"],
  ])(
    "says so where the proxy %s, by %s",
    async (_title, scheme, status, code, cause, reason) => {
      await using stage = await startStage();
      await using proxy = await startHttpProxy({ hosts: stage.hosts });
      const down = `http://127.0.0.1:${await freePort()}`;
      const url = status === null ? down : proxy.url;
      proxy.refuse(status);
      const env = { ...stage.env, FORMANCE_API_URL: `${scheme}://stack.test`, HTTPS_PROXY: url, HTTP_PROXY: url };
      await using gateway = await startGatewayCommand(env);
      const { errors } = await post(`${gateway.url}/graphql`, query);
      expect(errors).toMatchObject([{ extensions: { code } }]);
      expect(await gateway.waitFor(new RegExp(`"cause":"${cause}"`))).toBeTruthy();
      expect(await (await fetch(`${gateway.url}/health/ready`)).json()).toMatchObject({ reason });
      if (status === null) return;
      // It goes on as soon as the proxy does.
      proxy.refuse(null);
      await until(async () => (await post(`${gateway.url}/graphql`, query)).errors === undefined);
    },
    30_000,
  );
});

/** A proxy that begins every answer to CONNECT with this text, and goes on as `next` does. */
async function startHostileProxy(text: string, next: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    socket.once("data", () => {
      socket.write(text);
      next(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => connections,
    open: () => sockets.size,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe("a gateway behind a hostile HTTP proxy", () => {
  it.each([
    [
      "answers byte by byte without end",
      "HTTP/1.1 200 OK\r\n",
      (socket: Socket) => {
        const timer = setInterval(() => socket.write("a: b\r\n"), 100);
        socket.once("close", () => clearInterval(timer));
      },
    ],
    ["speaks into the tunnel", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", () => {}],
    ["stays silent", "", () => {}],
  ])(
    "gives up a connection on which the proxy %s",
    async (_title, text, next) => {
      using proxy = await startHostileProxy(text, next);
      await using gateway = await startGatewayCommand({
        FORMANCE_API_URL: "https://stack.test",
        FORMANCE_CLIENT_ID: "id",
        FORMANCE_CLIENT_SECRET: "not the stack's",
        HTTPS_PROXY: proxy.url,
        OPERATION_TIMEOUT_SECONDS: "1",
      });
      const { errors } = await post(`${gateway.url}/graphql`, query);
      expect(errors).toMatchObject([{ extensions: { code: expect.stringMatching(/^UPSTREAM_/), retryable: true } }]);
      expect(proxy.count()).toBeGreaterThan(0);
      await until(async () => proxy.open() === 0);
    },
    30_000,
  );
});

describe.skipIf(!isInstalled("openssl"))("the recorder behind an HTTP proxy", () => {
  it("records a stack through it", async () => {
    await using stage = await startStage();
    await using proxy = await startHttpProxy({ hosts: stage.hosts, credentials });
    const { FORMANCE_API_URL: url, ...env } = stage.env;
    await using recorder = runScript("record", [url, "--no-link"], { ...env, https_proxy: proxy.url });
    expect(await recorder.waitFor(/Sending \d+ requests/)).toBeTruthy();
    recorder.kill("SIGINT");
    expect(await recorder.exit).toBe(1);
    expect(recorder.output()).toContain("interrupted");
    expect(new Set(proxy.requests)).toEqual(new Set(["CONNECT stack.test:443"]));
  }, 30_000);
});

describe.skipIf(!isInstalled("openssl"))("the doctor behind an HTTP proxy", () => {
  it("checks the stack through it, and names the proxy without its password", async () => {
    await using stage = await startStage();
    await using proxy = await startHttpProxy({ hosts: stage.hosts, credentials });
    const { about } = await runDoctor({ ...stage.env, HTTPS_PROXY: proxy.url });
    const { host } = new URL(proxy.url);
    expect(about("url")).toBe(
      `ok: https://stack.test can be reached through the proxy at ${host}, and its certificate is good `,
    );
    expect(about("connectors")).toMatch(/^ok/);
  }, 30_000);

  it.each([
    ["https", 407, /^failed: the proxy opens no way to it \(PROXY_407\) Look at user and password in HTTPS_PROXY/],
    ["https", 502, /^failed: .*\(PROXY_502\) Look at the spelling of FORMANCE_API_URL, and at the proxy's log/],
    [
      "https",
      403,
      /^failed: .*\(PROXY_403\) Have the proxy of HTTPS_PROXY or HTTP_PROXY let the host in FORMANCE_API_URL/,
    ],
    ["https", null, /^failed: .*\(PROXY_ECONNREFUSED\) Look at host and port in HTTPS_PROXY or HTTP_PROXY/],
    ["http", null, /^failed: .*\(PROXY_ECONNREFUSED\) Look at host and port in HTTPS_PROXY or HTTP_PROXY/],
    ["http", 407, /^failed: answer 407 .* Look at user and password in HTTPS_PROXY or HTTP_PROXY/],
  ])(
    "says what is wrong with it, by %s: %s",
    async (scheme, status, expected) => {
      await using stage = await startStage();
      await using proxy = await startHttpProxy({ hosts: stage.hosts });
      proxy.refuse(status);
      const url = status === null ? `http://127.0.0.1:${await freePort()}` : proxy.url;
      const env = { ...stage.env, FORMANCE_API_URL: `${scheme}://stack.test`, HTTPS_PROXY: url, HTTP_PROXY: url };
      const { about } = await runDoctor(env);
      expect(scheme === "http" && status === 407 ? about("base path") : about("url")).toMatch(expected);
    },
    30_000,
  );

  it("finds a certificate that cannot be trusted behind it", async () => {
    await using stage = await startStage();
    await using proxy = await startHttpProxy({ hosts: stage.hosts });
    const { NODE_EXTRA_CA_CERTS: _, ...env } = stage.env;
    const { about } = await runDoctor({ ...env, HTTPS_PROXY: proxy.url });
    expect(about("url")).toMatch(/^failed: the connection cannot be encrypted .*NODE_EXTRA_CA_CERTS/);
  }, 30_000);
});
