/** Trusted documents: what runs by its hash, over each transport. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { createTrustedDocuments } from "../../src/engine/trusted-documents.ts";
import { graphql } from "../graphql/gql.ts";
import { unguarded } from "../support/graphql.ts";
import type { ClientError } from "../support/helpers.ts";
import { post, startLiveGateway } from "../support/live/clients.ts";
import { connectRawWebSocket } from "../support/live/raw-websocket.ts";

const TrustedViewer = graphql(`
  query TrustedViewer { viewer { subject } }
`);

const TrustedWatch = graphql(`
  subscription TrustedWatch($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }
`);

const TrustedCreate = graphql(`
  mutation TrustedCreate($name: String!) { createPaymentServiceUser(input: { name: $name }) { paymentServiceUser { name } } }
`);

// As the client preset writes it, out of the documents above and those of all other tests.
const TRUSTED_DOCUMENTS = "test/graphql/persisted-documents.json";
const other = "{ viewer { scopes } }";

async function startTrusting() {
  const { trustedDocuments, introspection } = readConfig({ TRUSTED_DOCUMENTS });
  if (trustedDocuments === null) throw new Error("There is no manifest.");
  const documents = createTrustedDocuments(trustedDocuments, unguarded.schema);
  const gateway = await startLiveGateway({ guards: { trustedDocuments: documents, introspection } });
  return Object.assign(gateway, { psuId: [...gateway.sandbox.world.people][0]?.id ?? "" });
}

const hashOf = (document: { readonly __meta__?: Record<string, unknown> | undefined }) =>
  String(document.__meta__?.["hash"]);
const named = (document: Parameters<typeof hashOf>[0]) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(document) } },
});
const codes = (errors: readonly ClientError[] | undefined) => errors?.map(({ extensions }) => extensions.code);
const refused = ["DOCUMENT_NOT_TRUSTED"];

describe("trusted documents over HTTP", () => {
  it("run by their hash, in either spelling, by POST and by GET", async () => {
    await using gateway = await startTrusting();
    const expected = { data: { viewer: { subject: "operator" } } };
    const hash = hashOf(TrustedViewer);
    expect(await post(gateway.url, named(TrustedViewer))).toEqual(expected);
    expect(await post(gateway.url, { documentId: hash })).toEqual(expected);
    expect(await post(gateway.url, { documentId: hash.replace("sha256:", "") })).toEqual(expected);
    const search = new URLSearchParams({ extensions: JSON.stringify(named(TrustedViewer).extensions) });
    const answer = await fetch(`${gateway.url}?${search}`, { headers: { accept: "application/json" } });
    expect(await answer.json()).toEqual(expected);
  });

  it("take variables and may be mutations", async () => {
    await using gateway = await startTrusting();
    const { data } = await post(gateway.url, { ...named(TrustedCreate), variables: { name: "Ada" } });
    expect(data).toEqual({ createPaymentServiceUser: { paymentServiceUser: { name: "Ada" } } });
  });

  it("are the only ones that run: no other text, no text without a hash, no unknown hash, no hash that is not a string", async () => {
    await using gateway = await startTrusting();
    for (const body of [
      { query: other },
      { query: TrustedViewer.toString() },
      { documentId: "sha256:00" },
      { documentId: "__proto__" },
      { documentId: 7 },
      { extensions: { persistedQuery: { sha256Hash: { toString: "x" } } } },
      { extensions: { persistedQuery: null } },
      { query: "{ __schema { types { name } } }" },
      {},
    ]) {
      const { data, errors } = await post(gateway.url, body);
      expect([data ?? null, codes(errors)]).toEqual([null, refused]);
      expect(errors?.[0]?.extensions).toMatchObject({ retryable: false, requestId: expect.any(String) });
    }
    expect(gateway.sandbox.calls).toEqual([]);
  });

  it("run as the manifest has them when a request has another text beside the hash", async () => {
    await using gateway = await startTrusting();
    const { data } = await post(gateway.url, { query: other, ...named(TrustedViewer) });
    expect(data).toEqual({ viewer: { subject: "operator" } });
  });

  it("are refused when one request has several", async () => {
    await using gateway = await startTrusting();
    const answer = await post(gateway.url, [named(TrustedViewer), { query: other }]);
    expect(answer.data).toBeUndefined();
    expect(codes(answer.errors)).toEqual(["BAD_USER_INPUT"]);
  });
});

describe("trusted documents over SSE", () => {
  it("open a stream by the hash alone", async () => {
    await using gateway = await startTrusting();
    const send = async (body: object) => {
      const answer = await fetch(gateway.url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify(body),
      });
      const reader = answer.body?.getReader();
      let text = "";
      while (!text.includes("data: {")) text += new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
      return text;
    };
    expect(await send({ ...named(TrustedWatch), variables: { psuId: gateway.psuId } })).toContain('"kind":"CURRENT"');
    expect(await send({ query: TrustedWatch.toString(), variables: { psuId: gateway.psuId } })).toContain(refused[0]);
  });
});

describe("trusted documents over WebSocket", () => {
  it("run by the hash alone, and the socket stays open after one that is refused", async () => {
    await using gateway = await startTrusting();
    using socket = await connectRawWebSocket(gateway.url, { answersPings: true });
    socket.send({ type: "connection_init" });
    await socket.next("connection_ack");
    socket.send({ id: "1", type: "subscribe", payload: { query: other } });
    expect(codes((await socket.next("error")).payload as ClientError[])).toEqual(refused);
    socket.send({ id: "2", type: "subscribe", payload: { query: TrustedViewer.toString() } });
    expect(codes((await socket.next("error")).payload as ClientError[])).toEqual(refused);
    socket.send({ id: "3", type: "subscribe", payload: { query: "", ...named(TrustedViewer) } });
    expect((await socket.next("next")).payload).toEqual({ data: { viewer: { subject: "operator" } } });
    const variables = { psuId: gateway.psuId };
    socket.send({ id: "4", type: "subscribe", payload: { query: "", ...named(TrustedWatch), variables } });
    expect((await socket.next("next")).payload).toEqual({ data: { connectionChanged: { kind: "CURRENT" } } });
  });
});

describe("a manifest", () => {
  it("makes the start fail when it has invalid documents, and the error names each", () => {
    const manifest = new Map([
      ["sha256:aa", "{ viewer { subject } }"],
      ["sha256:bb", "{ noSuchField }"],
      ["sha256:cc", "{"],
    ]);
    expect(() => createTrustedDocuments(manifest, unguarded.schema)).toThrow(
      /^TRUSTED_DOCUMENTS: sha256:bb cannot run here: .*noSuchField.*\nTRUSTED_DOCUMENTS: sha256:cc cannot run here: Syntax Error/,
    );
  });

  it("of the client preset has a text for the hash of each typed document", () => {
    const manifest = JSON.parse(readFileSync(TRUSTED_DOCUMENTS, "utf8"));
    for (const document of [TrustedViewer, TrustedWatch, TrustedCreate]) {
      expect(manifest[hashOf(document)]).toContain("Trusted");
    }
  });
});
