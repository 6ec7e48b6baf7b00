/** Malformed WebSocket handshakes, frames and messages against a gateway in production mode. */
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Random } from "../../sandbox/random.ts";
import { drawFatal, drawInvalid, drawTolerated, text, toFrame } from "../support/fuzz/frames.ts";
import { fuzz, type Outcome, toFault } from "../support/fuzz/fuzz.ts";
import { oddHeaders, oddTarget, toHeaderValue, toRequest } from "../support/fuzz/requests.ts";
import { type FuzzTarget, startFuzzTarget } from "../support/fuzz/target.ts";
import { chance, draw, oddBytes, oddJson, oddText } from "../support/fuzz/values.ts";

const hold = 50;
const longest = 12_000;
/** The close codes that the gateway may send when the input is random; `null`: no close frame. */
const codes = [null, 1000, 1002, 1003, 1005, 1007, 1009, 4400, 4401, 4403, 4406, 4408, 4409, 4429];

type Script = {
  readonly handshake: Buffer;
  /** Sent when the gateway has upgraded; `null`: nothing is. */
  readonly first: Buffer | null;
  /** Sent when the gateway has acknowledged it. */
  readonly next: Buffer;
  /** Sent after that, or once the gateway is silent. */
  readonly last: Buffer;
  readonly waitsForSilence: boolean;
  /** Whether the end of what is sent is the end of the connection. */
  readonly isTorn: boolean;
};

type Conversation = {
  readonly status: number;
  readonly code: number | null;
  readonly got: string;
  readonly isHeld: boolean;
};

/** Plays the client's part until the connection ends. */
function converse(port: number, script: Script): Promise<Conversation> {
  return new Promise((resolve) => {
    let got = "";
    let status = 0;
    let code: number | null = null;
    let unread = Buffer.alloc(0);
    let state: "upgrading" | "initializing" | "running" | "closing" = "upgrading";
    let isHeld = false;
    const socket = connect(port, "127.0.0.1", () => socket.write(script.handshake));

    function sendLast(): void {
      state = "closing";
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
        state = "initializing";
        if (script.first === null) sendLast();
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
        if (opcode === 1 && state === "initializing" && content.includes('"connection_ack"')) {
          state = "running";
          socket.write(script.next);
          if (!script.waitsForSilence) sendLast();
        }
      }
    }

    socket.setTimeout(1000);
    socket.on("timeout", () => {
      if (state === "running") sendLast();
      else if (state === "upgrading") {
        state = "closing";
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
      if (state === "running") socket.setTimeout(hold);
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
  const init = ({ token }: FuzzTarget) =>
    text(`{"type":"connection_init","payload":{"authorization":"Bearer ${token}"}}`);
  const quiet = { next: nothing, last: closing, waitsForSilence: false, isTorn: false } as const;

  async function judge(
    target: FuzzTarget,
    script: Script,
    cases: number,
    expected: readonly (number | null)[],
  ): Promise<Outcome> {
    const { status, code, got, isHeld } = await converse(target.port, script);
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

  function playHandshake(random: Random, target: FuzzTarget): Promise<Outcome> {
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
    return judge(target, { ...quiet, handshake: toRequest(odd), first: null }, 1, codes);
  }

  /** Before the client is authenticated. */
  function playInit(random: Random, target: FuzzTarget): Promise<Outcome> {
    const hello = (payload: string) => text(`{"type":"connection_init","payload":${payload}}`);
    const odd = JSON.stringify(oddText(random));
    const [first, expected] = draw<readonly [Buffer, number]>(random, [
      () => [text('{"id":"1","type":"subscribe","payload":{"query":"{__typename}"}}'), 4401],
      () => [hello(random.pick(["1", '"x"', "[]", "true"])), 4400],
      () => [text(drawInvalid(random, target).replaceAll("init", "x")), 4400],
      () => [hello("{}"), 4403],
      () => [hello(`{"authorization":${odd}}`), 4403],
      () => [hello(`{"authorization":${JSON.stringify(`Bearer ${oddText(random)}`)}}`), 4403],
      () => [
        hello(`{"authorization":${random.pick(["null", "1", "[]", "{}"])},"Authorization":${oddJson(random)}}`),
        4403,
      ],
      () => [hello(`{"__proto__":{"authorization":"Bearer ${target.token}"}}`), 4403],
      () => [hello(`{"authorization":"Bearer ${target.expiredToken}"}`), 4403],
      () => [hello(`{"authorization":"Bearer ${target.token.slice(0, -random.integer(3, 60))}"}`), 4403],
      () => [Buffer.concat([init(target), init(target)]), 4429],
    ]);
    return judge(target, { ...quiet, handshake: good, first, last: nothing }, 1, [expected]);
  }

  function playMessages(random: Random, target: FuzzTarget): Promise<Outcome> {
    const count = random.integer(0, 9);
    const tolerated = Array.from({ length: count }, (_, at) => drawTolerated(random, target, `${at}.`));
    const next = Buffer.concat(tolerated);
    const waitsForSilence = chance(random, 0.4);
    if (chance(random, 0.75)) {
      const { bytes, codes } = drawFatal(random, target);
      return judge(
        target,
        { handshake: good, first: init(target), next, last: bytes, waitsForSilence, isTorn: false },
        count + 1,
        codes,
      );
    }
    const last = draw(random, [
      () => oddBytes(random, drawTolerated(random, target, "last")),
      () => oddBytes(random, drawFatal(random, target).bytes),
      () => drawTolerated(random, target, "last").subarray(0, random.integer(0, 20)),
      () => Buffer.from(Array.from({ length: random.integer(1, 300) }, () => random.integer(0, 255))),
      () => good,
      () => text("{", { isLast: false }),
    ]);
    // A close frame that is random can hold any code, which the gateway sends back.
    const echoed = Array.from({ length: last.length - 1 }, (_, at) => last.readUInt16BE(at));
    return judge(
      target,
      { handshake: good, first: init(target), next, last, waitsForSilence, isTorn: true },
      count + 1,
      [...codes, ...echoed],
    );
  }

  it("get a response or the right close code, and neither break the gateway nor make its memory grow", async () => {
    await using target = await startFuzzTarget();
    const silent = Array.from({ length: 20 }, () =>
      converse(target.port, { ...quiet, handshake: good, first: nothing, last: nothing }),
    );
    const answers = await fuzz(target, 10_000, (random) => {
      const kind = random.float();
      return kind < 0.2
        ? playHandshake(random, target)
        : kind < 0.4
          ? playInit(random, target)
          : playMessages(random, target);
    });
    for (const { code } of await Promise.all(silent)) expect(code).toBe(4408);
    for (const code of [400, 403, 404, 405, 1002, 1007, 1009, 4400, 4401, 4403, 4406, 4409, 4429]) {
      expect(answers.get(code), `${code}`).toBeGreaterThan(0);
    }
  }, 60_000);
});
