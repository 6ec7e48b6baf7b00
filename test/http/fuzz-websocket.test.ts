import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Random } from "../../sandbox/random.ts";
import { type Door, fuzz, type Outcome, startDoor, toFault } from "../support/door.ts";
import {
  chance,
  draw,
  drawOperation,
  notUtf8,
  oddBytes,
  oddHeaders,
  oddJson,
  oddTarget,
  oddText,
  toHeaderValue,
  toRequest,
} from "../support/malformed.ts";

type FrameOptions = { readonly isLast?: boolean; readonly reserved?: number; readonly isMasked?: boolean };

function toFrame(opcode: number, content: Buffer, options: FrameOptions = {}): Buffer {
  const { isLast = true, reserved = 0, isMasked = true } = options;
  const { length } = content;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isLast ? 0x80 : 0) | reserved | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), content]); // a mask of zeros leaves the content as it is
}

const text = (content: string, options: FrameOptions = {}) => toFrame(1, Buffer.from(content), options);
const ping = toFrame(9, Buffer.from("p"));

/** A text in several frames, with a ping in between. */
function fragmented(random: Random, content: string): Buffer {
  const bytes = Buffer.from(content);
  const at = random.integer(0, bytes.length);
  return Buffer.concat([
    toFrame(1, bytes.subarray(0, at), { isLast: false }),
    toFrame(0, Buffer.alloc(0), { isLast: false }),
    ping,
    toFrame(0, bytes.subarray(at)),
  ]);
}

/** Something that the gateway is to bear, with an answer or without one. */
function drawBearable(random: Random, door: Door, id: string): Buffer {
  const operation = drawOperation(random, door);
  const isWanted = chance(random, 0.5);
  const query = isWanted ? operation["query"] : JSON.stringify(oddText(random));
  const payload = `{"query":${query},"variables":{${chance(random, 0.5) ? `"id":${oddJson(random)}` : ""}}}`;
  const subscribe = (ofId: string, more = "") =>
    `{"id":${JSON.stringify(ofId)},"type":"subscribe","payload":${payload}${more}}`;
  return draw(random, [
    () => text(subscribe(id)),
    () => text(subscribe(id)),
    () => text(subscribe(`${id}${oddText(random)}`)),
    () => text(subscribe(`${id}${"x".repeat(random.integer(250, 2000))}`)),
    () => text(subscribe(id, `,"__proto__":${oddJson(random)},"constructor":1,"":null,"${random.token(3)}":{}`)),
    () => text(` \n\t${subscribe(id)}\n`),
    () => toFrame(2, Buffer.from(subscribe(id))),
    () => fragmented(random, subscribe(id)),
    () =>
      text(
        `{"id":"${id}","type":"subscribe","payload":{"query":"{a}","query":${query},"extensions":{"__proto__":{}}}}`,
      ),
    () => text(`{"type":"complete","id":${JSON.stringify(random.pick(["x", "__proto__", "constructor", "\0"]))}}`),
    () =>
      Buffer.concat([
        text(subscribe(id)),
        text(`{"type":"complete","id":"${id}"}`),
        text(`{"type":"complete","id":"${id}"}`),
      ]),
    () => text(`{"type":"ping","payload":{"x":${oddJson(random)}}}`),
    () => text('{"type":"pong","payload":null}'),
    () => toFrame(9, Buffer.from(Array.from({ length: random.integer(0, 125) }, () => random.integer(0, 255)))),
    () => toFrame(10, Buffer.from(oddText(random)).subarray(0, 125)),
  ]);
}

/** What ends a socket, and the codes that may tell why. */
type Fatal = { readonly bytes: Buffer; readonly codes: readonly number[] };

const notJson = [
  "",
  "{",
  '{"type":',
  "undefined",
  "'x'",
  "{]",
  "\0",
  '{"type":"ping"}}',
  "NaN",
  '{"a":01}',
  '"\u0001"',
];
const serverTypes = [
  '{"type":"connection_ack"}',
  '{"type":"next","id":"1","payload":{}}',
  '{"type":"error","id":"1","payload":[{"message":"x"}]}',
];

