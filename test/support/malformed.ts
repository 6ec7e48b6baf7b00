import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { createRandom, type Random } from "../../sandbox/random.ts";

/** One of these, drawn anew. */
export function draw<Value>(random: Random, makers: readonly (() => Value)[]): Value {
  return random.pick(makers)();
}

export function chance(random: Random, share: number): boolean {
  return random.float() < share;
}

/** Texts that programs trip over. */
const texts = [
  ..."__proto__ constructor prototype toString hasOwnProperty then length null undefined NaN -1 1e999 0x10".split(" "),
  ...'../../.. ..%2f % %00 %ff %s%n #{7*7} {{7*7}} <script> " \\ \\u0000 2026-13-45 0001-01-01T00:00:00Z'.split(" "),
  ..."00000000-0000-0000-0000-000000000000 UGF5bWVudFNlcnZpY2VVc2VyOng QmFua0Nvbm5lY3Rpb246Ojo6".split(" "),
  ..."|\0|a\0b|\ud800|\udc00\ud800|\u202eabc|\ufeff|\u2028|👩‍👩‍👧|ﷺ|İı|\r\nx: y\r\n\r\n|' or 1=1--| ".split("|"),
  "9".repeat(40),
];

export function oddText(random: Random): string {
  return draw(random, [
    () => random.pick(texts),
    () => random.pick(texts),
    () => random.pick(texts) + random.pick(texts),
    () => random.pick(["x", "é", "😀", "\0", "%41"]).repeat(random.integer(1, 400)),
    () => String.fromCharCode(...Array.from({ length: random.integer(1, 12) }, () => random.integer(0, 0xffff))),
  ]);
}

const nested = (open: string, depth: number, close: string) => open.repeat(depth) + close.repeat(depth);

/** JSON, as text: only so can it hold numbers, keys and depths that no program would write. */
export function oddJson(random: Random): string {
  return draw(random, [
    () => random.pick(["null", "true", "false", "0", "-0", "-1", "1.5", '""', "[]", "{}", "[null]", "[[]]", "[{}]"]),
    () => random.pick(["1e400", "-1e400", "1e-400", "9007199254740993", "9".repeat(400), `0.${"3".repeat(400)}`]),
    () => random.pick(['{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '{"toString":1,"then":2}']),
    () => random.pick(['{"a":1,"a":2}', '{"length":-1}', '{"":{"":{"":[]}}}', '{"type":"object"}', '["a",1,null,{}]']),
    () => JSON.stringify(oddText(random)),
    () => JSON.stringify(oddText(random)),
    () => {
      const depth = random.integer(1, chance(random, 0.05) ? 4000 : 40);
      return chance(random, 0.5) ? nested("[", depth, "]") : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    },
  ]);
}

/** The members of an object, by name, each as JSON text. */
export type Members = Readonly<Record<string, string>>;

export const toObject = (members: Members): string => toJson(Object.entries(members));

/** The object, with one to three things wrong. */
export function oddObject(random: Random, members: Members): string {
  const entries = Object.entries(members);
  for (let left = random.integer(1, 3); left > 0; left -= 1) {
    const at = random.integer(0, Math.max(0, entries.length - 1));
    const [name, value] = entries[at] ?? ["x", "1"];
    draw<unknown>(random, [
      () => entries.splice(at, 1),
      () => entries.splice(at, 1, [name, oddJson(random)]),
      () => entries.splice(at, 1, [name, oddJson(random)]),
      () => entries.push([name, oddJson(random)]),
      () => entries.splice(at, 1, [oddText(random), value]),
      () => entries.splice(at, 1, [name, `[${value}]`]),
      () => entries.splice(at, 1, [name, JSON.stringify(value)]),
      () => entries.push([random.pick(["__proto__", "constructor", "toString"]), oddJson(random)]),
    ]);
  }
  return toJson(entries);
}

/** Of names that may stand twice. */
function toJson(entries: readonly (readonly [name: string, value: string])[]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** Not UTF-8: bytes that never occur, a start without its end, an end without its start, too long, half a pair. */
export const notUtf8 = [
  [0xff],
  [0xc3],
  [0x80],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xfe, 0xfe],
] as const;

/** The bytes, with one to three things wrong. */
export function oddBytes(random: Random, bytes: Buffer): Buffer {
  let odd = bytes;
  for (let left = random.integer(1, 3); left > 0; left -= 1) {
    const at = random.integer(0, odd.length);
    const put = (...what: (Buffer | readonly number[])[]) =>
      Buffer.concat([odd.subarray(0, at), ...what.map((part) => Buffer.from(part)), odd.subarray(at)]);
    odd = draw(random, [
      () => odd.subarray(0, at),
      () => odd.subarray(at),
      () => put(random.pick(notUtf8)),
      () => put([random.integer(0, 255)]),
      () => put(Buffer.from(random.pick(['"', "{", "}", "[", "]", ",", ":", "\\", "\\u12", "//", "\n"]))),
      () => put(odd.subarray(at, at + random.integer(0, 40))),
      () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), odd]),
      () => Buffer.from(odd.toString(), "utf16le"),
      () => {
        const copy = Buffer.from(odd);
        if (copy.length > 0) copy[at % copy.length] = random.integer(0, 255);
        return copy;
      },
    ]);
  }
  return odd;
}

