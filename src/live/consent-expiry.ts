/** When consents end, which only events say. */
import { type ConnectionEvent, isConsentEnd } from "./connection-events.ts";
import type { ConnectionKey, ConsentKey, ConsentStore } from "./event-bus.ts";

/**
 * The service stores none of it, and sends no event when a consent that still held is renewed. So a warning stands, also
 * beyond the end, until a RECONNECTED event or until a link that was made to answer it is completed; what the connection
 * itself shows is for the caller to add. Replicas share what is stored. Only `apply` rejects: while Redis is down, the
 * other replicas do not learn of it.
 */
export type ConsentExpiry = {
  /** `null`: no warning stands. */
  expiryOf(connection: ConnectionKey): Promise<string | null>;
  /** Resolves once what the event says is kept for all replicas; this one knows it at once, and in any case. */
  apply(event: ConnectionEvent): Promise<void>;
  /** The connection was in error and works again: no warning from before stands. */
  answered(connection: ConnectionKey): Promise<void>;
  /** By this attempt a user is about to renew the consent. */
  renewing(connection: ConnectionKey, attemptId: string): Promise<void>;
  /** This attempt is completed. Reads its PSU's connections only when it was made to answer a warning. */
  renewed(attempt: AttemptName, connections: () => Promise<readonly ConnectionKey[]>): Promise<void>;
};

export type AttemptName = { readonly psuId: string; readonly connectorId: string; readonly ownId: string };

/**
 * Beside the end of each consent, dates are kept under marks: of an attempt, of the connection that it is to renew, and
 * of a warning that was answered. A warning is known by its date, so that one which is delivered again after that
 * changes nothing.
 */
export function createConsentExpiry(store: ConsentStore): ConsentExpiry {
  const marked = (connection: ConnectionKey, mark: string): ConsentKey => ({ ...connection, mark });
  const answer = (connection: ConnectionKey, end: string) => marked(connection, `answered ${end}`);
  const renewal = (connection: ConnectionKey, attemptId: string) => marked(connection, `renewed by ${attemptId}`);

  async function expiryOf(connection: ConnectionKey): Promise<string | null> {
    const end = await store.expiryOf(connection);
    return end === null || (await store.expiryOf(answer(connection, end))) !== null ? null : end;
  }

  async function apply(event: ConnectionEvent): Promise<void> {
    const { psuId, connectorId, connectionId } = event;
    const connection = { psuId, connectorId, connectionId };
    // Tink's events name no connection.
    if (connectionId === "") return;
    // Checked here, too, for what comes from Redis.
    if (event.kind === "PENDING_DISCONNECT" && isConsentEnd(event.at)) {
      // One that was answered may be delivered again, and must not take the place of a newer one.
      if ((await store.expiryOf(answer(connection, event.at))) === null) await store.keep(connection, event.at);
    }
    if (event.kind === "RECONNECTED") await markAnswered(connection);
  }

  async function markAnswered(connection: ConnectionKey): Promise<void> {
    const end = await expiryOf(connection);
    if (end !== null) await store.keep(answer(connection, end), end);
  }

  return {
    expiryOf,
    apply,
    answered: (connection) => quietly(markAnswered(connection)),
    async renewing(connection, attemptId) {
      const end = await expiryOf(connection);
      if (end === null) return;
      const { psuId, connectorId } = connection;
      await quietly(store.keep(renewal(connection, attemptId), end));
      await quietly(store.keep(renewal({ psuId, connectorId, connectionId: "" }, attemptId), end));
    },
    async renewed({ psuId, connectorId, ownId }, connections) {
      const ofAny = renewal({ psuId, connectorId, connectionId: "" }, ownId);
      if ((await store.expiryOf(ofAny)) === null) return;
      await quietly(
        connections().then(async (all) => {
          for (const connection of all) {
            const end = await store.expiryOf(renewal(connection, ownId));
            if (end !== null) await store.keep(answer(connection, end), end);
          }
          await store.forget(ofAny);
        }),
      );
    },
  };
}

async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => {});
}