function drawInvalid(random: Random, door: Door): string {
  const operation = drawOperation(random, door);
  const good = { id: '"1"', type: '"subscribe"', payload: `{"query":${operation["query"]}}` };
  const wrong = () => random.pick(["null", "1", "true", "[]", '["x"]', "1e400", "{}"]);
  const put = (members: Record<string, string>) =>
    `{${Object.entries({ ...good, ...members }).map(([name, value]) => `"${name}":${value}`)}}`;
  return draw(random, [
    () => random.pick(notJson),
    () => put({}).slice(0, random.integer(0, put({}).length - 1)),
    () => random.pick(["null", "1", "[]", '"subscribe"', "true", "{}", "[[]]", '{"type":null}', '{"type":""}']),
    () => "[".repeat(random.integer(1, 100_000)),
    () => put({ type: JSON.stringify(`${oddText(random)}?`) }),
    () => put({ type: wrong() }),
    () => put({ id: wrong() }),
    () => put({ id: '""' }),
    () => put({ payload: random.pick(["null", "1", "true", "[]", '"x"', "{}"]) }),
    () => put({ payload: `{"query":${wrong()}}` }),
    () => put({ payload: `{"query":"{x}","variables":${random.pick(["1", "[]", '"x"', "true"])}}` }),
    () => put({ payload: `{"query":"{x}","operationName":${random.pick(["1", "[]", "{}", "true"])}}` }),
    () => put({ payload: `{"query":"{x}","extensions":${random.pick(["1", "[]", '"x"', "true"])}}` }),
    () => `{"type":"ping","payload":${random.pick(["1", "[]", '"x"', "true"])}}`,
    () => `{"type":"complete","id":${random.pick(["1", "[]", '""', "null"])}}`,
    () => random.pick(serverTypes),
  ]);
}

function drawFatal(random: Random, door: Door): Fatal {
  const live = `{"id":"live","type":"subscribe","payload":{"query":"subscription{connectionChanged(psuId:\\"${door.psuId}\\"){kind}}"}}`;
  return draw<Fatal>(random, [
    () => ({ bytes: text(drawInvalid(random, door)), codes: [4400] }),
    () => ({ bytes: text(drawInvalid(random, door)), codes: [4400] }),
    () => ({ bytes: text(drawInvalid(random, door)), codes: [4400] }),
    () => ({ bytes: fragmented(random, drawInvalid(random, door)), codes: [4400] }),
    () => ({ bytes: toFrame(2, Buffer.from(random.pick(notUtf8))), codes: [4400] }),
    () => ({ bytes: text(`{"type":"connection_init","payload":${random.pick(["{}", "null"])}}`), codes: [4429] }),
    () => ({ bytes: Buffer.concat([text(live), text(live)]), codes: [4409] }),
    () => ({ bytes: toFrame(1, Buffer.from([0x22, ...random.pick(notUtf8), 0x22])), codes: [1007] }),
    () => ({ bytes: text("{}", { reserved: random.pick([0x40, 0x20, 0x10, 0x70]) }), codes: [1002] }),
    () => ({ bytes: text("{}", { isMasked: false }), codes: [1002] }),
    () => ({ bytes: toFrame(random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), Buffer.from("x")), codes: [1002] }),
    () => ({ bytes: toFrame(0, Buffer.from("x")), codes: [1002] }),
    () => ({ bytes: Buffer.concat([text("{", { isLast: false }), text("}")]), codes: [1002] }),
    () => ({ bytes: toFrame(9, Buffer.alloc(random.integer(126, 300))), codes: [1002] }),
    () => ({ bytes: toFrame(random.pick([8, 9, 10]), Buffer.alloc(0), { isLast: false }), codes: [1002] }),
    () => ({
      bytes: Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 5 + random.integer(0, 200), 0, 0, 0, 0, 0, 0]),
      codes: [1009],
    }),
    () => ({
      bytes: Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      codes: [1009],
    }),
    () => ({ bytes: toFrame(8, Buffer.from([3])), codes: [1002] }),
    () => ({
      bytes: toFrame(
        8,
        Buffer.from(
          random.pick([
            [0, 0],
            [3, 0xe7],
            [3, 0xed],
            [3, 0xee],
            [0xff, 0xff],
          ]),
        ),
      ),
      codes: [1002],
    }),
    () => ({ bytes: toFrame(8, Buffer.from([3, 0xe8, ...random.pick(notUtf8)])), codes: [1007] }),
    () => ({ bytes: toFrame(8, Buffer.from([3, 0xe8])), codes: [1000] }),
    () => ({ bytes: toFrame(8, Buffer.from([0x0b, 0xb8, 0x78])), codes: [3000] }),
    () => ({ bytes: toFrame(8, Buffer.alloc(0)), codes: [1005] }),
  ]);
}

const hold = 50;
const longest = 12_000;
/** What may stand in a close frame of the gateway when nobody can say what the client has sent; `null`: just the end. */
const codes = [null, 1000, 1002, 1003, 1005, 1007, 1009, 4400, 4401, 4403, 4406, 4408, 4409, 4429];

type Script = {
  readonly handshake: Buffer;
  /** Sent when the gateway has upgraded; `null`: nothing is. */
  readonly first: Buffer | null;
  /** Sent when the gateway has acknowledged it. */
  readonly next: Buffer;
  /** Sent behind that, or once the gateway has nothing more to say. */
  readonly last: Buffer;
  readonly isPatient: boolean;
  /** Whether the end of what is sent is the end of the connection. */
  readonly isTorn: boolean;
};