export type Headers = readonly (readonly [name: string, value: string])[];

/** What a request is before it is put into bytes; `target` is what stands behind the method. */
export type Draft = {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: Buffer;
};

/** A byte for each character: headers are not UTF-8. */
const toBytes = (text: string) => Buffer.from(text, "latin1");

/** The text in bytes that a header can hold, so that the request stays in one piece. */
export const toHeaderValue = (text: string) =>
  Buffer.from(text)
    .toString("latin1")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what a header cannot hold
    .replace(/[\0-\x08\x0a-\x1f\x7f]/g, "");

/** The bytes of a request that any server can tell from the next one. */
export function toRequest({ method, target, headers, body }: Draft): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = method === "GET" && body.length === 0 ? "" : `content-length: ${body.length}\r\n`;
  return Buffer.concat([toBytes(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\n${lines}${length}\r\n`), body]);
}

/** The headers, some of them odd, doubled or gone, with others that mean something to somebody on the way. */
export function oddHeaders(random: Random, headers: Headers): Headers {
  const odd = [...headers];
  for (let left = random.integer(1, 3); left > 0; left -= 1) {
    const at = random.integer(0, Math.max(0, odd.length - 1));
    const [name, value] = odd[at] ?? ["x", ""];
    draw<unknown>(random, [
      () => odd.splice(at, 1),
      () => odd.splice(at, 1, [name, toHeaderValue(oddText(random))]),
      () => odd.push([name, toHeaderValue(oddText(random))]),
      () => odd.push([name, value]),
      () => odd.splice(at, 1, [name, `${value}${random.pick([",", ";", " ", ";q=1e9", "; charset=utf-16", ", */*"])}`]),
      () => odd.splice(at, 1, [name.toUpperCase(), value]),
      () => odd.push([random.pick(others), toHeaderValue(oddText(random))]),
      () => odd.push(random.pick(telling)),
      () => odd.push(["x-long", "x".repeat(random.integer(1000, 12_000))]),
      () => {
        for (let count = random.integer(10, 60); count > 0; count -= 1) odd.push([`x-${count}`, "y"]);
      },
    ]);
  }
  return odd;
}

const others = [
  ..."x-request-id origin referer cookie accept accept-encoding accept-language content-type content-encoding".split(
    " ",
  ),
  ..."content-language range if-none-match if-modified-since te trailer via x-forwarded-for x-forwarded-host".split(
    " ",
  ),
  ..."x-forwarded-proto forwarded traceparent authorization __proto__ constructor toString x-real-ip".split(" "),
  ..."x-http-method-override x-graphql-event-stream-token sec-fetch-site sec-fetch-mode sec-fetch-dest".split(" "),
];

const telling: Headers = [
  ["content-encoding", "gzip"],
  ["content-encoding", "br, gzip, identity, x"],
  ["content-type", "multipart/form-data"],
  ["content-type", `multipart/form-data; boundary=${"x".repeat(200)}`],
  ["content-type", "application/x-www-form-urlencoded"],
  ["content-type", "application/json; charset=utf-7"],
  ["content-type", "application/graphql"],
  ["accept", "text/html"],
  ["accept", "application/xml"],
  ["accept", "multipart/mixed; deferSpec=20220824"],
  ["accept", "application/graphql-response+json;q=0, */*;q=-1"],
  ["origin", "null"],
  ["origin", "https://evil.example"],
  ["access-control-request-method", "\u00e9"],
  ["range", "bytes=0-0,1-1,-9"],
  ["cookie", "=;=;=;a=b;__proto__=1"],
  ["x-forwarded-for", "1.2.3.4, ::1, unknown, [::]:x"],
  ["authorization", "Bearer"],
  ["authorization", "Bearer a.b.c"],
  ["authorization", "Bearer eyJhbGciOiJub25lIn0.e30."],
  ["authorization", `Bearer ${"a".repeat(5000)}.b.c`],
  ["authorization", "Basic Og=="],
  ["x-request-id", "x".repeat(129)],
];

/** The request, said to be encoded as it is not, or as it is. */
export function encoded(random: Random, draft: Draft): Draft {
  const [encoding, body] = draw<readonly [string, Buffer]>(random, [
    () => ["gzip", gzipSync(draft.body)],
    () => ["br", brotliCompressSync(draft.body)],
    () => ["deflate", deflateSync(draft.body)],
    () => ["gzip", gzipSync(draft.body).subarray(0, 20)],
    () => ["gzip", oddBytes(random, gzipSync(draft.body))],
    () => [random.pick(["gzip", "br", "deflate", "zstd", "identity", "x, y", "gzip, gzip", ""]), draft.body],
  ]);
  return { ...draft, body, headers: [...draft.headers, ["content-encoding", encoding]] };
}

const methods =
  "GET HEAD PUT PATCH DELETE OPTIONS TRACE PROPFIND MKCOL SEARCH PURGE M-SEARCH REPORT LINK QUERY ACL".split(" ");

export function oddMethod(random: Random, draft: Draft): Draft {
  return { ...draft, method: random.pick(methods) };
}

/** A target that still is one for HTTP, about as where it should go. */
export function oddTarget(random: Random, draft: Draft): Draft {
  const { target } = draft;
  const made = draw(random, [
    () => `${target}${random.pick(["/", "//", "/..", "/%2e%2e", "%00", "%", "%zz", "%ff%fe", ";x=y", "\\", "|", "'"])}`,
    () => `${target}?${random.pick(["", "?", "&", "=", "%", "a=%", "query=%ff", "token=", "token=x", "__proto__=1"])}`,
    () => `${random.pick(["/", "//", "/./", "/x/../", "//evil.example", "/%2f"])}${target.slice(1)}`,
    () => `${random.pick(["http://", "https://", "ftp://", "http://a@", "http://[::1]:99999", "http:"])}${target}`,
    () => `http://evil.example${target}`,
    () => target.toUpperCase(),
    () => `${target}?${"x=y&".repeat(random.integer(100, 2500))}`,
    () =>
      random.pick(["*", "/", "//", "/?", "/health/live/..", "/health", "/metrics", "/favicon.ico", "/.env", "?", "#"]),
    () => `${target}#${"x".repeat(10)}`,
  ]);
  return { ...draft, target: made };
}

