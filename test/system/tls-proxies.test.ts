/** The examples of proxies that terminate TLS, run by the real programs in front of a real gateway. */
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "graphql-ws";
import { Agent, fetch } from "undici";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { psuGlobalId } from "../schema/global-ids.ts";
import { makeCertificate } from "../support/certificate.ts";
import { until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";
import { runCommand, startGatewayCommand } from "../support/process.ts";
import { findProgram } from "../support/programs.ts";
import { freePort, isInstalled } from "../support/servers.ts";

const host = "gateway.example.com";
const readExample = (path: string) => readFile(fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url)), "utf8");

type Place = {
  /** Of the gateway. */
  readonly port: number;
  readonly http: number;
  readonly https: number;
  readonly cert: string;
  readonly key: string;
  readonly folder: string;
};

/** The example with this machine's ports and certificate, and the command that serves it. */
type Program = {
  readonly toFiles: (place: Place) => Promise<Record<string, string>>;
  readonly args: readonly string[];
};

const programs: Readonly<Record<"caddy" | "nginx", Program>> = {
  caddy: {
    toFiles: async ({ port, http, https, cert, key }) => {
      const example = await readExample("caddy/Caddyfile");
      const site = example
        .replace(`${host} {`, `${host} {\n\ttls ${cert} ${key}`)
        .replace("127.0.0.1:4000", `127.0.0.1:${port}`);
      return { Caddyfile: `{\n\tadmin off\n\thttp_port ${http}\n\thttps_port ${https}\n}\n${site}` };
    },
    args: ["run", "--adapter", "caddyfile", "--config", "Caddyfile"],
  },
  nginx: {
    toFiles: async ({ port, http, https, cert, key, folder }) => {
      const example = await readExample("nginx/gateway.conf");
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `${name}_temp_path ${folder}/${name};`)
        .join(" ");
      return {
        "gateway.conf": example
          .replace("listen 80;", `listen 127.0.0.1:${http};`)
          .replace("listen 443 ssl http2", `listen 127.0.0.1:${https} ssl http2`)
          .replace("/etc/ssl/gateway/fullchain.pem", cert)
          .replace("/etc/ssl/gateway/privkey.pem", key)
          .replace("127.0.0.1:4000", `127.0.0.1:${port}`),
        "nginx.conf":
          `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr; events {}\n` +
          `http { access_log off; ${temporary} include ${folder}/gateway.conf; }`,
      };
    },
    args: ["-p", ".", "-e", "stderr", "-c", "nginx.conf"],
  },
};

