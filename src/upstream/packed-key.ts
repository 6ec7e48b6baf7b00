/**
 * Packs keys that are made of the service's ids into a few bytes, and back. A key is packed only where the bytes give it
 * back exactly: docs/decisions/0029-short-ids.md.
 */

import { isUtf8 } from "node:buffer";

/** What a key is made of. `object`: of a connector, with a reference. `owned`: of a PSU and a connector. */
export type KeyShape = "psu" | "connector" | "object" | "payment" | "owned" | "bankAccount";

/** By the number of a type, which stands in the first byte. */
export type KeyShapes = readonly KeyShape[];

/** The first byte of a packed key. No text in ASCII begins so, nor does one of the service's ids, decoded. */
const packed = 0x80;
/** The first byte where what is behind a key's base64url stands there as it is. */
const unpacked = 0xc0;
const end = 0xd0;

/** Of the first byte: how the text at the end is written, and which type it is. */
const textForms = { utf8: 0, uuid: 1, hex: 2, oddHex: 3 } as const;
const typeBits = 0x0f;
/** Before what is packed: the first byte, and the checksum. */
const headLength = 2;

/** Written as a number from 0x80 on. Numbers are in stored ids: only add at the end. */
const providers = ["plaid", "tink", "powens", "dummypay"];
const namedProvider = 0x80;
/** Written as a number. Numbers are in stored ids: only add at the end. */
const paymentTypes = ["PAY-IN", "PAYOUT", "TRANSFER", "OTHER", "UNKNOWN"];

const texts = {
  objectStart: '{"ConnectorID":',
  provider: '{"Provider":"',
  reference: '","Reference":"',
  connectorEnd: '"}',
  objectReference: ',"Reference":"',
  paymentType: '","Type":"',
} as const;

/** Longer keys are left as they are. */
const maxKeyLength = 2048;
const source = Buffer.alloc(3 * maxKeyLength);
const target = Buffer.alloc(4 * maxKeyLength);
let sourceLength = 0;
let read = 0;
let written = 0;

/** `null` for a key that is not packed. */
export function packKey(type: number, shape: KeyShape, key: string): string | null {
  if (key.length > maxKeyLength) return null;
  written = headLength;
  const form = writeKey(shape, key);
  if (form !== null) return finish(packed | (form << 4) | type);
  if (shape === "psu" || shape === "owned" || shape === "bankAccount" || !readBase64(key)) return null;
  written = headLength + source.copy(target, headLength, 0, sourceLength);
  return finish(unpacked | type);
}

/** The key, and the number of its type; `null` for what was not packed here. */
export function unpackKey(bytes: Buffer, shapes: KeyShapes): { readonly type: number; readonly key: string } | null {
  const type = packedType(bytes);
  const shape = type === null ? undefined : shapes[type];
  if (type === null || shape === undefined || bytes[1] !== checksum(bytes, bytes.length)) return null;
  const first = bytes[0] ?? 0;
  const key =
    first < unpacked
      ? new PackedBytes(bytes, ((first - packed) >> 4) & 3).key(shape)
      : bytes.toString("base64url", headLength);
  return key === null ? null : { type, key };
}

/** The number of the type that a packed key begins with; `null` for other bytes. */
export function packedType(bytes: Buffer): number | null {
  const first = bytes[0] ?? 0;
  return first >= packed && first < end ? first & typeBits : null;
}

function finish(first: number): string {
  target[0] = first;
  target[1] = checksum(target, written);
  return target.toString("base64url", 0, written);
}

/** Returns how the text at the end is written. */
function writeKey(shape: KeyShape, key: string): number | null {
  switch (shape) {
    case "psu":
      readText(key);
      return sourceLength === 36 && writeUuid(anyCase) ? textForms.uuid : null;
    case "bankAccount":
      readText(key);
      return sourceLength === 73 && writeUuid(anyCase) && skip(":") && writeUuid(anyCase) ? textForms.uuid : null;
    case "connector":
      return readBase64(key) && writeConnector() && read === sourceLength ? textForms.uuid : null;
    case "object":
      return readBase64(key) && writeObject() && endsWith('"}') ? writeText(sourceLength - 2) : null;
    case "payment":
      return readBase64(key) && writeObject() ? writeTypedReference() : null;
    case "owned":
      return writeOwned(key);
  }
}

