/** What a client cannot make the gateway hold or mistake by the body of its request. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { unauthenticated } from "../../src/errors.ts";
import { createParamsReader } from "../../src/http/request-body.ts";
import { fairNow } from "../support/fair-clock.ts";
import { operator, until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";
import { post, startLiveGateway } from "../support/live/clients.ts";
import { startGatewayCommand } from "../support/process.ts";

/** Sends the head of a POST, and a part of its body. */
async function begin(
  url: string,
  length: number,
  part: string | Buffer,
  headers = "",
): Promise<Socket & { got(): string }> {
  const { port } = new URL(url);
  let got = "";
  const socket = connect(Number(port), "127.0.0.1");
  socket
    .on("error", () => {})
    .on("data", (chunk) => {
      got += chunk.toString("latin1");
    });
  await once(socket, "connect");
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}content-length: ${length}\r\n\r\n`,
  );
  socket.write(part);
  return Object.assign(socket, { got: () => got });
}

describe("the body of a caller who is not authenticated", () => {
  it("is not read: the answer comes before it, and the connection is cut soon after", async () => {
    await using gateway = await startLiveGateway({
      authenticate: async () => {
        throw unauthenticated("A bearer token is required.");
      },
    });
    const socket = await begin(gateway.url, 200_000, "{");
    await until(async () => socket.got().startsWith("HTTP/1.1 401 "));
    const startedAt = fairNow();
    await once(socket, "close");
    expect(fairNow() - startedAt).toBeLessThan(3000);
  });
});

describe("a body", () => {
  it("that does not arrive in time is 408", async () => {
    const read = createParamsReader({ maxBytes: 1000, timeoutMs: 50 });
    const request = Object.assign(new PassThrough(), {
      headers: { "content-type": "application/json" },
      complete: false,
    });
    await expect(read(request as never, "203.0.113.1")).rejects.toMatchObject({
      extensions: { http: { status: 408 } },
    });
  });

  it.each([
    ["all that are arriving", ["203.0.113.1", "203.0.113.2"], 900],
    ["those of its address", ["203.0.113.1", "203.0.113.1"], 600],
    ["those of its network", ["2001:db8::1", "2001:db8::2"], 600],
  ] as const)(
    "counts among %s: beyond their bound the oldest is refused as under overload",
    async (_what, addresses, size) => {
      const read = createParamsReader({ maxBytes: 1000, maxTotalBytes: 1500, timeoutMs: 5000 });
      const start = (address: string) => {
        const request = Object.assign(new PassThrough(), {
          headers: { "content-type": "application/json" },
          complete: false,
        });
        return {
          request,
          reading: read(request as never, address).then(
            () => "read",
            (error) => error.extensions.code,
          ),
        };
      };
      const [one, two, three] = [start(addresses[0]), start(addresses[1]), start("198.51.100.1")];
      one.request.write(" ".repeat(size));
      two.request.write(" ".repeat(size));
      expect(await one.reading).toBe("UPSTREAM_UNAVAILABLE");
      two.request.end('{"query":"{a}"}');
      expect(await two.reading).toBe("read");
      three.request.end(`${" ".repeat(900)}{"query":"{a}"}`);
      expect(await three.reading).toBe("read");
    },
  );

  it("of a signed-in caller who holds back hundreds keeps nobody else out", async () => {
    await using gateway = await startLiveGateway({
      authenticate: async () => operator,
      guards: { trustedProxies: 1 },
    });
    const part = Buffer.alloc(250_000, " ");
    const sockets = await Promise.all(
      Array.from({ length: 300 }, () => begin(gateway.url, 262_000, part, "x-forwarded-for: 203.0.113.1\r\n")),
    );
    await until(async () => sockets.filter((socket) => socket.got().startsWith("HTTP/1.1 503 ")).length > 200);
    const slow = await begin(gateway.url, 39, '{"query":"{ viewer', "x-forwarded-for: 203.0.113.2\r\n");
    await new Promise((resolve) => setTimeout(resolve, 100));
    slow.write(' { subject } }"}     ');
    await until(async () => slow.got().startsWith("HTTP/1.1 200 "));
    for (const socket of [...sockets, slow]) socket.destroy();
  });

  it.each([
    ["latin1 text", Buffer.from('{"query":"{ node(id: \\"Jos\u00e9\\") { id } }"}', "latin1")],
    [
      "a surrogate half",
      Buffer.concat([Buffer.from('{"query":"#'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ["an overlong form", Buffer.concat([Buffer.from('{"query":"#'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])],
    ["a character that is cut off", Buffer.from('{"query":"#\u00e9', "utf8").subarray(0, -1)],
  ])("with %s is 400: nothing becomes a replacement character", async (_what, body) => {
    await using gateway = await startLiveGateway();
    const socket = await begin(gateway.url, body.length, body, "connection: close\r\n");
    await once(socket, "close");
    expect(socket.got()).toMatch(/^HTTP\/1\.1 400 /);
    expect(socket.got()).toContain('"code":"BAD_USER_INPUT"');
  });

  it("keeps every character of a user's name", async () => {
    await using gateway = await startLiveGateway({ authenticate: async () => operator });
    const name = "\u{feff}Jos\u00e9 M\u00fcller \u{1f600} \u4e2d\u6587";
    const query = `mutation ($name: String!) {
      createPaymentServiceUser(input: { name: $name }) { paymentServiceUser { name } }
    }`;
    expect(await post(gateway.url, { query, variables: { name } })).toEqual({
      data: { createPaymentServiceUser: { paymentServiceUser: { name } } },
    });
  });
});

const isLinux = process.platform === "linux";

describe.skipIf(!isLinux)("2,500 connections that send 250 kB without a token, and stop", () => {
  it("take less than 100 MB, and a signed-in user is served meanwhile", async () => {
    using issuer = await startIssuer();
    await using sandbox = await startSandbox();
    await using gateway = await startGatewayCommand({
      FORMANCE_API_URL: sandbox.url,
      FORMANCE_CLIENT_ID: sandbox.clientId,
      FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
      AUTH_JWKS_URL:
        issuer.config.kind === "jwt" && issuer.config.keys.kind === "url" ? issuer.config.keys.url.href : "",
      AUTH_ISSUER: "https://issuer.example.com",
      AUTH_AUDIENCE: "gateway",
    });
    const memory = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${gateway.pid}/status`, "utf8"))?.[1]) / 1024;
    const authorization = await issuer.bearer({ sub: "ops", scope: "payments:read" });
    const ask = () => post(`${gateway.url}/graphql`, { query: "{ viewer { subject } }" }, { authorization });
    await ask();
    const before = await memory();
    const part = Buffer.alloc(250_000, " ");
    const sockets: Socket[] = [];
    let most = before;
    for (let at = 0; at < 2500; at += 50) {
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => begin(gateway.url, 262_000, part)))));
      most = Math.max(most, await memory());
      expect(await ask()).toEqual({ data: { viewer: { subject: "ops" } } });
    }
    for (const socket of sockets) socket.destroy();
    expect(most - before).toBeLessThan(100);
  }, 60_000);
});
