import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../../sandbox/server.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { isToken, startFaultProxy } from "../../support/fault-proxy.ts";
import { createTestGateway } from "../../support/helpers.ts";
import { isInstalled } from "../../support/servers.ts";
import {
  operations,
  read,
  type Stage,
  send,
  sendAndRecord,
  shortTimeoutMs,
  startStage,
  tokenRows,
  toOutcomes,
  writes,
} from "./fault-stage.ts";

/** Operations whose first call is the write itself. */
const directWrites = writes.filter(({ name }) => /^(create|forward)/.test(name));
const unavailable = { code: "UPSTREAM_UNAVAILABLE", retryable: true };

/** Refuses connections until disposed. A first read finds that out, so that the gateway has no open connection. */
async function refuse(stage: Stage): Promise<AsyncDisposable> {
  const refusal = await stage.proxy.refuse();
  expect((await send(stage, read)).errors).toHaveLength(1);
  return refusal;
}

describe("a stack that refuses connections", () => {
  it.each([read, ...directWrites])("lets $name fail as retryable: nothing was sent", async (operation) => {
    await using stage = await startStage();
    const before = operation.done(stage);
    await using _refusal = await refuse(stage);
    const [result, calls] = await sendAndRecord(stage, operation);
    expect(toOutcomes(result)).toEqual([unavailable]);
    expect(calls).toEqual([]);
    expect(operation.done(stage)).toBe(before);
  });

  it.each([read, ...directWrites])("for a moment is hidden from $name, which is done once", async (operation) => {
    await using stage = await startStage();
    const before = operation.done(stage);
    const refusal = await refuse(stage);
    const sending = sendAndRecord(stage, operation);
    await wait(10);
    await refusal[Symbol.asyncDispose]();
    const [result, calls] = await sending;
    expect(result.errors).toEqual([]);
    expect(calls).toHaveLength(1);
    if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(1);
  });

  it.each(directWrites)("for a moment and is slow then: the outcome of $name is unknown", async (operation) => {
    await using stage = await startStage({ timeoutMs: shortTimeoutMs });
    const before = operation.done(stage);
    const refusal = await refuse(stage);
    using _fault = stage.proxy.fault({ kind: "latency", ms: 2 * shortTimeoutMs }, operation.call);
    const sending = sendAndRecord(stage, operation);
    await wait(10);
    await refusal[Symbol.asyncDispose]();
    const [result, calls] = await sending;
    expect(toOutcomes(result)).toEqual([{ code: "UPSTREAM_TIMEOUT", retryable: false }]);
    expect(calls).toHaveLength(1);
    expect(operation.done(stage) - before).toBe(1);
  });
});

describe("a token endpoint that fails alone", () => {
  it.concurrent.each(tokenRows)("and $name: reads and writes fail, and none was sent", async (row) => {
    await using stage = await startStage({ hasToken: false, timeoutMs: shortTimeoutMs });
    using _fault = stage.proxy.fault(row.fault, isToken);
    for (const operation of [read, ...directWrites]) {
      const before = operation.done(stage);
      const [result, calls] = await sendAndRecord(stage, operation);
      expect(toOutcomes(result)).toEqual([{ code: row.code, retryable: row.retryable }]);
      expect(calls).toEqual([]);
      expect(operation.done(stage)).toBe(before);
    }
  });

  it.concurrent.each(tokenRows)("and $name does not matter while a token is valid", async ({ fault }) => {
    await using stage = await startStage();
    using _fault = stage.proxy.fault(fault, isToken);
    for (const operation of operations) expect((await send(stage, operation)).errors).toEqual([]);
    expect(stage.proxy.requests.filter(isToken)).toEqual([]);
  });
});

describe("a name that does not resolve", () => {
  it("lets reads and writes fail at once, and none was sent", async () => {
    await using stage = await startStage({ hasToken: false, url: () => new URL("http://stack.invalid") });
    for (const operation of [read, ...directWrites]) {
      const [result, calls] = await sendAndRecord(stage, operation);
      expect(toOutcomes(result)).toEqual([unavailable]);
      expect(calls).toEqual([]);
    }
  });
});

describe.skipIf(!isInstalled("openssl"))("a stack whose TLS fails", () => {
  it("lets reads and writes fail, and none was sent: a self-signed certificate", async () => {
    await using tls = await makeCertificate();
    await using sandbox = await startSandbox();
    await using proxy = await startFaultProxy(sandbox.url, { tls });
    await using gateway = createTestGateway(sandbox, { upstream: { url: proxy.url } });
    for (const document of ["{ connectors { nodes { id } } }", directWrites[0]?.document.toString() ?? ""]) {
      expect(toOutcomes(await gateway.send(document))).toEqual([unavailable]);
    }
    expect(proxy.requests).toEqual([]);
  });

  it("lets reads fail: it speaks no TLS at all", async () => {
    await using sandbox = await startSandbox();
    await using proxy = await startFaultProxy(sandbox.url);
    const url = new URL(proxy.url.href.replace("http:", "https:"));
    await using gateway = createTestGateway(sandbox, { upstream: { url } });
    expect(toOutcomes(await gateway.send("{ connectors { nodes { id } } }"))).toEqual([unavailable]);
    expect(proxy.requests).toEqual([]);
  });
});
