import type { Note } from "./connection-events.ts";
import type { ConnectionName, Consents } from "./event-bus.ts";

/**
 * When consents end. The service stores none of it, and no event tells that a consent which still held was renewed: so
 * a warning stands until its time, until a RECONNECTED event, or until a link that was made to answer it is completed.
 * Replicas share what is kept. Nothing here rejects: where the carrier is down, the other replicas do not learn of it.
 */
export type ConsentEnds = {
  /** `null`: no warning stands. */
  endOf(connection: ConnectionName): Promise<string | null>;
  hear(note: Note): void;
  /** A user is on the way to renew the consent by this attempt. */
  renewing(connection: ConnectionName, attemptId: string): Promise<void>;
  /** This attempt was seen completed. Asks for its PSU's connections only when it was made to answer a warning. */
  renewed(attempt: AttemptName, connections: () => Promise<readonly ConnectionName[]>): Promise<void>;
};

export type AttemptName = { readonly psuId: string; readonly connectorId: string; readonly ownId: string };

/**
 * Beside the end of each consent, dates are kept under names that are no connection's: of an attempt, of the connection
 * that it is to renew, and of a warning that was answered. A warning is known by its date, so that one which is
 * delivered again after that changes nothing.
 */
export function createConsentEnds(kept: Consents): ConsentEnds {
  const marked = (connection: ConnectionName, mark: string): ConnectionName => ({
    ...connection,
    connectionId: `${connection.connectionId} ${mark}`,
  });
  const answered = (connection: ConnectionName, end: string) => marked(connection, `answered ${end}`);
  const renewal = (connection: ConnectionName, attemptId: string) => marked(connection, `renewed by ${attemptId}`);

  async function endOf(connection: ConnectionName): Promise<string | null> {
    const end = await kept.endOf(connection);
    return end === null || (await kept.endOf(answered(connection, end))) !== null ? null : end;
  }

  async function hear(note: Note): Promise<void> {
    const { psuId, connectorId, connectionId } = note;
    const connection = { psuId, connectorId, connectionId };
    // Tink's events name no connection.
    if (connectionId === "") return;
    if (note.kind === "PENDING_DISCONNECT") await kept.keep(connection, note.at);
    if (note.kind !== "RECONNECTED") return;
    const end = await endOf(connection);
    if (end !== null) await kept.keep(answered(connection, end), end);
  }

  return {
    endOf,
    hear: (note) => void quietly(hear(note)),
    async renewing(connection, attemptId) {
      const end = await endOf(connection);
      if (end === null) return;
      const { psuId, connectorId } = connection;
      await quietly(kept.keep(renewal(connection, attemptId), end));
      await quietly(kept.keep(renewal({ psuId, connectorId, connectionId: "" }, attemptId), end));
    },
    async renewed({ psuId, connectorId, ownId }, connections) {
      const some = renewal({ psuId, connectorId, connectionId: "" }, ownId);
      if ((await kept.endOf(some)) === null) return;
      await quietly(
        connections().then(async (all) => {
          for (const connection of all) {
            const end = await kept.endOf(renewal(connection, ownId));
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
