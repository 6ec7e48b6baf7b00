/** Malformed HTTP requests, drawn from a seeded random. */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Random } from "../../../sandbox/random.ts";
import { draw, oddBytes, oddText } from "./values.ts";

export type Headers = readonly (readonly [name: string, value: string])[];

/** A request before it is encoded. */
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

/** The bytes of a request whose end is clear to any server. */
export function toRequest({ method, target, headers, body }: Draft): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = method === "GET" && body.length === 0 ? "" : `content-length: ${body.length}\r\n`;
  return Buffer.concat([toBytes(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\n${lines}${length}\r\n`), body]);
}

/** The headers, some of them malformed, repeated or missing, with others that servers or proxies interpret. */
export function oddHeaders(random: Random, headers: Headers): Headers {
  const odd = [...headers];
  for (let mistakes = random.integer(1, 3); mistakes > 0; mistakes -= 1) {
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
      () => odd.push(random.pick(meaningful)),
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

const meaningful: Headers = [
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

/** The request with a content encoding, true or false. */
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

/** A malformed target that HTTP still accepts. */
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

/** Bytes that are no request, or one without a clear end. What follows them on a connection is lost. */
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