/** Bytes that are no request, or one whose end nobody can tell. What comes behind them on a connection is lost. */
export function brokenRequest(random: Random, draft: Draft): Buffer {
  const good = toRequest(draft);
  const { method, target, body } = draft;
  const lines = draft.headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const start = `${method} ${target} HTTP/1.1\r\nhost: localhost\r\n${lines}`;
  const withHead = (head: string, rest: Buffer | string = body) =>
    Buffer.concat([toBytes(head), typeof rest === "string" ? toBytes(rest) : rest]);
  const whole = `${start}content-length: ${body.length}\r\n\r\n`;
  const chunked = (rest: string) => withHead(`${start}transfer-encoding: chunked\r\n\r\n`, rest);
  return draw(random, [
    () => good.subarray(0, random.integer(1, good.length - 1)),
    () => oddBytes(random, good),
    () => oddBytes(random, good),
    () => withHead(`${start}content-length: ${body.length + random.integer(1, 1e6)}\r\n\r\n`),
    () => withHead(`${start}content-length: ${random.integer(0, body.length)}\r\n\r\n`),
    () =>
      withHead(
        `${start}content-length: ${random.pick(["-1", "x", "1e3", "9".repeat(30), "0x10", "", "5, 6"])}\r\n\r\n`,
      ),
    () => withHead(`${start}content-length: 5\r\ncontent-length: 6\r\n\r\n`),
    () => withHead(`${start}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`),
    () =>
      withHead(`${start}transfer-encoding: ${random.pick(["gzip", "chunked, gzip", "x", "chunked, chunked"])}\r\n\r\n`),
    () => chunked(`${random.pick(["zz", "-1", "f".repeat(17), "ffffffff", "", " ", "5;x=\0"])}\r\nhello\r\n0\r\n\r\n`),
    () => chunked("5\r\nhel"),
    () => chunked(`${body.length.toString(16)};${"x".repeat(20_000)}\r\n${body.toString("latin1")}\r\n0\r\n\r\n`),
    () => chunked(`${body.length.toString(16)}\r\n${body.toString("latin1")}\r\n0\r\nx: y\r\n__proto__: z\r\n\r\n`),
    () => chunked([...body.subarray(0, 50)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join("")),
    () => withHead(`${start}expect: ${random.pick(["100-continue", "x"])}\r\ncontent-length: ${body.length}\r\n\r\n`),
    () => withHead(`${start}upgrade: ${random.pick(["h2c", "websocket", "x"])}\r\nconnection: upgrade\r\n\r\n`),
    () => withHead(`${start}x: ${random.pick(["\0", "\x01", "\x7f", "\n y", "\r y"])}\r\n\r\n`),
    () => withHead(`${start}${random.pick([": x", "x", " x: y", "x : y", "(: y", "\u00e9: y"])}\r\n\r\n`),
    () => withHead(`${start}x: ${"y".repeat(random.integer(16_000, 70_000))}\r\n\r\n`),
    () => withHead(`${start}${"x: y\r\n".repeat(random.integer(500, 3000))}\r\n`),
    () =>
      withHead(
        whole.replace("host: localhost", random.pick(["x: y", "host:", "host: a b", "host: [", "host: x:99999"])),
      ),
    () => withHead(whole.replaceAll("\r\n", "\n")),
    () =>
      withHead(
        whole.replace("HTTP/1.1", random.pick(["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", ""])),
      ),
    () => withHead(whole.replace(method, random.pick(["CONNECT", "get", "", "GÉT", "X".repeat(5000), "PRI"]))),
    () => withHead("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Buffer.alloc(9)),
    () => Buffer.from("16030100c8010000c40303", "hex"), // the start of TLS
    () => Buffer.from(Array.from({ length: random.integer(1, 300) }, () => random.integer(0, 255))),
  ]);
}

export type World = { readonly seed: string; readonly psuId: string; readonly connectorId: string };

/**
 * An operation over what the stack has, mostly of what costs it little, with odd variables and, for half of them, an odd
 * document: one of some hundred, since those that can run are kept parsed, which is no leak.
 */
export function drawOperation(random: Random, { seed, psuId, connectorId }: World): Members {
  const own = createRandom(`${seed}/document ${random.integer(1, 500)}`);
  const [query, variables] = draw<readonly [string, object]>(own, [
    () => ["query A($id: ID!) { node(id: $id) { __typename id } }", { id: psuId }],
    () => ["query A($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: [psuId, connectorId] }],
    () => [
      "query A($first: Int, $after: String) { paymentServiceUsers(first: $first, after: $after) { nodes { id name } } }",
      { first: 2, after: null },
    ],
    () => [
      "query A($filter: AccountFilter) { accounts(first: 1, filter: $filter) { nodes { id raw } } }",
      { filter: { psuId, metadata: { a: "b" } } },
    ],
    () => [
      "query A($filter: PaymentFilter) { payments(first: 1, filter: $filter) { edges { cursor } } }",
      { filter: { psuId, asset: "USD/2" } },
    ],
    () => [
      "mutation A($input: CreateLinkInput!) { createLink(input: $input) { link } }",
      { input: { psuId, connectorId, clientRedirectUrl: "ftp://x", idempotencyKey: "k" } },
    ],
    () => [
      "mutation A($input: CreatePaymentServiceUserInput!) { createPaymentServiceUser(input: $input) { __typename } }",
      { input: { name: "", metadata: {}, address: { country: "XX" } } },
    ],
    () => [
      "mutation A($input: DeleteConnectionInput!) { deleteConnection(input: $input) { deletedId } }",
      { input: { connectionId: "x" } },
    ],
    () => ["subscription A($id: ID!) { linkAttemptChanged(id: $id) { status } }", { id: psuId }],
    () => ["subscription A($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }", { psuId }],
    () => ["subscription A($id: ID!) { taskChanged(id: $id) { status } }", { id: "x" }],
    () => ["{ __schema { types { name } } viewer { __typename } }", {}],
  ]);
  const given = chance(random, 0.5)
    ? oddObject(random, toMembers(variables))
    : chance(random, 0.3)
      ? oddJson(random)
      : JSON.stringify(deepOdd(random, variables));
  const text = chance(own, 0.2) ? query : oddDocument(own, query);
  return {
    query: JSON.stringify(text),
    operationName: chance(random, 0.8) ? '"A"' : oddJson(random),
    variables: given,
  };
}

const toMembers = (value: object): Members =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, JSON.stringify(member)]));

