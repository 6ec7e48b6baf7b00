/** A program's own `authenticate`: who is let in, as whom, and that nobody is by accident. */
import { afterAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { firstOf } from "../schema/global-ids.ts";
import { until } from "../support/helpers.ts";
import { apiKey, codesOf, crm, secretText, startExtended } from "./stage.ts";

afterAll(() => crm[Symbol.asyncDispose]());

const whoAmI = "{ viewer { subject scopes paymentServiceUser { psuId } } }";

/** Opens a socket and says what comes: `connection_ack` with an answer to `whoAmI`, or the code it is closed with. */
async function signIn(url: string, headers: Record<string, string>, payload?: object) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws", { headers });
  try {
    return await new Promise<unknown>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", resolve);
      socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", ...(payload && { payload }) })));
      socket.on("message", (text) => {
        const { type, payload: answer } = JSON.parse(String(text)) as { type: string; payload?: { data?: unknown } };
        if (type === "next") resolve(answer?.data);
        else if (type === "connection_ack") {
          socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: whoAmI } }));
        }
      });
    });
  } finally {
    socket.terminate();
  }
}

describe("authenticate", () => {
  it("reads cookies and keys of requests by HTTP", async () => {
    await using stage = await startExtended();
    const { id } = firstOf(stage.world.people);
    expect((await stage.send(whoAmI, stage.cookieOf(id))).data).toEqual({
      viewer: { subject: id, scopes: [], paymentServiceUser: { psuId: id } },
    });
    expect((await stage.send(whoAmI)).data).toEqual({
      viewer: { subject: "back-office", scopes: ["payments:read"], paymentServiceUser: null },
    });
    const get = await fetch(`${stage.url}/graphql?query=${encodeURIComponent(whoAmI)}`, {
      headers: stage.cookieOf(id),
    });
    expect(await get.json()).toMatchObject({ data: { viewer: { subject: id } } });
  });

  it.each([
    ["no credentials", {}],
    ["a wrong key", { authorization: "ApiKey wrong" }],
    ["a cookie of no session", { cookie: "session=0123" }],
  ])("refuses %s over every transport, before the document is read", async (_kind, headers: Record<string, string>) => {
    await using stage = await startExtended();
    const answer = await stage.send("{ nonsense", headers);
    expect([answer.status, codesOf(answer)]).toEqual([401, ["UNAUTHENTICATED"]]);
    const get = await fetch(`${stage.url}/graphql?query=${encodeURIComponent("{ nonsense")}`, { headers });
    expect(await get.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    expect(await signIn(stage.url, headers)).toBe(4403);
  });

  it("reads the headers of a WebSocket's handshake, and connection_init", async () => {
    await using stage = await startExtended();
    const { id } = firstOf(stage.world.people);
    const user = { viewer: { subject: id, scopes: [], paymentServiceUser: { psuId: id } } };
    expect(await signIn(stage.url, stage.cookieOf(id))).toEqual(user);
    const key = { viewer: { subject: "back-office", scopes: ["payments:read"], paymentServiceUser: null } };
    expect(await signIn(stage.url, {}, { authorization: `ApiKey ${apiKey}` })).toEqual(key);
    await using other = await startExtended({
      authenticate: ({ connectionParams }) =>
        connectionParams?.["ticket"] === "t1" ? { subject: null, psuId: id, scopes: [] } : null,
    });
    expect(await signIn(other.url, {}, { ticket: "t1" })).toMatchObject({ viewer: { subject: null } });
    expect(await signIn(other.url, {}, { ticket: "t2" })).toBe(4403);
  });

  it.each([
    ["a psuId that is no PSU id", { subject: "a", psuId: "7", scopes: ["payments:read"] }, "psuId"],
    ["no psuId", { subject: "a", scopes: ["payments:read"] }, "psuId"],
    ["an empty psuId", { subject: "a", psuId: "", scopes: ["payments:read"] }, "psuId"],
    ["a subject that is no text", { subject: 7, psuId: null, scopes: [] }, "subject"],
    ["scopes as text", { subject: "a", psuId: null, scopes: "payments:read" }, "scopes"],
    ["a scope that is no text", { subject: "a", psuId: null, scopes: ["payments:read", 7] }, "scopes.1"],
    ["an end that is no number", { subject: "a", psuId: null, scopes: [], expiresAt: "soon" }, "expiresAt"],
    ["an end in seconds", { subject: "a", psuId: null, scopes: [], expiresAt: Date.now() / 1000 + 3600 }, "expiresAt"],
    ["nothing", undefined, "viewer"],
    ["true", true, "viewer"],
  ])("lets nobody in by a viewer with %s, and the log says what is wrong", async (_kind, viewer, member) => {
    await using stage = await startExtended({ authenticate: async () => viewer as never });
    expect(codesOf(await stage.send(whoAmI))).toEqual(["UNAUTHENTICATED"]);
    expect(stage.lines.join("")).toContain(`"member":"${member}"`);
    expect(await signIn(stage.url, {})).toBe(4403);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error(secretText);
      },
    ],
    ["throws what JSON.parse throws", () => JSON.parse(secretText)],
    ["rejects", () => Promise.reject(new Error(secretText))],
  ] as const)("lets nobody in when it %s, and shows nothing of why", async (_kind, authenticate) => {
    await using stage = await startExtended({ authenticate });
    const answer = await stage.send(whoAmI);
    expect([answer.data ?? null, codesOf(answer)]).toEqual([null, ["INTERNAL_SERVER_ERROR"]]);
    expect(JSON.stringify([answer, stage.lines])).not.toContain(secretText);
    expect(stage.lines.join("")).toContain('"msg":"unexpected error"');
    expect(await signIn(stage.url, {})).toBe(4403);
  });

  it("takes a PSU id in any spelling, and refuses credentials that have ended", async () => {
    let expiresAt = Date.now() + 60_000;
    const psuId = "0B8F2F3E-58F0-4C37-A1DE-6D4FD3A2D0B1";
    await using stage = await startExtended({ authenticate: () => ({ subject: "a", psuId, scopes: [], expiresAt }) });
    expect(codesOf(await stage.send(whoAmI))).toEqual([]);
    expiresAt = Date.now() - 1;
    expect(codesOf(await stage.send(whoAmI))).toEqual(["UNAUTHENTICATED"]);
  });

  it("ends a socket when the credentials end", async () => {
    await using stage = await startExtended({
      authenticate: () => ({ subject: "a", psuId: null, scopes: [], expiresAt: Date.now() + 1500 }),
    });
    const socket = new WebSocket(`${stage.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    let code = 0;
    socket.on("open", () => socket.send('{"type":"connection_init"}'));
    socket.on("close", (closed) => {
      code = closed;
    });
    await until(async () => code === 4403);
  });

  it("answers under any host name, as it does with tokens", async () => {
    await using stage = await startExtended();
    const { data } = await stage.send("{ viewer { subject } }");
    expect(data).toEqual({ viewer: { subject: "back-office" } });
    expect(stage.lines.join("")).not.toContain("authentication is off");
  });
});
