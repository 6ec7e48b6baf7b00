/** POST requests get the same response on the short way as from Yoga, which also handles them. */
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unauthenticated } from "../../src/errors.ts";
import { firstOf } from "../schema/global-ids.ts";
import { unguarded } from "../support/graphql.ts";
import { operator, psuViewer, until } from "../support/helpers.ts";
import { isQuiet, type LiveGateway, startLiveGateway } from "../support/live/clients.ts";

let gateway: LiveGateway;
let psuId: string;
beforeAll(async () => {
  gateway = await startLiveGateway({
    authenticate: async (authorization) => {
      if (authorization === "Bearer operator") return operator;
      if (authorization === `Bearer ${psuId}`) return psuViewer(psuId);
      throw unauthenticated("The token is not valid.");
    },
  });
  psuId = firstOf(gateway.sandbox.world.people).id;
});
afterAll(() => gateway[Symbol.asyncDispose]());

type SentRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly (string | Buffer)[];
};
type Answer = { readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly body: string };

/** Headers of the connection itself. */
const ofConnection = ["date", "connection", "keep-alive", "transfer-encoding", "content-length"];

/** Sends a request; the body of a stream that stays open is its first message. */
function send(path: string, { headers, chunks }: SentRequest, method = "POST"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(gateway.url);
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let body = "";
      const done = () => {
        const shown = { ...response.headers };
        for (const name of ofConnection) delete shown[name];
        // Yoga begins each stream with a comment.
        const isStream = shown["content-type"] === "text/event-stream";
        resolve({ status: response.statusCode, headers: shown, body: isStream ? body.replaceAll(":\n\n", "") : body });
        sent.destroy();
      };
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
        if (/"kind":"CURRENT"[^\n]*\n\n/.test(body)) done();
      });
      response.on("end", done);
    });
    sent.setTimeout(60_000, () => sent.destroy(new Error("There is no response.")));
    sent.on("error", reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

const usual = { "content-type": "application/json", "x-request-id": "given", authorization: "Bearer operator" };

/** With a length, unless it is sent in several parts. */
function toSent(
  body: string | Buffer | readonly (string | Buffer)[],
  headers: Readonly<Record<string, string>> = {},
): SentRequest {
  const chunks = typeof body === "string" || Buffer.isBuffer(body) ? [body] : body;
  const [only] = chunks;
  const length =
    chunks.length === 1 && only !== undefined
      ? { "content-length": String(Buffer.byteLength(only)) }
      : { "transfer-encoding": "chunked" };
  const all: Record<string, string> = { ...length, ...usual, ...headers };
  for (const [name, value] of Object.entries(all)) if (value === "none") delete all[name];
  return { headers: all, chunks: chunks.filter((chunk) => chunk.length > 0) };
}

const toBody = (query: string, more: object = {}) => JSON.stringify({ query, ...more });
const operations: Readonly<Record<string, () => string>> = {
  "a query": () => toBody("{ connectors { nodes { id } } viewer { psuId } }"),
  "a query with errors below": () => toBody('{ a: node(id: "no id") { id } __typename }'),
  "a mutation": () => toBody('mutation { deletePaymentServiceUser(input: { id: "unknown" }) { __typename } }'),
  "a subscription": () => toBody(`subscription { connectionChanged(psuId: "${psuId}") { kind } }`),
  "a subscription that is refused": () => toBody('subscription { connectionChanged(psuId: "unknown") { kind } }'),
  "an invalid document": () => toBody("{"),
  "a document with unknown fields": () => toBody("{ nothing more }"),
  "a query with an invalid variable": () =>
    toBody("query ($first: Int) { connectors(first: $first) { nodes { id } } }", { variables: { first: "one" } }),
};

const accepts: readonly string[] = [
  "none", // of node:http
  "*/*", // of curl, fetch, axios in part
  "application/json, text/plain, */*", // axios
  "application/json",
  "application/json; charset=utf-8",
  "application/graphql-response+json",
  "application/graphql-response+json, application/json", // graphql-request, Relay
  "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", // GraphQL over HTTP
  "application/graphql-response+json,application/json;q=0.9", // Apollo Client 4
  "application/json, application/graphql-response+json",
  "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed", // urql
  "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9", // Apollo Client
  "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9",
  "text/event-stream", // graphql-sse
  "text/event-stream, application/json",
  "application/json, multipart/mixed", // GraphiQL
  "multipart/mixed",
  "text/event-stream, multipart/mixed",
  "application/*",
  "text/*",
  "text/*, application/json",
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", // a browser
  "text/html",
  "application/json;charset=latin1",
  "application/json;charset=latin1, application/graphql-response+json",
  "APPLICATION/JSON",
  " , application/json",
  "application/json;q=0",
];

const tooLong = unguarded.limits.requestBytes + 10;
const name = { query: "{ __typename }" };
const bodies: readonly (readonly [string, string | Buffer | readonly (string | Buffer)[]])[] = [
  ["that is empty", ""],
  ["of no parts", []],
  ["of white space", "  "],
  ["that is cut off", '{"query":'],
  ["that is no object", '"{ __typename }"'],
  ["that is null", "null"],
  ["that is a number", "3"],
  ["that is a list", "[]"],
  ["of several operations", JSON.stringify([name, name])],
  ["without a document", "{}"],
  ["whose document is null", '{"query":null}'],
  ["whose document is a number", '{"query":3}'],
  ["whose document is empty", '{"query":""}'],
  ["whose document is a list", '{"query":["{ __typename }"]}'],
  ["with a byte order mark", `\u{feff}${JSON.stringify(name)}`],
  ["in UTF-16", Buffer.from(JSON.stringify(name), "utf16le")],
  [
    "that is not UTF-8",
    Buffer.concat([Buffer.from('{"query":"{ __typename #'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]),
  ],
  [
    "that is not UTF-8, in an argument",
    Buffer.concat([Buffer.from('{"query":"{ node(id: \\"'), Buffer.from([0xff]), Buffer.from('\\") { id } }"}')]),
  ],
  [
    "with a character that is cut in two",
    [
      Buffer.from('{"query":"{ __typename #\u00e9"}').subarray(0, 25),
      Buffer.from('{"query":"{ __typename #\u00e9"}').subarray(25),
    ],
  ],
  ["with a key twice", '{"query":"{","query":"{ __typename }"}'],
  ["with `__proto__`", '{"query":"{ __typename }","__proto__":{"query":"{"}}'],
  ["with only `__proto__`", '{"__proto__":{"query":"{ __typename }"}}'],
  ["with `constructor`", '{"query":"{ __typename }","constructor":null}'],
  ["with more keys", toBody("{ __typename }", { id: "1" })],
  ["with a key that is null", toBody("{ __typename }", { id: null })],
  [
    "with `__proto__` as a variable",
    '{"query":"query ($__proto__: Int) { connectors(first: $__proto__) { nodes { id } } }","variables":{"__proto__":1}}',
  ],
  [
    "with `__proto__` as a variable that is missing",
    toBody("query ($__proto__: Int) { connectors(first: $__proto__) { nodes { id } } }"),
  ],
  ["with `__proto__` as an alias", toBody("{ __proto__: __typename a: __typename }")],
  ["with `then` and `toJSON` as aliases", toBody("{ then: __typename toJSON: __typename constructor: __typename }")],
  [
    "with a condition variable that is null",
    toBody("query ($on: Boolean = true) { __typename @include(if: $on) }", { variables: { on: null } }),
  ],
  ["whose variables are null", toBody("{ __typename }", { variables: null, operationName: null, extensions: null })],
  ["whose variables are a list", toBody("{ __typename }", { variables: [] })],
  ["whose variables are text", toBody("{ __typename }", { variables: "{}" })],
  ["whose extensions are text", toBody("{ __typename }", { extensions: "" })],
  ["whose operation name is a number", toBody("{ __typename }", { operationName: 3 })],
  ["whose operation name is empty", toBody("{ __typename }", { operationName: "" })],
  ["whose operation is not there", toBody("query A { __typename } query B { __typename }", { operationName: "C" })],
  ["whose operation is not named", toBody("query A { __typename } query B { __typename }")],
  ["whose operation is named", toBody("query A { __typename } query B { b: __typename }", { operationName: "B" })],
  ["of a fragment alone", toBody("fragment F on Query { __typename }")],
  ["with many errors", toBody(`{ ${"nothing ".repeat(200)} }`)],
  ["that is too large to run", toBody(`{ ${Array.from({ length: 60 }, (_, at) => `a${at}: __typename`).join(" ")} }`)],
  ["that is nested deep", `{"query":${"[".repeat(100_000)}`],
  ["that is too long", toBody(`{ __typename } #${"x".repeat(tooLong)}`)],
  ["that is too long, in parts", [toBody(`{ __typename } #${"x".repeat(tooLong)}`), " "]],
  ["that is too long by white space alone, in parts", [toBody("{ __typename }"), " ".repeat(tooLong), " "]],
  ["that is as long as it may be", toBody("{ __typename }").padEnd(unguarded.limits.requestBytes)],
  [
    "that is as long as it may be, in parts",
    [toBody("{ __typename }"), " ".repeat(unguarded.limits.requestBytes - toBody("{ __typename }").length)],
  ],
  ["in many parts", [...toBody("{ __typename }")]],
];

/** The query of the URL that says the same as a body. */
function toTarget(body: string): string {
  const { query, variables } = JSON.parse(body) as { query: string; variables?: object };
  return `/graphql?${new URLSearchParams({ query, ...(variables && { variables: JSON.stringify(variables) }) })}`;
}

const requests: readonly (readonly [string, () => string, Readonly<Record<string, string>>])[] = Object.entries(
  operations,
)
  .filter(([title]) => title !== "a mutation")
  .flatMap(([title, toText]) => [
    // To a browser, GraphiQL is the answer to a GET.
    ...accepts
      .filter((accept) => !accept.includes("text/html"))
      .map((accept) => [`${title}, accepting ${accept}`, toText, { accept }] as const),
    ...["none", "Bearer", "Bearer unknown", "Basic operator"].flatMap((authorization) =>
      ["application/json", "application/graphql-response+json, text/event-stream", "text/event-stream"].map(
        (accept) =>
          [`${title} with the token ${authorization}, accepting ${accept}`, toText, { accept, authorization }] as const,
      ),
    ),
  ]);

describe("a POST of JSON", () => {
  it.each(requests)("gets the same response as a GET, which Yoga handles: %s", async (_title, toText, headers) => {
    const body = toText();
    const get = { headers: toSent("", headers).headers, chunks: [] };
    const [post, other] = await Promise.all([
      send("/graphql", toSent(body, headers)),
      send(toTarget(body), { ...get, headers: { ...get.headers, "content-length": "0" } }, "GET"),
    ]);
    if (post.status === 406 && post.body === "") expect(other.status).toBe(406);
    else expect(post).toEqual(other);
    expect(post.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(post.headers["cache-control"]).toBe("no-store");
  });

  const json = "application/json; charset=utf-8";
  const graphql = "application/graphql-response+json; charset=utf-8";
  const stream = "text/event-stream";

  it.each([
    ["none", json],
    ["*/*", json],
    ["application/*", json],
    ["application/json, text/plain, */*", json],
    ["APPLICATION/JSON", json],
    ["application/graphql-response+json, application/json;q=0.9", graphql],
    ["application/json;q=0.9, application/graphql-response+json", graphql],
    ["application/json;q=0.5, application/graphql-response+json;q=0.4", json],
    ["application/json;q=0, application/graphql-response+json", graphql],
    ["application/json;q=0, */*", stream],
    ["application/json;q=0, text/event-stream;q=0, */*", null],
    ["text/event-stream", stream],
    ["text/*", stream],
    ["text/event-stream;q=0, application/json", json],
    ["text/event-stream;q=0", null],
    ["application/json;q=0", null],
    ["application/json;q=nonsense", null],
    ["application/json;charset=latin1", null],
    ["text/html", null],
    ["multipart/mixed", null],
    ["application/json, multipart/mixed", json],
  ])("that accepts %s is answered as %s", async (accept, type) => {
    const { status, headers, body } = await send("/graphql", toSent(toBody("{ __typename }"), { accept }));
    expect([status, headers["content-type"] ?? null]).toEqual([type === null ? 406 : 200, type]);
    if (type !== null) expect(body).toContain('{"data":{"__typename":"Query"}}');
  });

  it.each([
    ["application/json", 200],
    ["application/json; charset=utf-8", 200],
    ['application/json; charset="UTF-8"', 200],
    ["Application/JSON;Charset=UTF8", 200],
    ["application/graphql+json", 200],
    ["application/json;charset=latin1", 415],
    ["application/json; charset=utf-16", 415],
    ["application/json, text/plain", 415],
    ["application/graphql-response+json", 415],
    ["application/jsonp", 415],
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["multipart/form-data; boundary=x", 415],
    ["none", 415],
  ])("of the type %s is answered with %s", async (type, status) => {
    const answer = await send("/graphql", toSent(toBody("{ __typename }"), { "content-type": type }));
    expect(answer.status).toBe(status);
    if (status === 415) expect(answer.body).toContain('"code":"BAD_USER_INPUT"');
  });

  it("of the type application/graphql is a document", async () => {
    const answer = await send("/graphql", toSent("{ __typename }", { "content-type": "application/graphql" }));
    expect([answer.status, answer.body]).toEqual([200, '{"data":{"__typename":"Query"}}']);
  });

  it.each(["gzip", "deflate", "br", "zstd", "x-unknown"])(
    "in the encoding %s is 415, and says what is accepted",
    async (name) => {
      const answer = await send("/graphql", toSent(toBody("{ __typename }"), { "content-encoding": name }));
      expect([answer.status, answer.headers["accept-encoding"]]).toEqual([415, "identity"]);
      expect(answer.body).toContain('"code":"BAD_USER_INPUT"');
    },
  );

  /** Of bodies that are no success, the status for clients of GraphQL's own media type. */
  const refused: Readonly<Record<string, number>> = Object.fromEntries(
    [
      [400, "that is empty|of no parts|of white space|that is cut off|that is no object|that is null|that is a number"],
      [
        400,
        "that is a list|of several operations|without a document|whose document is null|whose document is a number",
      ],
      [
        400,
        "whose document is empty|whose document is a list|in UTF-16|that is not UTF-8|that is not UTF-8, in an argument",
      ],
      [400, "with a character that is cut in two|with only `__proto__`|with more keys|whose variables are a list"],
      [400, "whose variables are text|whose extensions are text|whose operation name is a number|with many errors"],
      [400, "whose operation is not there|whose operation is not named|of a fragment alone|that is too large to run"],
      [400, "that is nested deep|with `__proto__`"],
      [413, "that is too long|that is too long, in parts|that is too long by white space alone, in parts"],
    ].flatMap(([status, titles]) =>
      String(titles)
        .split("|")
        .map((title) => [title, Number(status)]),
    ),
  );

  it.each(bodies)(
    "with a body %s has the status that it should, and a code where it is refused",
    async (title, body) => {
      const status = refused[title] ?? 200;
      const answer = await send("/graphql", toSent(body, { accept: "application/graphql-response+json" }));
      expect([answer.status, answer.body.includes('"data":')]).toEqual([status, status === 200]);
      if (status !== 200) expect(answer.body).toMatch(/"code":"(BAD_USER_INPUT|QUERY_TOO_COMPLEX)"/);
      const stream = await send("/graphql", toSent(body, { accept: "text/event-stream" }));
      expect(stream.status).toBe(status === 400 ? 200 : status);
    },
  );
});

/** Writes to a new connection, and reads up to `last` or its end. */
function exchange(text: string, last: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(text));
    socket.setTimeout(60_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      got += chunk.toString();
      if (last.test(got)) socket.destroy();
    });
    socket.on("error", () => {}).on("close", () => resolve(got));
  });
}