/** The value with something odd in one place, however deep. */
function deepOdd(random: Random, value: unknown): unknown {
  if (typeof value !== "object" || value === null || chance(random, 0.2)) {
    return draw<unknown>(random, [
      () => oddText(random),
      () => random.pick([null, 0, -1, 2 ** 53, 1.5, true, [], {}, [[]]]),
    ]);
  }
  const copy: Record<string, unknown> = { ...value };
  const name = random.pick([...Object.keys(copy), oddText(random)]);
  copy[name] = deepOdd(random, copy[name]);
  return copy;
}

const tokens = [
  ...'{ } ( ) [ ] ! $ : = @ ... | & " """ # , - query mutation subscription fragment on null true schema'.split(" "),
  ..."type extend __typename __proto__ $__proto__ ...A ...{id} 99999999999999999999 -0 1e999 0.0 00 \0 \ufeff".split(
    " ",
  ),
  ...['"\\u{110000}"', '"\\uD800"', '"\\x"', "@skip(if: true)", "@include(if: $x)", "@defer", "@a".repeat(60)],
];

/** The document, with one to three things wrong. */
function oddDocument(random: Random, query: string): string {
  let odd = query;
  for (let left = random.integer(1, 3); left > 0; left -= 1) {
    const at = random.integer(0, odd.length);
    const put = (text: string) => odd.slice(0, at) + text + odd.slice(at);
    odd = draw(random, [
      () => put(random.pick(tokens)),
      () => put(random.pick(tokens)),
      () => put(oddText(random)),
      () => odd.slice(0, at),
      () => odd.slice(0, at) + odd.slice(at + random.integer(1, 8)),
      () => put(odd.slice(at, at + random.integer(1, 60))),
      () =>
        odd.replace(/\w+/g, (word) =>
          chance(random, 0.15) ? random.pick(["node", "id", "String", "__typename", word]) : word,
        ),
      () => `${odd} fragment A on Query { ...B } fragment B on Query { ...A }`,
      () => `${odd} ${odd}`,
      () => `{ ${Array.from({ length: random.integer(2, 300) }, (_, at) => `a${at}: __typename`).join(" ")} }`,
      () => `{ ${Array.from({ length: random.integer(2, 120) }, () => random.token(6)).join(" ")} }`,
      () => nested("{ node(id: 1) ", random.integer(2, chance(random, 0.1) ? 2000 : 50), "}"),
      () => `{ node(id: ${nested("[", random.integer(2, chance(random, 0.1) ? 1900 : 50), "]")}) { id } }`,
      () =>
        `query A(${Array.from({ length: random.integer(1, 80) }, (_, at) => `$a${at}: Int`).join(" ")}) { __typename }`,
    ]);
  }
  return odd;
}
