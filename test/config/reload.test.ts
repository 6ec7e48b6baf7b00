import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/helpers.ts";
import { post } from "../support/live/clients.ts";
import { connectRawWebSocket } from "../support/live/raw-websocket.ts";
import { startGatewayCommand } from "../support/process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reload-"));
});
afterAll(() => rm(folder, { recursive: true }));

type Line = { readonly msg: string; readonly changed?: string[]; readonly needRestart?: string[]; problems?: string[] };

/** A gateway in a process of its own, whose file of settings holds these. */
async function startReloading(settings: string, env: Record<string, string> = {}) {
  const path = join(folder, `${Math.random()}.env`);
  await writeFile(path, settings);
  const gateway = await startGatewayCommand({ SETTINGS_FILE: path, ...env });
  const readings = () =>
    gateway
      .output()
      .split("\n")
      .filter((line) => line.includes('"msg":"settings were read again'))
      .map((line) => JSON.parse(line) as Line);
  return {
    ...gateway,
    graphql: `${gateway.url}/graphql`,
    /** Writes the file anew, sends the signal, and answers with what the log says of it. */
    async reload(text: string | null): Promise<Line> {
      if (text !== null) await writeFile(path, text);
      const before = readings().length;
      gateway.kill("SIGHUP");
      return until(async () => readings()[before] ?? false);
    },
  };
}

const codeOf = (errors: unknown) =>
  (errors as { extensions: { code: string } }[] | undefined)?.map(({ extensions }) => extensions.code);
const shallow = "{ viewer { subject } }";
const deep = "{ paymentServiceUsers(first: 1) { nodes { connections { status } } } }";
const people = "{ paymentServiceUsers(first: 50) { nodes { id connections { connectionId status } } } }";
type Person = { readonly id: string; readonly connections: { connectionId: string; status: string }[] };