type Heard = { readonly status: number; readonly code: number | null; readonly got: string; readonly isHeld: boolean };

/** Plays the client's part and hears the gateway's, to the end of the connection. */
function converse(port: number, script: Script): Promise<Heard> {
  return new Promise((resolve) => {
    let got = "";
    let status = 0;
    let code: number | null = null;
    let unread = Buffer.alloc(0);
    let state: "upgrading" | "greeting" | "talking" | "cancellation" = "upgrading";
    let isHeld = false;
    const socket = connect(port, "127.0.0.1", () => socket.write(script.handshake));

    function leave(): void {
      state = "cancellation";
      socket.setTimeout(longest);
      socket.write(script.last);
      if (script.isTorn) socket.end();
    }

    function read(): void {
      if (state === "upgrading") {
        const end = unread.indexOf("\r\n\r\n");
        if (end < 0) return;
        status = Number(/^HTTP\/1\.1 (\d{3})/.exec(unread.toString("latin1"))?.[1]);
        if (status !== 101) return void socket.setTimeout(hold);
        unread = unread.subarray(end + 4);
        state = "greeting";
        if (script.first === null) leave();
        else socket.write(script.first);
      }
      for (;;) {
        const short = (unread[1] ?? 0) & 0x7f;
        const start = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (unread.length < start) return;
        const length = short < 126 ? short : short === 126 ? unread.readUInt16BE(2) : Number(unread.readBigUInt64BE(2));
        if (unread.length < start + length) return;
        const opcode = (unread[0] ?? 0) & 0x0f;
        const content = unread.subarray(start, start + length);
        unread = unread.subarray(start + length);
        if (opcode === 8) {
          code = content.length >= 2 ? content.readUInt16BE(0) : 1005;
          socket.end(toFrame(8, content));
          return;
        }
        if (opcode === 1 && state === "greeting" && content.includes('"connection_ack"')) {
          state = "talking";
          socket.write(script.next);
          if (!script.isPatient) leave();
        }
      }
    }

    socket.setTimeout(1000);
    socket.on("timeout", () => {
      if (state === "talking") leave();
      else if (state === "upgrading") {
        state = "cancellation";
        socket.setTimeout(longest);
        socket.end();
      } else if (socket.timeout !== longest) socket.setTimeout(longest);
      else {
        isHeld = true;
        socket.destroy();
      }
    });
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
      unread = Buffer.concat([unread, chunk]);
      if (status === 0 || status === 101) read();
      if (state === "talking") socket.setTimeout(hold);
    });
    socket.on("error", () => {}).on("close", () => resolve({ status, code, got, isHeld }));
  });
}

const closing = toFrame(8, Buffer.from([3, 0xe8]));
const nothing = Buffer.alloc(0);

function toHandshake(headers: readonly (readonly [string, string])[] = [], protocol = "graphql-transport-ws") {
  return {
    method: "GET",
    target: "/graphql",
    headers: [
      ["upgrade", "websocket"],
      ["connection", "Upgrade"],
      ["sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="],
      ["sec-websocket-version", "13"],
      ["sec-websocket-protocol", protocol],
      ...headers,
    ],
    body: nothing,
  } as const;
}

const good = toRequest(toHandshake());

