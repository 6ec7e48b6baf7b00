/** An attempt of a user to link a bank, or to renew a connection. */
import { type Columns, text, uuid } from "../lists/columns.ts";
import { type Micros, toTimestamp } from "../time.ts";

export type Attempt = {
  readonly id: string;
  readonly psuID: string;
  readonly connectorID: string;
  readonly createdAt: Micros;
  readonly clientRedirectURL: string;
  status: "pending" | "completed" | "exited";
  error: string | null;
};

export const createAttempt = (
  given: Omit<Attempt, "status" | "error"> & Partial<Pick<Attempt, "status" | "error">>,
): Attempt => ({
  status: "pending",
  error: null,
  ...given,
});

export const attemptColumns: Columns<Attempt> = {
  named: { id: uuid("match", (row) => row.id), status: text("match", (row) => row.status) },
};

export const toWireAttempt = (attempt: Attempt) => ({
  id: attempt.id,
  psuID: attempt.psuID,
  connectorID: attempt.connectorID,
  createdAt: toTimestamp(attempt.createdAt),
  status: attempt.status,
  clientRedirectURL: attempt.clientRedirectURL,
  error: attempt.error,
});
