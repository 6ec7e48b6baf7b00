import { badUserInput } from "./errors.ts";

/** The types that have a global id. */
export type NodeType =
  | "PaymentServiceUser"
  | "Connector"
  | "BankConnection"
  | "LinkAttempt"
  | "Account"
  | "Payment"
  | "Task";

/** A global id: base64url of `<type>:<key>`. It may be guessed, so nothing rests on its being secret. */
export function toGlobalId(type: string, key: string): string {
  return Buffer.from(`${type}:${key}`, "utf8").toString("base64url");
}

/** @throws BAD_USER_INPUT when it is no global id of this gateway, or when its key cannot be one of its type. */
export function readGlobalId(id: string, field: string): { readonly typename: NodeType; readonly id: string } {
  const parts = /^([A-Za-z]+):(.+)$/s.exec(fromBase64Url(id) ?? "");
  const [, typename = "", key = ""] = parts ?? [];
  const hasKey = keys[typename as NodeType] as ((key: string) => boolean) | undefined;
  if (hasKey === undefined) throw badUserInput("This is not a global id.", field);
  if (!hasKey(key)) throw badUserInput(`This is not the id of a ${typename}.`, field);
  return { typename: typename as NodeType, id: normal(typename as NodeType, key) };
}

/**
 * The key behind an ID argument: a global id of `type`, or the upstream's own id where that alone names one thing.
 * @throws BAD_USER_INPUT, before anything is sent upstream, for whatever is not an id of `type`.
 */
export function toKey(type: NodeType, id: string, field: string): string {
  if (namedAlone.has(type) && keys[type](id)) return normal(type, id);
  const global = readGlobalId(id, field);
  if (global.typename !== type) throw badUserInput(`This is the id of a ${global.typename}, not of a ${type}.`, field);
  return global.id;
}

/** A connection and a link attempt are named by PSU, connector and their own id: neither is found by less. */
export type PartKey = { readonly psuId: string; readonly connectorId: string; readonly ownId: string };

export function toPartKey(parts: PartKey): string {
  return `${parts.psuId}:${parts.connectorId}:${parts.ownId}`;
}

export function readPartKey(key: string): PartKey {
  const [, psuId = "", connectorId = "", ownId = ""] = partKey.exec(key) ?? [];
  return { psuId: psuId.toLowerCase(), connectorId, ownId };
}

/** Any 128-bit id in the usual spelling: the service does not insist on a version. */
export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}

const partKey = /^([0-9a-fA-F-]{36}):([\w-]+):(.+)$/s;

// The service's own ids of connectors, accounts, payments and tasks are base64url of JSON (its models package):
// connectors {Provider, Reference}, the others {ConnectorID, Reference} and, for payments, Type.
const keys: Readonly<Record<NodeType, (key: string) => boolean>> = {
  PaymentServiceUser: isUuid,
  Connector: (key) => {
    const id = readUpstreamId(key);
    return id !== null && "Provider" in id && !("ConnectorID" in id);
  },
  BankConnection: (key) => hasParts(key, (ownId) => !/^\.*$/.test(ownId)),
  LinkAttempt: (key) => hasParts(key, isUuid),
  Account: (key) => {
    const id = readUpstreamId(key);
    return id !== null && "ConnectorID" in id && !("Type" in id);
  },
  Payment: (key) => {
    const id = readUpstreamId(key);
    return id !== null && "ConnectorID" in id && "Type" in id;
  },
  Task: (key) => {
    const id = readUpstreamId(key);
    return id !== null && "ConnectorID" in id && !("Type" in id);
  },
};

const namedAlone: ReadonlySet<NodeType> = new Set(["PaymentServiceUser", "Connector", "Account", "Payment", "Task"]);

function hasParts(key: string, hasOwnId: (ownId: string) => boolean): boolean {
  const { psuId, connectorId, ownId } = readPartKey(key);
  return isUuid(psuId) && keys.Connector(connectorId) && hasOwnId(ownId);
}

/** The service writes UUIDs in lower case and compares them as text. */
function normal(type: NodeType, key: string): string {
  return type === "PaymentServiceUser" ? key.toLowerCase() : key;
}

/** What one of the service's composite ids holds; `null` when it is none. */
export function readUpstreamId(id: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(fromBase64Url(id) ?? "");
    return typeof value === "object" && value !== null && "Reference" in value ? { ...value } : null;
  } catch {
    return null;
  }
}

function fromBase64Url(text: string): string | null {
  return /^[\w-]+={0,2}$/.test(text) ? Buffer.from(text, "base64url").toString("utf8") : null;
}
