import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../../../sandbox/server.ts";
import { isInstalled } from "../../live/servers.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { isToken, startFaultProxy } from "../../support/fault-proxy.ts";
import { createTestGateway } from "../../support/helpers.ts";
import {
  lateMs,
  operations,
  read,
  type Stage,
  send,
  sendAndRecord,
  startStage,
  tokenRows,
  toOutcomes,
  writes,
} from "./fault-stage.ts";

/** Those whose first call is the write itself. */
const created = writes.filter(({ name }) => /^(create|forward)/.test(name));
const notThere = { code: "UPSTREAM_UNAVAILABLE", retryable: true };

/** From now on until disposed, of which the gateway knows: it has no connection left that it could try. */
async function refuse(stage: Stage): Promise<AsyncDisposable> {
  const refusal = await stage.proxy.refuse();
  expect((await send(stage, read)).errors).toHaveLength(1);
  return refusal;
}

describe("a stack that refuses connections", () => {
  it.each([read, ...created])("is told to $name, which may be sent again: nothing of it was", async (operation) => {
    await using stage = await startStage();
    const before = operation.done(stage);
    await using _refusal = await refuse(stage);
    const [answer, calls] = await sendAndRecord(stage, operation);
    expect(toOutcomes(answer)).toEqual([notThere]);
    expect(calls).toEqual([]);
    expect(operation.done(stage)).toBe(before);
  });

  it.each([read, ...created])("for a moment is not noticed by $name, which is done once", async (operation) => {
    await using stage = await startStage();
    const before = operation.done(stage);
    const refusal = await refuse(stage);
    const meeting = sendAndRecord(stage, operation);
    await wait(10);
    await refusal[Symbol.asyncDispose]();
    const [answer, calls] = await meeting;
    expect(answer.errors).toEqual([]);
    expect(calls).toHaveLength(1);
    if (operation.kind !== "read") expect(operation.done(stage) - before).toBe(1);
  });

  it.each(created)("for a moment and then is slow leaves it open whether $name was done", async (operation) => {
    await using stage = await startStage({ timeoutMs: lateMs });
    const before = operation.done(stage);
    const refusal = await refuse(stage);
    using _fault = stage.proxy.fault({ kind: "latency", ms: 2 * lateMs }, operation.call);
    const meeting = sendAndRecord(stage, operation);
    await wait(10);
    await refusal[Symbol.asyncDispose]();
    const [answer, calls] = await meeting;
    expect(toOutcomes(answer)).toEqual([{ code: "UPSTREAM_TIMEOUT", retryable: false }]);
    expect(calls).toHaveLength(1);
    expect(operation.done(stage) - before).toBe(1);
  });
});

describe("a token endpoint that is down while the stack is well", () => {
  it.concurrent.each(tokenRows)("and $name is told to reads and writes, of which none was sent", async (row) => {
    await using stage = await startStage({ hasToken: false, timeoutMs: lateMs });
    using _fault = stage.proxy.fault(row.fault, isToken);
    for (const operation of [read, ...created]) {
      const before = operation.done(stage);
      const [answer, calls] = await sendAndRecord(stage, operation);
      expect(toOutcomes(answer)).toEqual([{ code: row.code, retryable: row.retryable }]);
      expect(calls).toEqual([]);
      expect(operation.done(stage)).toBe(before);
    }
  });

  it.concurrent.each(tokenRows)("and $name is not noticed while a token is good", async ({ fault }) => {
    await using stage = await startStage();
    using _fault = stage.proxy.fault(fault, isToken);
    for (const operation of operations) expect((await send(stage, operation)).errors).toEqual([]);
    expect(stage.proxy.requests.filter(isToken)).toEqual([]);
  });
});

describe("a name that does not resolve", () => {
  it("is told at once to reads and writes, of which none was sent", async () => {
    await using stage = await startStage({ hasToken: false, url: () => new URL("http://stack.invalid") });
    for (const operation of [read, ...created]) {
      const [answer, calls] = await sendAndRecord(stage, operation);
      expect(toOutcomes(answer)).toEqual([notThere]);
      expect(calls).toEqual([]);
    }
  });
});

describe.skipIf(!isInstalled("openssl"))("a stack whose TLS fails", () => {
  it("is told to reads and writes, of which none was sent: a certificate of its own making", async () => {
    await using tls = await makeCertificate();
    await using sandbox = await startSandbox();
    await using proxy = await startFaultProxy(sandbox.url, { tls });
    await using gateway = createTestGateway(sandbox, { upstream: { url: proxy.url } });
    for (const document of ["{ connectors { nodes { id } } }", created[0]?.document.toString() ?? ""]) {
      expect(toOutcomes(await gateway.send(document))).toEqual([notThere]);
    }
    expect(proxy.requests).toEqual([]);
  });

  it("is told of one that speaks no TLS at all", async () => {
    await using sandbox = await startSandbox();
    await using proxy = await startFaultProxy(sandbox.url);
    const url = new URL(proxy.url.href.replace("http:", "https:"));
    await using gateway = createTestGateway(sandbox, { upstream: { url } });
    expect(toOutcomes(await gateway.send("{ connectors { nodes { id } } }"))).toEqual([notThere]);
    expect(proxy.requests).toEqual([]);
  });
});