describe("10,000 malformed WebSocket messages", () => {
  const init = ({ token }: Door) => text(`{"type":"connection_init","payload":{"authorization":"Bearer ${token}"}}`);
  const quiet = { next: nothing, last: closing, isPatient: false, isTorn: false } as const;

  async function judge(
    door: Door,
    script: Script,
    cases: number,
    expected: readonly (number | null)[],
  ): Promise<Outcome> {
    const { status, code, got, isHeld } = await converse(door.port, script);
    const isUpgraded = status === 101;
    const fault =
      toFault(got) ??
      (isHeld ? "held" : status >= 500 ? `status ${status}` : null) ??
      (isUpgraded && !expected.includes(code) ? `closed with ${code} instead of ${expected}` : null);
    const sent = Buffer.concat([script.first ?? script.handshake, script.next, script.last]);
    return {
      cases,
      answers: [isUpgraded ? code : status],
      faults: fault === null ? [] : [{ what: fault, sent, got }],
    };
  }

  function playHandshake(random: Random, door: Door): Promise<Outcome> {
    const plain = toHandshake();
    const odd = draw(random, [
      () => ({ ...plain, headers: oddHeaders(random, plain.headers) }),
      () => ({ ...plain, headers: oddHeaders(random, plain.headers) }),
      () => ({ ...plain, headers: plain.headers.filter(() => chance(random, 0.8)) }),
      () => oddTarget(random, plain),
      () => ({ ...plain, method: random.pick(["POST", "PUT", "HEAD", "OPTIONS", "DELETE"]) }),
      () =>
        toHandshake(
          [],
          toHeaderValue(random.pick(["graphql-ws", "", ",", "a,a", "graphql-transport-ws,,", oddText(random)])),
        ),
      () => toHandshake([["origin", random.pick(["null", "https://evil.example", "http://", "\u00e9", "x"])]]),
      () => toHandshake([["sec-websocket-extensions", random.pick(["permessage-deflate; x=99", "x;;", "a,b;c", ";"])]]),
      () => toHandshake([["sec-websocket-key", random.pick(["", "x", "AAAA", "\u00ff".repeat(24)])]]),
      () => toHandshake([["sec-websocket-version", random.pick(["", "12", "-1", "x", "1e1"])]]),
    ]);
    return judge(door, { ...quiet, handshake: toRequest(odd), first: null }, 1, codes);
  }

  /** Before the gateway knows who it is. */
  function playGreeting(random: Random, door: Door): Promise<Outcome> {
    const hello = (payload: string) => text(`{"type":"connection_init","payload":${payload}}`);
    const odd = JSON.stringify(oddText(random));
    const [first, expected] = draw<readonly [Buffer, number]>(random, [
      () => [text('{"id":"1","type":"subscribe","payload":{"query":"{__typename}"}}'), 4401],
      () => [hello(random.pick(["1", '"x"', "[]", "true"])), 4400],
      () => [text(drawInvalid(random, door).replaceAll("init", "x")), 4400],
      () => [hello("{}"), 4403],
      () => [hello(`{"authorization":${odd}}`), 4403],
      () => [hello(`{"authorization":${JSON.stringify(`Bearer ${oddText(random)}`)}}`), 4403],
      () => [
        hello(`{"authorization":${random.pick(["null", "1", "[]", "{}"])},"Authorization":${oddJson(random)}}`),
        4403,
      ],
      () => [hello(`{"__proto__":{"authorization":"Bearer ${door.token}"}}`), 4403],
      () => [hello(`{"authorization":"Bearer ${door.ended}"}`), 4403],
      () => [hello(`{"authorization":"Bearer ${door.token.slice(0, -random.integer(3, 60))}"}`), 4403],
      () => [Buffer.concat([init(door), init(door)]), 4429],
    ]);
    return judge(door, { ...quiet, handshake: good, first, last: nothing }, 1, [expected]);
  }

  function playTalk(random: Random, door: Door): Promise<Outcome> {
    const count = random.integer(0, 9);
    const bearable = Array.from({ length: count }, (_, at) => drawBearable(random, door, `${at}.`));
    const next = Buffer.concat(bearable);
    const isPatient = chance(random, 0.4);
    if (chance(random, 0.75)) {
      const { bytes, codes } = drawFatal(random, door);
      return judge(
        door,
        { handshake: good, first: init(door), next, last: bytes, isPatient, isTorn: false },
        count + 1,
        codes,
      );
    }
    const last = draw(random, [
      () => oddBytes(random, drawBearable(random, door, "last")),
      () => oddBytes(random, drawFatal(random, door).bytes),
      () => drawBearable(random, door, "last").subarray(0, random.integer(0, 20)),
      () => Buffer.from(Array.from({ length: random.integer(1, 300) }, () => random.integer(0, 255))),
      () => good,
      () => text("{", { isLast: false }),
    ]);
    // Any code can stand in a close frame that came about by chance, and comes back.
    const isOurs = Array.from({ length: last.length - 1 }, (_, at) => last.readUInt16BE(at));
    return judge(door, { handshake: good, first: init(door), next, last, isPatient, isTorn: true }, count + 1, [
      ...codes,
      ...isOurs,
    ]);
  }

  it("are answered or end their socket with the code for what is wrong; nothing breaks, and memory stays as it is", async () => {
    await using door = await startDoor();
    const silent = Array.from({ length: 20 }, () =>
      converse(door.port, { ...quiet, handshake: good, first: nothing, last: nothing }),
    );
    const answers = await fuzz(door, 10_000, (random) => {
      const kind = random.float();
      return kind < 0.2
        ? playHandshake(random, door)
        : kind < 0.4
          ? playGreeting(random, door)
          : playTalk(random, door);
    });
    for (const { code } of await Promise.all(silent)) expect(code).toBe(4408);
    for (const code of [400, 403, 404, 405, 1002, 1007, 1009, 4400, 4401, 4403, 4406, 4409, 4429]) {
      expect(answers.get(code), `${code}`).toBeGreaterThan(0);
    }
  }, 60_000);
});
