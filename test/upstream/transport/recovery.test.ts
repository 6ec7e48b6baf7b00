import dns from "node:dns";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../../sandbox/server.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { isToken, startFaultProxy } from "../../support/fault-proxy.ts";
import { startGatewayCommand } from "../../support/process.ts";
import { isInstalled } from "../../support/servers.ts";
import {
  failManyReads,
  measureRecovery,
  operations,
  rows,
  send,
  shortTimeoutMs,
  startStage,
  tokenRows,
} from "./fault-stage.ts";

/** Runs alone, since times are measured. */
describe("after the end of a fault", () => {
  it.concurrent.each(rows)("($name) reads succeed again within 2 s", async ({ fault }) => {
    await using stage = await startStage({ timeoutMs: shortTimeoutMs });
    {
      using _fault = stage.proxy.fault(fault());
      await failManyReads(stage);
    }
    expect(await measureRecovery(stage)).toBeLessThan(2000);
    for (const { errors } of await Promise.all(operations.map((operation) => send(stage, operation)))) {
      expect(errors).toEqual([]);
    }
  });
});

describe("a stack that could not be reached", () => {
  it("is used again within 2 s after it accepts connections", async () => {
    await using stage = await startStage({ timeoutMs: shortTimeoutMs });
    const refusal = await stage.proxy.refuse();
    await failManyReads(stage);
    await refusal[Symbol.asyncDispose]();
    expect(await measureRecovery(stage)).toBeLessThan(2000);
  });

  it("is used within 2 s after its name resolves", async () => {
    const { lookup } = dns;
    using _names = { [Symbol.dispose]: () => Object.assign(dns, { lookup }) };
    let isKnown = false;
    const resolve = (name: string, ...rest: unknown[]) =>
      Reflect.apply(lookup, dns, [name === "stack.invalid" && isKnown ? "127.0.0.1" : name, ...rest]);
    Object.assign(dns, { lookup: resolve });
    await using stage = await startStage({
      hasToken: false,
      url: ({ port }) => new URL(`http://stack.invalid:${port}`),
    });
    await failManyReads(stage);
    isKnown = true;
    expect(await measureRecovery(stage)).toBeLessThan(2000);
  });

  it.skipIf(!isInstalled("openssl"))("is used within 2 s after its certificate is replaced", async () => {
    await using trusted = await makeCertificate();
    await using other = await makeCertificate();
    await using sandbox = await startSandbox();
    await using proxy = await startFaultProxy(sandbox.url, { tls: other });
    const { clientId, clientSecret } = sandbox;
    await using gateway = await startGatewayCommand({
      NODE_EXTRA_CA_CERTS: trusted.path,
      FORMANCE_API_URL: proxy.url.href,
      FORMANCE_CLIENT_ID: clientId,
      FORMANCE_CLIENT_SECRET: clientSecret,
    });
    const send = async () => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"query":"{ connectors { nodes { id } } }"}',
      });
      return (await response.json()) as { errors?: readonly { extensions: object }[] };
    };
    for (const { errors } of await Promise.all(Array.from({ length: 30 }, send))) {
      expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
    }
    proxy.certify(trusted);
    const replacedAt = performance.now();
    while ((await send()).errors !== undefined) await wait(50);
    expect(performance.now() - replacedAt).toBeLessThan(2000);
  });
});

describe("a token endpoint that failed alone", () => {
  it.concurrent.each(tokenRows)(
    "and $name is used again within 2 s of its end, and got few requests meanwhile",
    async ({ fault }) => {
      await using stage = await startStage({ hasToken: false, timeoutMs: shortTimeoutMs });
      {
        using _fault = stage.proxy.fault(fault, isToken);
        await failManyReads(stage); // the first ones arrive one by one, as code is compiled and the document checked
        stage.proxy.clear();
        await failManyReads(stage);
        expect(stage.proxy.requests.filter(isToken).length).toBeLessThanOrEqual(5);
      }
      expect(await measureRecovery(stage)).toBeLessThan(2000);
    },
  );
});
