/** Deletes: what they answer, and whether the stack has really started them. */
import { setTimeout as wait } from "node:timers/promises";
import { deleteNotStarted, deleteUnconfirmed, removalRepeated } from "../../errors.ts";
import { connectionsTopic, taskTopic } from "../../live/connection-events.ts";
import { toFailure, withEffect } from "../../upstream/errors.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder } from "../builder.ts";
import type { Context } from "../context.ts";
import { type Connection, readConnections } from "../loaders/bank-connection.ts";
import { hasEnded, isOwnTask } from "../loaders/task.ts";
import { Task } from "../refs.ts";

/** What a delete answers, before the stack has done it. */
export const DeletePayload = builder.objectRef<{ deletedId: string; task: wire.Task }>("DeletePayload").implement({
  description: "A delete that the stack has begun. The object is gone when the upstream no longer shows it.",
  authScopes: ({ task }, { viewer }) => isOwnTask(viewer, task.id) && { write: true },
  fields: (t) => ({
    deletedId: t.exposeID("deletedId", { description: "The global id of what is being deleted." }),
    task: t.expose("task", {
      type: Task,
      semanticNonNull: true,
      description: "The work of deleting. Deletes of one PSU at one connector share a task id.",
    }),
  }),
});

// All deletes of connections of one PSU at one connector share a task and a workflow; so do all removals of that PSU from
// that connector. A DELETE is always accepted and sets the task back to PROCESSING, but starts the workflow only when it
// is not running and has never succeeded, as far as the stack remembers, which is for days
// (docs/decisions/0013-guarded-writes.md). So the answer alone says nothing, and PROCESSING may be anybody's.

/** Between two reads of what became of a delete: 3 s in all. */
const pausesMs = [200, 400, 800, 1600];

/**
 * Deletes a connection. Resolves once the stack has started this very delete, or the connection is gone.
 * @throws CONFLICT when an earlier delete is in its way.
 */
export async function startConnectionDelete(context: Context, connection: Connection): Promise<wire.Task> {
  const { psuId, connectorID, connectionID } = connection;
  const send = () =>
    sendDelete(context, psuId, () => context.upstream.deleteConnection(psuId, connectorID, connectionID));
  const isListed = async () => {
    const rows = await readConnections(context.upstream, psuId).catch(asUncertain);
    return rows.some((row) => row.connectorID === connectorID && row.connectionID === connectionID);
  };
  let task = await send();
  if (isFirstOfItsTask(task)) return task;
  let isSentAgain = false;
  for (const pauseMs of [0, ...pausesMs]) {
    if (pauseMs > 0) task = await readAgain(context, task, pauseMs);
    // Listed after the task was read: one that has succeeded has removed its connection before.
    if (task.status === "FAILED" && isSentAgain) return task;
    if (!(await isListed())) return task;
    if (task.status === "SUCCEEDED") break;
    if (task.status !== "FAILED") continue;
    // The one that was in its way has failed: now this one can start.
    isSentAgain = true;
    task = await send();
  }
  const others = [
    "`deletePaymentServiceUserConnector` ends the consents of the user at this connector, though the stack goes on listing the connections",
    "`deletePaymentServiceUser` ends everything of the user",
  ];
  if (task.status === "SUCCEEDED") throw deleteNotStarted("input.connectionId", others);
  throw deleteUnconfirmed("input.connectionId", isRemembered(task) ? others : []);
}

/**
 * Removes a PSU from a connector. Resolves once the stack has started that.
 * @throws CONFLICT when an earlier removal has succeeded, and it does not show that it does another one.
 */
export async function startConnectorDelete(context: Context, psuId: string, connectorId: string): Promise<wire.Task> {
  let task = await sendDelete(context, psuId, () =>
    context.upstream.deletePaymentServiceUserConnector(psuId, connectorId),
  );
  for (const pauseMs of pausesMs) {
    // One that was running already does the same.
    if (hasEnded(task) || !isRemembered(task)) return task;
    task = await readAgain(context, task, pauseMs);
  }
  if (hasEnded(task)) return task;
  throw removalRepeated("input.connectorId");
}

/** Deletes a PSU. Once that has succeeded there is nothing left that could be deleted again. */
export function startPsuDelete(context: Context, psuId: string): Promise<wire.Task> {
  return sendDelete(context, psuId, () => context.upstream.deletePaymentServiceUser(psuId));
}

async function sendDelete(context: Context, psuId: string, send: () => Promise<string>): Promise<wire.Task> {
  const taskId = await send();
  context.live.invalidate(connectionsTopic(psuId), taskTopic(taskId));
  return context.upstream.task(taskId).catch(asUncertain);
}

async function readAgain(context: Context, { id }: wire.Task, pauseMs: number): Promise<wire.Task> {
  await wait(pauseMs);
  return context.upstream.task(id).catch(asUncertain);
}

/** Whether the DELETE that was just sent has made the task: another one would have moved `updatedAt` on. */
function isFirstOfItsTask({ status, createdAt, updatedAt }: wire.Task): boolean {
  return status === "PROCESSING" && createdAt === updatedAt;
}

/** Whether one with this task has succeeded: that sets `createdObjectID`, and no later DELETE resets it. */
function isRemembered({ createdObjectID }: wire.Task): boolean {
  return createdObjectID !== null;
}

/** The DELETE was accepted: a read that fails after that leaves open what came of it. */
function asUncertain(error: unknown): never {
  throw withEffect(toFailure(error), "unknown");
}
