/** Global ids, and the checks that what a client sends as an id can be one. */

import { isUtf8 } from "node:buffer";
import { badUserInput } from "../errors.ts";
import { readBase64Url, readBase64UrlBytes } from "../lib/base64url.ts";
import { isUuid } from "../lib/uuid.ts";
import { type KeyShape, packedType, packKey, unpackKey } from "../upstream/packed-key.ts";
import { hasReference, parseUpstreamId } from "../upstream/upstream-id.ts";

/** The types that have a global id. */
export type NodeType =
  | "PaymentServiceUser"
  | "Connector"
  | "BankConnection"
  | "LinkAttempt"
  | "Account"
  | "Payment"
  | "Task"
  | "BankAccount";

/** Descriptions of what `toKey` accepts. */
export const anyPsuId = "A global id, or the upstream's PSU id.";
export const anyConnectorId = "A global id, or the upstream's connector id.";

/** The types by their number in an id, with what their keys are made of. Ids are stored: only add at the end. */
const packedTypes: readonly (readonly [NodeType, KeyShape])[] = [
  ["PaymentServiceUser", "psu"],
  ["Connector", "connector"],
  ["BankConnection", "owned"],
  ["LinkAttempt", "owned"],
  ["Account", "object"],
  ["Payment", "payment"],
  ["Task", "object"],
  ["BankAccount", "bankAccount"],
];
const shapes = packedTypes.map(([, shape]) => shape);
const numberOf: ReadonlyMap<string, number> = new Map(packedTypes.map(([type], number) => [type, number]));

/**
 * A global id: the key, packed, or else base64url of `<type>:<key>`, which was once the form of all of them and is
 * accepted for ever. It can be guessed, so nothing depends on its secrecy.
 */
export function toGlobalId(type: string, key: string): string {
  const number = numberOf.get(type);
  const shape = number === undefined ? undefined : shapes[number];
  const packed = number === undefined || shape === undefined ? null : packKey(number, shape, key);
  return packed ?? toPlainGlobalId(type, key);
}

export function toPlainGlobalId(type: string, key: string): string {
  return Buffer.from(`${type}:${key}`, "utf8").toString("base64url");
}

export type GlobalId = { readonly typename: NodeType; readonly id: string };

/** `null` for what is no global id of this gateway, and for a key that its type cannot have. */
export function parseGlobalId(id: string): GlobalId | null {
  const bytes = readBase64UrlBytes(id);
  const [name = "", key = ""] = bytes === null ? [] : (readPacked(bytes) ?? readPlain(bytes) ?? []);
  if (!Object.hasOwn(validators, name)) return null;
  const typename = name as NodeType;
  return validators[typename](key) ? { typename, id: normalize(typename, key) } : null;
}

type NameAndKey = readonly [name: string, key: string];

function readPacked(bytes: Buffer): NameAndKey | null {
  const found = unpackKey(bytes, shapes);
  return found === null ? null : [packedTypes[found.type]?.[0] ?? "", found.key];
}

function readPlain(bytes: Buffer): NameAndKey | null {
  const [, name = "", key = ""] = /^([A-Za-z]+):(.+)$/s.exec(isUtf8(bytes) ? bytes.toString() : "") ?? [];
  return name === "" ? null : [name, key];
}

/** The type that an id begins with, whole or not. A packed one is seen only from the length of the shortest. */
function beginningOf(id: string): string {
  const bytes = readBase64UrlBytes(id) ?? Buffer.alloc(0);
  const number = bytes.length < shortestPacked ? null : packedType(bytes);
  if (number !== null) return packedTypes[number]?.[0] ?? "";
  return /^([A-Za-z]+):/.exec(readBase64Url(id) ?? "")?.[1] ?? "";
}

/** A UUID, and two bytes before it. */
const shortestPacked = 18;

/** As `parseGlobalId`. @throws BAD_USER_INPUT instead of `null`. */
export function requireGlobalId(id: string, field: string): GlobalId {
  const global = parseGlobalId(id);
  if (global === null) throw badUserInput(toFault(id, null), field);
  return global;
}

/**
 * The key behind an ID argument: a global id of `type`, or the upstream's own id where that alone names one thing.
 * @throws BAD_USER_INPUT, before anything is sent upstream, for what is not an id of `type`.
 */