function writeOwned(key: string): number | null {
  const colon = key.indexOf(":", 37);
  if (key[36] !== ":" || colon === -1) return null;
  readText(key);
  if (!writeUuid(anyCase)) return null;
  if (key.slice(37, colon) === lastConnectorId) {
    written += lastConnector.copy(target, written);
    read = colon + 1;
    return writeText(sourceLength);
  }
  const from = written;
  if (!readBase64(key.slice(37, colon)) || !writeConnector() || read !== sourceLength) return null;
  lastConnectorId = key.slice(37, colon);
  lastConnector = Buffer.from(target.subarray(from, written));
  readText(key.slice(colon + 1));
  return writeText(sourceLength);
}

/** Rows of a list are mostly of the same connector. */
let lastConnectorId = "";
let lastConnector: Buffer = Buffer.alloc(0);

function writeObject(): boolean {
  return skip(texts.objectStart) && writeConnector() && skip(texts.objectReference);
}

function writeTypedReference(): number | null {
  for (let index = 0; index < typeEndings.length; index += 1) {
    const ending = typeEndings[index] ?? "";
    if (!endsWith(ending)) continue;
    target[written++] = index;
    return writeText(sourceLength - ending.length);
  }
  return null;
}

const typeEndings = paymentTypes.map((type) => `${texts.paymentType}${type}"}`);

function writeConnector(): boolean {
  if (!skip(texts.provider)) return false;
  const known = findProvider();
  if (known !== -1) target[written++] = namedProvider + known;
  else {
    const length = source.indexOf('"', read) - read;
    if (length < 0 || length >= namedProvider || read + length > sourceLength) return false;
    target[written++] = length;
    written += source.copy(target, written, read, read + length);
    read += length;
    if (!skip(texts.reference)) return false;
  }
  return writeUuid(lowerCase) && skip(texts.connectorEnd);
}

function findProvider(): number {
  for (let index = 0; index < providerEndings.length; index += 1) {
    if (skip(providerEndings[index] ?? "")) return index;
  }
  return -1;
}

const providerEndings = providers.map((name) => `${name}${texts.reference}`);

/** Writes the rest up to `to`. */
function writeText(to: number): number | null {
  const from = read;
  if (to < from) return null;
  const start = written;
  if (to - from === 36 && writeUuid(lowerCase)) return textForms.uuid;
  read = from;
  written = start;
  const isOdd = (to - from) % 2 === 1;
  if (isOdd) target[written++] = lowerCase[source[read++] ?? 0] ?? notHex;
  let worst = isOdd ? (target[start] ?? 0) : 0;
  for (; read < to && worst < notHex; read += 2) {
    const high = lowerCase[source[read] ?? 0] ?? notHex;
    const low = lowerCase[source[read + 1] ?? 0] ?? notHex;
    worst = high | low;
    target[written++] = (high << 4) | low;
  }
  if (worst < notHex && to > from) return isOdd ? textForms.oddHex : textForms.hex;
  written = start + source.copy(target, start, from, to);
  return textForms.utf8;
}

function readText(text: string): void {
  sourceLength = source.write(text, 0, "utf8");
  read = 0;
}

/** Whether it is base64url in its one exact spelling. */
function readBase64(text: string): boolean {
  sourceLength = source.write(text, 0, "base64url");
  read = 0;
  return source.toString("base64url", 0, sourceLength) === text;
}

function skip(text: string): boolean {
  if (!isAt(text, read)) return false;
  read += text.length;
  return true;
}

function endsWith(text: string): boolean {
  return sourceLength - text.length >= read && isAt(text, sourceLength - text.length);
}