describe("SIGHUP", () => {
  it("leaves streams open: one on a socket still receives a change, while new limits hold for new operations there and over HTTP", async () => {
    await using gateway = await startReloading("MAX_QUERY_DEPTH=9");
    const { data } = await post(gateway.graphql, { query: people });
    const { nodes } = (data as { paymentServiceUsers: { nodes: Person[] } }).paymentServiceUsers;
    const person = nodes.find(({ connections }) => connections.length === 1 && connections[0]?.status === "ACTIVE");
    using socket = await connectRawWebSocket(gateway.graphql, { answersPings: true });
    socket.send({ type: "connection_init" });
    await socket.next("connection_ack");
    const query = "subscription ($psuId: ID!) { connectionChanged(psuId: $psuId) { kind connection { status } } }";
    socket.send({ id: "stream", type: "subscribe", payload: { query, variables: { psuId: person?.id } } });
    const current = { connectionChanged: { kind: "CURRENT", connection: { status: "ACTIVE" } } };
    expect((await socket.next("next")).payload).toEqual({ data: current });
    socket.send({ id: "before", type: "subscribe", payload: { query: deep } });
    expect((await socket.next("next")).payload).toMatchObject({ data: {} });
    await socket.next("complete");

    expect(await gateway.reload("MAX_QUERY_DEPTH=3")).toMatchObject({ changed: ["MAX_QUERY_DEPTH"] });
    socket.send({ id: "after", type: "subscribe", payload: { query: deep } });
    const { id, payload } = await socket.next("next");
    expect([id, codeOf((payload as { errors: unknown }).errors)]).toEqual(["after", ["QUERY_TOO_COMPLEX"]]);
    expect(codeOf((await post(gateway.graphql, { query: deep })).errors)).toEqual(["QUERY_TOO_COMPLEX"]);
    expect((await post(gateway.graphql, { query: shallow })).errors).toBeUndefined();

    const [, sandbox] = /embedded sandbox at (\S+),/.exec(gateway.output()) ?? [];
    const play = `${sandbox}/sandbox/connections/${person?.connections[0]?.connectionId}/disconnect`;
    expect((await fetch(play, { method: "POST" })).ok).toBe(true);
    const changed = { connectionChanged: { connection: { status: "ERROR" } } };
    expect(await socket.next("next")).toMatchObject({ id: "stream", payload: { data: changed } });
  });

  it("bounds a document that was parsed before by the new limit on tokens, and gives it back with the old one", async () => {
    await using gateway = await startReloading("");
    const codes = async () => codeOf((await post(gateway.graphql, { query: shallow })).errors);
    expect(await codes()).toBeUndefined();
    await gateway.reload("MAX_QUERY_TOKENS=3");
    expect(await codes()).toEqual(["BAD_USER_INPUT"]);
    expect(await gateway.reload("")).toMatchObject({ changed: ["MAX_QUERY_TOKENS"] });
    expect(await codes()).toBeUndefined();
  });

  it("bounds a minute by the new rates", async () => {
    await using gateway = await startReloading("MAX_QUERY_COST=2\nRATE_LIMIT_OPERATOR=1000");
    const codes = async () => codeOf((await post(gateway.graphql, { query: shallow })).errors);
    const changed = ["RATE_LIMIT_OPERATOR", "RATE_LIMIT_ADDRESS"];
    expect(await gateway.reload("MAX_QUERY_COST=2\nRATE_LIMIT_OPERATOR=off\nRATE_LIMIT_ADDRESS=3")).toMatchObject({
      changed,
    });
    expect(await codes()).toBeUndefined();
    expect(await codes()).toEqual(["RATE_LIMITED"]);
    await gateway.reload("MAX_QUERY_COST=2\nRATE_LIMIT_OPERATOR=off\nRATE_LIMIT_ADDRESS=off");
    expect(await codes()).toBeUndefined();
  });

  it("changes how much is logged, and says so at the more verbose level", async () => {
    await using gateway = await startReloading("LOG_LEVEL=info");
    const operations = () => gateway.output().split('"msg":"operation"').length - 1;
    await post(gateway.graphql, { query: shallow });
    await until(async () => operations() === 1);
    expect(await gateway.reload("LOG_LEVEL=silent")).toMatchObject({ changed: ["LOG_LEVEL"] });
    await post(gateway.graphql, { query: shallow });
    expect(await gateway.reload("LOG_LEVEL=info")).toMatchObject({ changed: ["LOG_LEVEL"] });
    await post(gateway.graphql, { query: shallow });
    await until(async () => operations() >= 2);
    expect(operations()).toBe(2);
  });

  it("takes nothing from settings of which one is wrong: one line names every problem, and no value", async () => {
    await using gateway = await startReloading("MAX_QUERY_DEPTH=9");
    const wrong = "MAX_QUERY_DEPTH=2\nLOG_LEVEL=hunter2\nMAX_QUERY_COST=hunter2\nMAX_DEPTH=3\nhunter2=1\n";
    expect((await gateway.reload(wrong)).problems).toEqual([
      "SETTINGS_FILE: line 4: MAX_DEPTH is no setting",
      "SETTINGS_FILE: line 5: this is no setting",
      "MAX_QUERY_COST must be a whole number from 1 on",
      "LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent",
    ]);
    expect(gateway.output()).not.toContain("hunter2");
    expect((await post(gateway.graphql, { query: deep })).errors).toBeUndefined();
    expect(await gateway.reload("MAX_QUERY_DEPTH=2")).toMatchObject({ changed: ["MAX_QUERY_DEPTH"] });
    expect(codeOf((await post(gateway.graphql, { query: deep })).errors)).toEqual(["QUERY_TOO_COMPLEX"]);
  });

  it("names what takes effect with a restart only, each time, and takes over the rest", async () => {
    await using gateway = await startReloading("MAX_QUERY_DEPTH=9");
    const settings = "MAX_QUERY_DEPTH=2\nMAX_REQUEST_BYTES=2048\nAUTH_PSU_CLAIM=sub\nLINK_LIFETIME_HOURS=24";
    const needRestart = ["AUTH_PSU_CLAIM", "MAX_REQUEST_BYTES"];
    expect(await gateway.reload(settings)).toMatchObject({ changed: ["MAX_QUERY_DEPTH"], needRestart });
    expect(await gateway.reload(null)).toMatchObject({ changed: [], needRestart });
    const long = { query: shallow, variables: { text: "x".repeat(10_000) } };
    expect((await post(gateway.graphql, long)).errors).toBeUndefined();
  });

  it("leaves a setting alone that the environment holds: it wins over the file", async () => {
    await using gateway = await startReloading("MAX_QUERY_DEPTH=1", { MAX_QUERY_DEPTH: "9" });
    expect((await post(gateway.graphql, { query: deep })).errors).toBeUndefined();
    expect(await gateway.reload("MAX_QUERY_DEPTH=2")).toMatchObject({ changed: [] });
    expect((await post(gateway.graphql, { query: deep })).errors).toBeUndefined();
  });

  it("reads the trusted documents again, without a file of settings, too; one that cannot run changes nothing", async () => {
    const manifest = join(folder, "documents.json");
    const write = (documents: object) => writeFile(manifest, JSON.stringify(documents));
    await write({ first: shallow });
    await using gateway = await startReloading("", { TRUSTED_DOCUMENTS: manifest, SETTINGS_FILE: "" });
    const run = async (documentId: string) => codeOf((await post(gateway.graphql, { documentId })).errors);
    expect([await run("first"), await run("second")]).toEqual([undefined, ["DOCUMENT_NOT_TRUSTED"]]);
    await write({ second: "{ viewer { scopes } }" });
    expect(await gateway.reload(null)).toMatchObject({ changed: ["TRUSTED_DOCUMENTS"] });
    expect([await run("first"), await run("second")]).toEqual([["DOCUMENT_NOT_TRUSTED"], undefined]);
    await write({ first: shallow, third: "{ noSuchField }" });
    expect((await gateway.reload(null)).problems).toEqual([
      expect.stringMatching(/^TRUSTED_DOCUMENTS: third cannot run here: .*noSuchField/),
    ]);
    expect([await run("first"), await run("second")]).toEqual([["DOCUMENT_NOT_TRUSTED"], undefined]);
  });

  it("does not begin or end to trust documents: that takes a restart", async () => {
    const manifest = join(folder, "begun.json");
    await writeFile(manifest, JSON.stringify({ first: shallow }));
    await using gateway = await startReloading("");
    const line = await gateway.reload(`TRUSTED_DOCUMENTS=${manifest}`);
    expect(line).toMatchObject({ changed: [], needRestart: ["TRUSTED_DOCUMENTS"] });
    expect((await post(gateway.graphql, { query: deep })).errors).toBeUndefined();
  });
});
