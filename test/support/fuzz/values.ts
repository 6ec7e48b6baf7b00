/** Malformed texts, JSON and bytes, drawn from a seeded random. */
import type { Random } from "../../../sandbox/random.ts";

/** A value of one of the makers. */
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

export const nested = (open: string, depth: number, close: string) => open.repeat(depth) + close.repeat(depth);

/** JSON as text, which can hold numbers, keys and depths that no program would write. */
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
  for (let mistakes = random.integer(1, 3); mistakes > 0; mistakes -= 1) {
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
  for (let mistakes = random.integer(1, 3); mistakes > 0; mistakes -= 1) {
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
