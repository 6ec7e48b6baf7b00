/** WebSocket frames and graphql-transport-ws messages, well-formed and malformed, drawn from a seeded random. */
import type { Random } from "../../../sandbox/random.ts";
import { drawOperation } from "./operations.ts";
import type { FuzzTarget } from "./target.ts";
import { chance, draw, notUtf8, oddJson, oddText } from "./values.ts";

type FrameOptions = { readonly isLast?: boolean; readonly reserved?: number; readonly isMasked?: boolean };

export function toFrame(opcode: number, content: Buffer, options: FrameOptions = {}): Buffer {
  const { isLast = true, reserved = 0, isMasked = true } = options;
  const { length } = content;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isLast ? 0x80 : 0) | reserved | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), content]); // a mask of zeros leaves the content as it is
}

export const text = (content: string, options: FrameOptions = {}) => toFrame(1, Buffer.from(content), options);
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

/** A message that must not close the socket. */
export function drawTolerated(random: Random, target: FuzzTarget, id: string): Buffer {
  const operation = drawOperation(random, target);
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

/** Bytes that must close the socket, and the permitted close codes. */
export type Fatal = { readonly bytes: Buffer; readonly codes: readonly number[] };

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

export function drawInvalid(random: Random, target: FuzzTarget): string {
  const operation = drawOperation(random, target);
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

export function drawFatal(random: Random, target: FuzzTarget): Fatal {
  const live = `{"id":"live","type":"subscribe","payload":{"query":"subscription{connectionChanged(psuId:\\"${target.psuId}\\"){kind}}"}}`;
  return draw<Fatal>(random, [
    () => ({ bytes: text(drawInvalid(random, target)), codes: [4400] }),
    () => ({ bytes: text(drawInvalid(random, target)), codes: [4400] }),
    () => ({ bytes: text(drawInvalid(random, target)), codes: [4400] }),
    () => ({ bytes: fragmented(random, drawInvalid(random, target)), codes: [4400] }),
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
