/** Where an embedding program has the gateway's log, metrics and traces go. */

import { createGateway } from "open-banking-graphql-gateway";
import { pino } from "pino";
import { Counter, Registry } from "prom-client";
import { afterAll, describe, expect, it } from "vitest";
import { crm, extend, operator, startExtended } from "./stage.ts";
import { BasicTracerProvider } from "./tracer.ts";

afterAll(() => crm[Symbol.asyncDispose]());

const query = "query Who { viewer { subject } }";
const users = "query Users { paymentServiceUsers(first: 1) { nodes { customer { segment } } } }";

describe("the log", () => {
  it("goes where the program says, as lines of JSON at LOG_LEVEL", async () => {
    const lines: string[] = [];
    await using stage = await startExtended({
      log: { write: (line: string) => void lines.push(line) },
      settings: { LOG_LEVEL: "warn" },
    });
    await stage.send(query);
    expect(lines).toEqual([]);
    stage.gateway.log.warn("of the program's own");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: "of the program's own" }]);
  });

  it("is the program's own logger, at its own level", async () => {
    const lines: string[] = [];
    const log = pino({ level: "info", base: { app: "bank" } }, { write: (line: string) => void lines.push(line) });
    await using stage = await startExtended({ log, settings: { LOG_LEVEL: "silent" } });
    await stage.send(query);
    expect(lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "operation")).toMatchObject([
      { app: "bank", operation: "Who", outcome: "ok" },
    ]);
    stage.gateway.reload();
    expect(log.level).toBe("info");
  });
});

describe("metrics", () => {
  it("are in the program's registry, beside its own, for as long as the gateway runs", async () => {
    const registry = new Registry();
    new Counter({ name: "bank_logins_total", help: "Logins.", registers: [registry] }).inc(7);
    {
      await using stage = await startExtended({ metrics: { registry } });
      await stage.send(users);
      const served = await (await fetch(`${stage.url}/metrics`)).text();
      for (const text of [served, await registry.metrics()]) {
        expect(text).toContain("bank_logins_total 7");
        expect(text).toMatch(/gateway_operations_total\{.*outcome="ok"\} 1/);
        expect(text).toContain('gateway_loader_batch_keys_count{loader="customerByPsu"} 1');
        expect(text).toContain("process_cpu_seconds_total");
      }
      new Counter({ name: "gateway_of_another_kind_total", help: "Later.", registers: [registry] });
      const second = createGateway({ settings: {}, extend, metrics: { registry } });
      await expect(second).rejects.toThrow("metrics.registry has the metrics of a gateway already");
    }
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    expect(names).toEqual(["bank_logins_total", "gateway_of_another_kind_total"]);
  });
});

describe("traces", () => {
  it("go to the program's provider, with the calls of other services, and headers for them", async () => {
    const provider = new BasicTracerProvider();
    await using stage = await startExtended({ tracerProvider: provider });
    const before = crm.requests.length;
    await stage.send(users, { ...operator, traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
    const names = provider.ended.map(({ name }) => name);
    expect(names).toContain("Users");
    expect(names).toContain("load customerByPsu");
    expect(names).toContain("customerByPsu");
    expect(new Set(provider.ended.map(({ traceId }) => traceId))).toEqual(
      new Set(["0af7651916cd43dd8448eb211c80319c"]),
    );
    const call = provider.ended.find(({ name }) => name === "customerByPsu");
    expect(crm.requests[before]?.traceparent).toBe(`00-${call?.traceId}-${call?.spanId}-01`);
  });
});
