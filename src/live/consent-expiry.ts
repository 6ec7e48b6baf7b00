import type { ConnectionEvent } from "./connection-events.ts";
import type { ConnectionKey, ConsentStore } from "./event-bus.ts";

/**
 * When consents end. The service stores none of it, and no event tells that a consent which still held was renewed: so
 * a warning stands until its time, until a RECONNECTED event, or until a link that was made to answer it is completed.
 * Replicas share what is kept. Nothing here rejects: where the carrier is down, the other replicas do not learn of it.
 */
export type ConsentExpiry = {
  /** `null`: no warning stands. */
  expiryOf(connection: ConnectionKey): Promise<string | null>;
  onEvent(event: ConnectionEvent): void;
  /** A user is on the way to renew the consent by this attempt. */
  renewing(connection: ConnectionKey, attemptId: string): Promise<void>;
  /** This attempt was seen completed. Asks for its PSU's connections only when it was made to answer a warning. */
  renewed(attempt: AttemptName, connections: () => Promise<readonly ConnectionKey[]>): Promise<void>;
};

export type AttemptName = { readonly psuId: string; readonly connectorId: string; readonly ownId: string };

/**
 * Beside the end of each consent, dates are kept under names that are no connection's: of an attempt, of the connection
 * that it is to renew, and of a warning that was answered. A warning is known by its date, so that one which is
 * delivered again after that changes nothing.
 */
export function createConsentExpiry(kept: ConsentStore): ConsentExpiry {
  const marked = (connection: ConnectionKey, mark: string): ConnectionKey => ({
    ...connection,
    connectionId: `${connection.connectionId} ${mark}`,
  });
  const answered = (connection: ConnectionKey, end: string) => marked(connection, `answered ${end}`);
  const renewal = (connection: ConnectionKey, attemptId: string) => marked(connection, `renewed by ${attemptId}`);

  async function expiryOf(connection: ConnectionKey): Promise<string | null> {
    const end = await kept.expiryOf(connection);
    return end === null || (await kept.expiryOf(answered(connection, end))) !== null ? null : end;
  }

  async function hear(event: ConnectionEvent): Promise<void> {
    const { psuId, connectorId, connectionId } = event;
    const connection = { psuId, connectorId, connectionId };
    // Tink's events name no connection.
    if (connectionId === "") return;
    if (event.kind === "PENDING_DISCONNECT") await kept.keep(connection, event.at);
    if (event.kind !== "RECONNECTED") return;
    const end = await expiryOf(connection);
    if (end !== null) await kept.keep(answered(connection, end), end);
  }

  return {
    expiryOf,
    onEvent: (event) => void quietly(hear(event)),
    async renewing(connection, attemptId) {
      const end = await expiryOf(connection);
      if (end === null) return;
      const { psuId, connectorId } = connection;
      await quietly(kept.keep(renewal(connection, attemptId), end));
      await quietly(kept.keep(renewal({ psuId, connectorId, connectionId: "" }, attemptId), end));
    },
    async renewed({ psuId, connectorId, ownId }, connections) {
      const some = renewal({ psuId, connectorId, connectionId: "" }, ownId);
      if ((await kept.expiryOf(some)) === null) return;
      await quietly(
        connections().then(async (all) => {
          for (const connection of all) {
            const end = await kept.expiryOf(renewal(connection, ownId));
            if (end !== null) await kept.keep(answered(connection, end), end);
          }
          await kept.forget(some);
        }),
      );
    },
  };
}

async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => {});
}