function isAt(text: string, at: number): boolean {
  if (at + text.length > sourceLength) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (source[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

function writeUuid(digits: Uint8Array): boolean {
  if (read + 36 > sourceLength) return false;
  let worst = 0;
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (source[read + index] !== dash) return false;
      index += 1;
    }
    const high = digits[source[read + index] ?? 0] ?? notHex;
    const low = digits[source[read + index + 1] ?? 0] ?? notHex;
    worst |= high | low;
    target[written++] = (high << 4) | low;
  }
  read += 36;
  return worst < notHex;
}

const dash = 0x2d;
const notHex = 0x10;
const lowerCase = toDigits("0123456789abcdef");
const upperCase = toDigits("0123456789ABCDEF");
const anyCase = lowerCase.map((digit, code) => Math.min(digit, upperCase[code] ?? 0));

function toDigits(alphabet: string): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => {
    const digit = alphabet.indexOf(String.fromCharCode(code));
    return digit === -1 ? notHex : digit;
  });
}

/** CRC-8 of all but itself, so that an id which was cut or mistyped is seen. */
function checksum(bytes: Buffer, length: number): number {
  let sum = crc[bytes[0] ?? 0] ?? 0;
  for (let at = headLength; at < length; at += 1) sum = crc[sum ^ (bytes[at] ?? 0)] ?? 0;
  return sum;
}

const crc = Uint8Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80 ? ((sum << 1) ^ 0x2f) & 0xff : sum << 1;
  return sum;
});

/** Reads what `packKey` has written; `null` where there is too little, or too much. */
class PackedBytes {
  readonly #bytes: Buffer;
  readonly #textForm: number;
  #at = headLength;

  constructor(bytes: Buffer, textForm: number) {
    this.#bytes = bytes;
    this.#textForm = textForm;
  }

  key(shape: KeyShape): string | null {
    switch (shape) {
      case "psu":
        return this.#text();
      case "bankAccount":
        return join([this.#uuid(), ":", this.#text()]);
      case "connector":
        return toBase64(this.#connector(this.#provider(), this.#text()));
      case "object":
        return toBase64(this.#object('"}'));
      case "payment":
        return toBase64(this.#payment());
      case "owned":
        return this.#owned();
    }
  }

  #owned(): string | null {
    const psuId = this.#uuid();
    const connectorId = toBase64(this.#connector(this.#provider(), this.#uuid()));
    const ownId = this.#text();
    return join([psuId, ":", connectorId, ":", toUtf8(ownId)]);
  }

  #object(ending: string, connector = this.#connector(this.#provider(), this.#uuid())): string | null {
    return join([texts.objectStart, connector, texts.objectReference, this.#text(), ending]);
  }

  #payment(): string | null {
    const connector = this.#connector(this.#provider(), this.#uuid());
    const ending = typeEndings[this.#byte()];
    return ending === undefined ? null : this.#object(ending, connector);
  }

  #connector(provider: string | null, reference: string | null): string | null {
    return join([texts.provider, provider, texts.reference, reference, texts.connectorEnd]);
  }

  #provider(): string | null {
    const length = this.#byte();
    if (length >= namedProvider) return providers[length - namedProvider] ?? null;
    return this.#take(length, "latin1");
  }

  #uuid(): string | null {
    return toUuid(this.#take(16, "hex"));
  }

  #text(): string | null {
    const length = this.#bytes.length - this.#at;
    switch (this.#textForm) {
      case textForms.uuid:
        return length === 16 ? this.#uuid() : null;
      case textForms.hex:
        return length > 0 ? this.#take(length, "hex") : null;
      case textForms.oddHex: {
        const digits = this.#take(length, "hex");
        return digits?.startsWith("0") ? digits.slice(1) : null;
      }
      default:
        return this.#take(length, "latin1");
    }
  }

  #byte(): number {
    return this.#bytes[this.#at++] ?? Number.NaN;
  }

  #take(length: number, encoding: "hex" | "latin1"): string | null {
    const from = this.#at;
    this.#at += length;
    return this.#at <= this.#bytes.length ? this.#bytes.toString(encoding, from, this.#at) : null;
  }
}

function toUuid(hex: string | null): string | null {
  if (hex === null) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function join(parts: readonly (string | null)[]): string | null {
  return parts.includes(null) ? null : parts.join("");
}

function toUtf8(latin1: string | null): string | null {
  const bytes = Buffer.from(latin1 ?? "", "latin1");
  return latin1 !== null && isUtf8(bytes) ? bytes.toString() : null;
}

function toBase64(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, "latin1").toString("base64url");
}
