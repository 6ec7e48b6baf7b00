/** The life of a gateway in a program: made, listening, reloaded, closed; and what refuses to start. */

import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { printSchema } from "graphql";
import { ConfigError, createGateway, type GatewayOptions } from "open-banking-graphql-gateway";
import { Registry } from "prom-client";
import { afterAll, describe, expect, it } from "vitest";
import { until } from "../support/helpers.ts";
import { codesOf, crm, extend, startExtended } from "./stage.ts";

afterAll(() => crm[Symbol.asyncDispose]());

const silent = { write: () => {} };
const query = "{ viewer { subject } }";
const deep = "{ paymentServiceUsers(first: 1) { nodes { connections { status } } } }";

describe("a gateway", () => {
  it("shows its schema without listening, and closes with nothing left open", async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length;
    await using gateway = await createGateway({ settings: {}, extend, log: silent });
    expect(printSchema(gateway.schema)).toContain("customer: Customer");
    await gateway.close();
    await gateway.close();
    await expect(gateway.listen()).rejects.toThrow("closed");
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap")).toHaveLength(before);
  });

  it("listens once, answers, and ends when it is disposed of", async () => {
    let url: string;
    {
      await using gateway = await createGateway({ settings: { PORT: "0" }, extend, log: silent });
      url = await gateway.listen();
      await expect(gateway.listen()).rejects.toThrow("listens already");
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    }
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("does not listen where the port is taken, and leaves nothing open", async () => {
    await using taken = await startTaken();
    const listening = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length;
    const before = listening();
    const registry = new Registry();
    const settings = { PORT: String(taken.port) };
    const gateway = await createGateway({ settings, extend, log: silent, metrics: { registry } });
    await expect(gateway.listen()).rejects.toThrow("EADDRINUSE");
    await gateway.close();
    await expect(gateway.listen()).rejects.toThrow("closed");
    expect(registry.getMetricsAsArray()).toEqual([]);
    await until(async () => listening() === before);
  });

  it("closes while it is still starting, before it has answered anything", async () => {
    await using gateway = await createGateway({ settings: { PORT: "0" }, extend, log: silent });
    const [url] = await Promise.all([gateway.listen(), gateway.close()]);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("shares its graph with another one that is extended by the same function, and refuses any other", async () => {
    await using one = await startExtended();
    await using other = await startExtended({ settings: { MAX_QUERY_DEPTH: "3" } });
    expect(codesOf(await one.send(deep))).toEqual([]);
    expect(codesOf(await other.send(deep))).toEqual(["QUERY_TOO_COMPLEX"]);
    for (const options of [{ extend: () => {} }, {}]) {
      const refused = createGateway({ ...options, settings: {}, log: silent });
      await expect(refused).rejects.toThrow("`extend` differs from that of the first gateway in this process");
    }
  });

  it("takes over changed settings, and none where one is wrong", async () => {
    await using stage = await startExtended();
    expect(codesOf(await stage.send(deep))).toEqual([]);
    const settings = { MAX_QUERY_DEPTH: "3" };
    stage.gateway.reload(settings);
    expect(codesOf(await stage.send(deep))).toEqual(["QUERY_TOO_COMPLEX"]);
    // What is no object of settings would be all defaults.
    for (const wrong of [
      { MAX_QUERY_DEPTH: "x", AUTH: "off" },
      { MAX_QUERY_DEPTH: 50 },
      5,
      null,
      [],
      "MAX_QUERY_DEPTH=50",
    ]) {
      expect(() => stage.gateway.reload(wrong as never)).toThrow(ConfigError);
    }
    expect(codesOf(await stage.send(deep))).toEqual(["QUERY_TOO_COMPLEX"]);
    stage.gateway.reload();
    expect(codesOf(await stage.send(deep))).toEqual([]);
  });
});

describe("createGateway", () => {
  const authenticate = () => null;
  const refusals: readonly (readonly [string, Record<string, unknown>, readonly string[]])[] = [
    [
      "authenticate beside settings for tokens",
      { authenticate, settings: { AUTH_ISSUER: "i", AUTH_JWKS_URL: "https://i.example.com/jwks" } },
      ["authenticate excludes AUTH_JWKS_URL, AUTH_ISSUER"],
    ],
    ["authenticate beside AUTH=off", { authenticate, settings: { AUTH: "off" } }, ["authenticate excludes AUTH"]],
    [
      "production without authentication",
      { settings: { NODE_ENV: "production", FORMANCE_API_URL: "https://s.example.com", FORMANCE_TOKEN: "t" } },
      ["AUTH_JWKS_URL or AUTH_JWKS_FILE is required with NODE_ENV=production, or AUTH=off"],
    ],
    [
      "a tracer provider beside a collector",
      { tracerProvider: { getTracer() {} }, settings: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" } },
      ["tracerProvider excludes OTEL_EXPORTER_OTLP_ENDPOINT"],
    ],
    [
      "problems of options and settings at once",
      {
        extends: () => {},
        authenticate: "yes",
        log: 1,
        metrics: {},
        tracerProvider: {},
        plugins: {},
        providers: { acme: { acount: () => ({}) }, Other: {} },
        settings: { PORT: "x" },
      },
      [
        "extends is no option: there are settings, extend, authenticate, plugins, providers, log, metrics, tracerProvider",
        "authenticate must be a function",
        "log must be a pino Logger or a stream",
        "metrics.registry must be a Registry of prom-client",
        "tracerProvider must be a TracerProvider of OpenTelemetry",
        "plugins must be a list",
        "providers.acme.acount: there is no such member, but canLink, needs, owedIsPositive, notesSyncTime, account, payment, linkErrorCode",
        "providers.Other: must be named as the service writes it, in small letters, such as acme",
        "PORT must be a port number",
      ],
    ],
    ["settings that are no text", { settings: { PORT: 4000 } }, ["PORT must be text, as in the environment"]],
    [
      "settings that are no object",
      { settings: "PORT=1" },
      ["settings must be an object of texts, such as process.env"],
    ],
    [
      "plugins with hooks that would never be called",
      {
        plugins: [
          { onExecute() {}, onParse() {} },
          { onPluginInit() {}, onRequest() {} },
          {},
          null,
          new Validator(),
          { onRequest: null },
          { onParams: "no function" },
        ],
      },
      [
        "plugins.0 has onExecute, which would never be called: the gateway's pipeline executes; what a field does belongs into its resolver, by extend",
        "plugins.0 has onParse, which would never be called: documents are parsed and cached by the gateway's pipeline; their text is in onParams",
        "plugins.1 has onPluginInit, which would never be called: only onRequest, onParams, onResponse are",
        "plugins.2 has no hook: onRequest, onParams, onResponse are called",
        "plugins.3 is no plugin",
        "plugins.4 has onValidate, which would never be called: the gateway's pipeline validates; limits are settings, and TRUSTED_DOCUMENTS says which documents run",
        "plugins.5 has no hook: onRequest, onParams, onResponse are called",
        "plugins.6.onParams must be a function",
      ],
    ],
  ];

  it.each(refusals)("refuses %s", async (_kind, options, problems) => {
    const error = await createGateway({ extend, ...options } as GatewayOptions).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message.split("\n")).toEqual(problems);
  });

  it("lets a program have settings of its own", async () => {
    const settings = { PORT: "0", CUSTOMERS_URL: "https://crm.example.com", CRM_KEY: "k" };
    await using gateway = await createGateway({ settings, extend, log: silent });
    expect(gateway.schema.getQueryType()?.name).toBe("Query");
  });

  it("starts in production with authenticate alone", async () => {
    await using stage = await startExtended({ settings: { NODE_ENV: "production" } });
    expect((await stage.send(query)).data).toEqual({ viewer: { subject: "back-office" } });
    expect((await stage.send(query, {})).status).toBe(401);
  });
});

class Validator {
  onValidate() {}
}

async function startTaken(): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
