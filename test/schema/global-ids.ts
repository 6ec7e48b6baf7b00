import { toTaskId } from "../../sandbox/ids.ts";
import type { Attempt } from "../../sandbox/models/attempt.ts";
import type { Connection } from "../../sandbox/models/connection.ts";
import type { World } from "../../sandbox/world.ts";
import { parseGlobalId, toCompositeKey, toGlobalId } from "../../src/schema/global-id.ts";

/** The first of a list that must not be empty. */
export function firstOf<Row>(rows: readonly Row[], isWanted: (row: Row) => boolean = () => true): Row {
  const row = rows.find(isWanted);
  if (row === undefined) throw new Error("There is no such row.");
  return row;
}

export const psuGlobalId = (psuId: string) => toGlobalId("PaymentServiceUser", psuId);
export const connectorGlobalId = (connectorId: string) => toGlobalId("Connector", connectorId);
export const accountGlobalId = (accountId: string) => toGlobalId("Account", accountId);

export const connectionGlobalId = ({
  psuID,
  connectorID,
  connectionID,
}: Pick<Connection, "psuID" | "connectorID" | "connectionID">) =>
  toGlobalId("BankConnection", toCompositeKey({ psuId: psuID, connectorId: connectorID, ownId: connectionID }));

export const attemptGlobalId = ({ psuID, connectorID, id }: Pick<Attempt, "psuID" | "connectorID" | "id">) =>
  toGlobalId("LinkAttempt", toCompositeKey({ psuId: psuID, connectorId: connectorID, ownId: id }));

/** A well-formed global id of every type; the attempt and the task need not exist. */
export function oneOfEach({ people, connectors, connections, accounts, payments }: World) {
  const person = firstOf(people);
  const connection = firstOf(connections);
  const attempt = { ...connection, id: person.id };
  return {
    PaymentServiceUser: psuGlobalId(person.id),
    Connector: connectorGlobalId(firstOf(connectors).id),
    BankConnection: connectionGlobalId(connection),
    LinkAttempt: attemptGlobalId(attempt),
    Account: accountGlobalId(firstOf(accounts).id),
    Payment: toGlobalId("Payment", firstOf(payments).id),
    Task: toGlobalId("Task", toTaskId(connection.connectorID, "some-task")),
  };
}

/** The upstream's own id inside a global id. */
export function ownIdOf(globalId: string): string {
  return parseGlobalId(globalId)?.id.split(":").at(-1) ?? "";
}

/** The form that all global ids once had. */
export const plainGlobalId = (type: string, key: string) => Buffer.from(`${type}:${key}`).toString("base64url");

/** The same id in that form. */
export function toPlain(globalId: string): string {
  const { typename, id } = parseGlobalId(globalId) ?? { typename: "", id: "" };
  return plainGlobalId(typename, id);
}
