/** A task: the progress of a delete that runs in the background. */
import { type Micros, toTimestamp, zeroTime } from "../time.ts";

export type Task = {
  readonly id: string;
  readonly connectorID: string | null;
  readonly createdAt: Micros;
  status: "PROCESSING" | "SUCCEEDED" | "FAILED";
  updatedAt: Micros;
  createdObjectID: string | null;
  error: string | null;
};

export const createTask = (given: Pick<Task, "id" | "connectorID" | "createdAt">): Task => ({
  status: "PROCESSING",
  updatedAt: given.createdAt,
  createdObjectID: null,
  error: null,
  ...given,
});

/** What there is none of is left out. */
export const toWireTask = (task: Task) => ({
  id: task.id,
  ...(task.connectorID === null ? {} : { connectorID: task.connectorID }),
  status: task.status,
  createdAt: toTimestamp(task.createdAt),
  updatedAt: toTimestamp(task.updatedAt),
  ...(task.createdObjectID === null ? {} : { createdObjectID: task.createdObjectID }),
  ...(task.error === null ? {} : { error: task.error }),
});

/** Here it is null. */
export const toTaskEvent = (task: Omit<Task, "createdAt"> & { readonly createdAt: Micros | null }) => ({
  id: task.id,
  error: task.error,
  status: task.status,
  createdAt: task.createdAt === null ? zeroTime : toTimestamp(task.createdAt),
  updatedAt: toTimestamp(task.updatedAt),
  connectorID: task.connectorID,
  createdObjectID: task.createdObjectID,
});