export function toKey(type: NodeType, id: string, field: string): string {
  if (hasUpstreamId.has(type) && validators[type](id)) return normalize(type, id);
  const global = parseGlobalId(id);
  if (global?.typename !== type) throw badUserInput(toFault(id, type), field);
  return global.id;
}

/** What is wrong with an id, in the words of the schema. @param wanted `null`: a global id of any type. */
function toFault(id: string, wanted: NodeType | null): string {
  if (id.trim() === "") return "The id is empty.";
  const name = beginningOf(id);
  if (Object.hasOwn(validators, name)) {
    if (name === wanted || parseGlobalId(id) === null) {
      return `This begins like the global id of ${withArticle(name)}, but is not whole.`;
    }
    return `This is the global id of ${withArticle(name)}, not of ${withArticle(wanted ?? "")}.`;
  }
  const found = [...hasUpstreamId].filter((type) => validators[type](id)).map(withArticle);
  if (found.length > 0) {
    const wants =
      wanted === null || !hasUpstreamId.has(wanted) ? "this takes a global id" : `not of ${withArticle(wanted)}`;
    return `This is the upstream's own id of ${found.join(" or ")}: ${wants}.`;
  }
  if (wanted === null) return "This is not a global id.";
  const kinds = hasUpstreamId.has(wanted) ? "neither a global id nor the upstream's own id" : "not the global id";
  return `This is ${kinds} of ${withArticle(wanted)}.`;
}

function withArticle(type: string): string {
  return `${/^[AEIOU]/.test(type) ? "an" : "a"} ${type}`;
}

/** The key of a connection or a link attempt, which the service finds only by all three. */
export type CompositeKey = { readonly psuId: string; readonly connectorId: string; readonly ownId: string };

export function toCompositeKey(parts: CompositeKey): string {
  return `${parts.psuId}:${parts.connectorId}:${parts.ownId}`;
}

export function parseCompositeKey(key: string): CompositeKey {
  const [, psuId = "", connectorId = "", ownId = ""] = compositeKeyPattern.exec(key) ?? [];
  return { psuId: psuId.toLowerCase(), connectorId, ownId };
}

/** Only the PSU's row says whose a bank account is. */
export function toBankAccountKey(psuId: string, bankAccountId: string): string {
  return `${psuId}:${bankAccountId}`;
}

export function parseBankAccountKey(key: string): { readonly psuId: string; readonly bankAccountId: string } {
  return { psuId: key.slice(0, 36), bankAccountId: key.slice(37) };
}

const compositeKeyPattern = /^([0-9a-fA-F-]{36}):([\w-]+):(.+)$/s;

// The service's own ids of connectors, accounts, payments and tasks are base64url of JSON (its models package):
// connectors {Provider, Reference}, the others {ConnectorID, Reference} and, for payments, Type.
const validators: Readonly<Record<NodeType, (key: string) => boolean>> = {
  PaymentServiceUser: isUuid,
  Connector: (key) => isConnector(parseUpstreamId(key)),
  BankConnection: (key) => hasParts(key, (ownId) => !/^\.*$|\0/.test(ownId)),
  LinkAttempt: (key) => hasParts(key, isUuid),
  Account: (key) => isOfConnector(parseUpstreamId(key), { typed: false }),
  Payment: (key) => isOfConnector(parseUpstreamId(key), { typed: true }),
  Task: (key) => isOfConnector(parseUpstreamId(key), { typed: false }),
  BankAccount: (key) => key[36] === ":" && isUuid(key.slice(0, 36)) && isUuid(key.slice(37)),
};

function isConnector(id: unknown): boolean {
  return hasReference(id) && typeof id["Provider"] === "string" && !("ConnectorID" in id);
}

function isOfConnector(id: unknown, { typed }: { readonly typed: boolean }): boolean {
  return hasReference(id) && isConnector(id["ConnectorID"]) && "Type" in id === typed;
}

const hasUpstreamId: ReadonlySet<NodeType> = new Set(["PaymentServiceUser", "Connector", "Account", "Payment", "Task"]);

function hasParts(key: string, hasOwnId: (ownId: string) => boolean): boolean {
  const { psuId, connectorId, ownId } = parseCompositeKey(key);
  return isUuid(psuId) && validators.Connector(connectorId) && hasOwnId(ownId);
}

/** The service writes UUIDs in lower case and compares them as text. */
function normalize(type: NodeType, key: string): string {
  return type === "PaymentServiceUser" || type === "BankAccount" ? key.toLowerCase() : key;
}
