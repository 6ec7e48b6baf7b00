/** A task: the progress of a delete that runs in the background. */
import { type Micros, toTimestamp } from "../time.ts";

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

/** The same in REST and in events. */
export const toWireTask = (task: Task) => ({
  id: task.id,
  ...(task.connectorID === null ? {} : { connectorID: task.connectorID }),
  status: task.status,
  createdAt: toTimestamp(task.createdAt),
  updatedAt: toTimestamp(task.updatedAt),
  ...(task.createdObjectID === null ? {} : { createdObjectID: task.createdObjectID }),
  ...(task.error === null ? {} : { error: task.error }),
});