const subscription = () => operations["a subscription"]?.() ?? "";
const head = (path: string, more: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer operator\r\nContent-Type: application/json\r\n${more}\r\n`;
const toRequest = (path: string, body: string, more = "") =>
  head(path, `${more}Content-Length: ${body.length}\r\n`) + body;

describe("a connection", () => {
  it("continues after a body that was too long", async () => {
    const body = toBody("{ __typename }").padEnd(tooLong * 4);
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const text =
      head("/graphql", "Transfer-Encoding: chunked\r\n") + chunked + toRequest("/graphql", toBody("{ __typename }"));
    expect(await exchange(text, /"Query"/)).toMatch(/^HTTP\/1\.1 413 [\s\S]*HTTP\/1\.1 200 [\s\S]*"Query"/);
  });

  it("runs nothing when it ends within a body", async () => {
    const before = gateway.sandbox.calls.length;
    const text = toRequest("/graphql", toBody("{ connectors { nodes { id } } }"));
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(text.slice(0, -5)));
    const log = gateway.lines.length;
    await until(async () => socket.bytesWritten > 0);
    await send("/graphql", toSent(toBody("{ __typename }")));
    socket.destroy();
    await send("/graphql", toSent(toBody("{ __typename }")));
    expect(gateway.sandbox.calls).toHaveLength(before);
    expect(gateway.lines.slice(log).join("")).not.toMatch(/"level":[56]0/);
  });

  it("ends all the streams that were requested on it at once when it ends", async () => {
    const text = toRequest("/graphql", subscription(), "Accept: text/event-stream\r\n").repeat(5);
    expect(await exchange(text, /CURRENT/)).toContain("CURRENT");
    await until(() => isQuiet(gateway));
  });
});

describe("a subscription of a client that accepts no stream", () => {
  const get = () => `/graphql?query=${encodeURIComponent(JSON.parse(subscription()).query)}`;
  it.each([
    ["by POST", () => toRequest("/graphql", subscription(), "Accept: application/json\r\n")],
    [
      "by GET",
      () =>
        `GET ${get()} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer operator\r\nAccept: application/json\r\n\r\n`,
    ],
  ])("is refused, and opens no stream: %s", async (_title, toText) => {
    const got = await exchange(toText(), /accept text/);
    expect(got).toMatch(/^HTTP\/1\.1 406 /);
    expect(got).toContain("accept text/event-stream");
    expect(gateway.live.watchers.size.streams).toBe(0);
  });
});