/** The program in front of what listens at a port, by the name that its certificate is for. */
async function startFront(name: keyof typeof programs, port: number) {
  await using starting = new AsyncDisposableStack();
  const certificate = starting.use(await makeCertificate([host]));
  const folder = starting.use(await mkdtempDisposable(join(tmpdir(), `${name}-`)));
  const [http, https] = [await freePort(), await freePort()];
  const key = join(folder.path, "key.pem");
  await writeFile(key, certificate.key);
  const place = { port, http, https, cert: certificate.path, key, folder: folder.path };
  for (const [file, text] of Object.entries(await programs[name].toFiles(place))) {
    await writeFile(join(folder.path, file), text);
  }
  const env = { XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path };
  const command = starting.use(
    runCommand(findProgram(name) ?? name, programs[name].args, {
      cwd: folder.path,
      env: { ...env, HOME: folder.path },
    }),
  );
  const lookup = ((_host: string, _options: object, done: (error: null, addresses: object[]) => void) =>
    done(null, [{ address: "127.0.0.1", family: 4 }])) as never;
  const agent = new Agent({ connect: { ca: certificate.cert, lookup }, headersTimeout: 5000 });
  starting.defer(() => agent.destroy());
  const origin = `https://${host}:${https}`;
  const front = {
    fetch: (path: string, init: Parameters<typeof fetch>[1] = {}) =>
      fetch(origin + path, { ...init, redirect: "manual", dispatcher: agent }),
    plain: (path: string) => fetch(`http://${host}:${http}${path}`, { redirect: "manual", dispatcher: agent }),
    socket: class extends WebSocket {
      constructor(_url: string, protocols: string | string[]) {
        super(`wss://${host}:${https}/graphql`, protocols, { ca: certificate.cert, lookup });
      }
    },
  };
  try {
    await until(async () => (await front.fetch("/").catch(() => null)) !== null);
  } catch {
    throw new Error(`${name} does not answer:\n${command.output()}`);
  }
  const started = starting.move();
  return { ...front, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

const json = { "content-type": "application/json" };

describe.each(["caddy", "nginx"] as const)("the example for %s", (name) => {
  const canRun = isInstalled(name) && isInstalled("openssl");

  it.skipIf(!canRun)(
    "passes queries, event streams and WebSockets to the gateway, each message at once",
    async () => {
      const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
      await using sandbox = await startSandbox({ world });
      using issuer = await startIssuer();
      const authorization = await issuer.bearer({ scope: "payments:read" });
      await using gateway = await startGatewayCommand({
        AUTH_JWKS_URL: (issuer.config as { keys: { url: URL } }).keys.url.href,
        AUTH_ISSUER: "https://issuer.example.com",
        AUTH_AUDIENCE: "gateway",
        FORMANCE_API_URL: sandbox.url,
        FORMANCE_CLIENT_ID: sandbox.clientId,
        FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
        TRUSTED_PROXIES: "1",
      });
      await using front = await startFront(name, Number(new URL(gateway.url).port));

      const query = { query: "{ paymentServiceUsers(first: 1) { nodes { id } } }" };
      const answer = await front.fetch("/graphql", {
        method: "POST",
        headers: { ...json, authorization },
        body: JSON.stringify(query),
      });
      expect([answer.status, await answer.json()]).toMatchObject([200, { data: { paymentServiceUsers: {} } }]);
      expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");

      const [person, connection] = [world.people[0], world.connections[0]];
      const watch = {
        query: "subscription ($psuId: ID!) { connectionChanged(psuId: $psuId) { connection { status } } }",
        variables: { psuId: psuGlobalId(person?.id ?? "") },
      };
      const stream = await front.fetch("/graphql", {
        method: "POST",
        headers: { ...json, authorization, accept: "text/event-stream" },
        body: JSON.stringify(watch),
      });
      let events = "";
      const reading = (async () => {
        for await (const chunk of stream.body ?? []) events += Buffer.from(chunk).toString();
      })().catch(() => {});
      const client = createClient({
        url: "ws://unused",
        webSocketImpl: front.socket,
        connectionParams: { authorization },
      });
      const messages: unknown[] = [];
      const end = client.subscribe(watch, {
        next: (message) => messages.push(message),
        error: (error) => messages.push(error),
        complete: () => {},
      });
      const current = { connectionChanged: { connection: { status: "ACTIVE" } } };
      const changed = { connectionChanged: { connection: { status: "ERROR" } } };
      await until(async () => events.includes(JSON.stringify(current)) && messages.length > 0);
      expect(messages).toEqual([{ data: current }]);
      await fetch(`${sandbox.url}/sandbox/connections/${connection?.connectionID}/disconnect`, { method: "POST" });
      await until(async () => events.includes(JSON.stringify(changed)) && messages.length > 1);
      expect(messages[1]).toEqual({ data: changed });
      end();
      await client.dispose();
      await stream.body?.cancel().catch(() => {});
      void reading;
    },
    60_000,
  );

  it.skipIf(!canRun)(
    "passes these two paths and no other, the body as it is, and one address that no client chooses",
    async () => {
      const seen: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
      const server = createServer(async (request, response) => {
        let body = "";
        for await (const chunk of request) body += chunk;
        seen.push({ path: request.url ?? "", headers: request.headers, body });
        response.writeHead(204).end();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      await using _server = { [Symbol.asyncDispose]: async () => void server.closeAllConnections() };
      server.unref();
      await using front = await startFront(name, (server.address() as AddressInfo).port);
      for (const path of ["/", "/metrics", "/health/ready", "/graphql/", "/graphql/x", "/webhooks/other"]) {
        expect([path, (await front.fetch(path)).status]).toEqual([path, 404]);
      }
      expect(seen).toEqual([]);
      const body = ' {"type" :  "é"}\n';
      const headers = { ...json, "x-forwarded-for": "203.0.113.9", "formance-webhook-signature": "v1,x" };
      const answer = await front.fetch("/webhooks/formance?x=1", { method: "POST", headers, body });
      expect(answer.status).toBe(204);
      expect(seen).toMatchObject([
        { path: "/webhooks/formance?x=1", body, headers: { "formance-webhook-signature": "v1,x" } },
      ]);
      expect(seen[0]?.headers["x-forwarded-for"]).toBe("127.0.0.1");
      const redirect = await front.plain("/graphql");
      expect([301, 308]).toContain(redirect.status);
      expect(redirect.headers.get("location")).toMatch(new RegExp(`^https://${host}(:\\d+)?/graphql$`));
    },
    60_000,
  );
});
