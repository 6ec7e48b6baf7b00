import { isDeepStrictEqual } from "node:util";
import type { Viewer } from "../../auth/viewer.ts";
import { notFound } from "../../errors.ts";
import { connectionsTopic, psuOfTask, taskTopic } from "../../live/connection-events.ts";
import type { Watched } from "../../live/watcher.ts";
import { orNull } from "../../upstream/client.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder } from "../builder.ts";
import type { Context } from "../context.ts";
import { byId, load, stream } from "../cost.ts";
import { parseUpstreamId, toKey } from "../global-id.ts";
import { defineLoader, loadEach, loadNodes } from "../loader.ts";
import { createStateDiffer, orThrow, subscribeTo } from "../subscription.ts";
import { Connector, connectorById } from "./connector.ts";

export const taskById = defineLoader<wire.Task | null>("taskById", (ids, { upstream, viewer, live }) =>
  loadEach(ids, async (id) => {
    if (!isOwnTask(viewer, id)) return null;
    const task = await orNull(upstream.task(id));
    live.watchers.observe(toWatcherKey(id), task);
    // The service reads the names inside an id more loosely than we do: what it found is what counts.
    return task !== null && isOwnTask(viewer, task.id) ? task : null;
  }),
);

/** A task names no PSU, but the reference inside the id of a PSU's delete ends with that PSU's id (the service's engine). */
function isOwnTask(viewer: Viewer, taskId: string): boolean {
  return viewer.psuId === null || String(parseUpstreamId(taskId)?.["Reference"]).endsWith(`-${viewer.psuId}`);
}

const TaskStatus = builder.enumType("TaskStatus", {
  description: "How far a task is.",
  values: {
    PROCESSING: { description: "Not done yet. A task that shares its id with an earlier one may stay so." },
    SUCCEEDED: {},
    FAILED: { description: "`error` says why." },
  },
});

const Task = builder.objectRef<wire.Task>("Task");

builder.node(Task, {
  description: "Work that the stack does in the background, such as a delete.",
  authScopes: ({ id }, { viewer }) => isOwnTask(viewer, id) && { read: true },
  id: { resolve: (task) => task.id },
  loadManyWithoutCache: loadNodes(taskById.load),
  fields: (t) => ({
    taskId: t.exposeString("id", { description: "The upstream's own id." }),
    status: t.expose("status", { type: TaskStatus }),
    error: t.string({
      nullable: true,
      description: "Why it failed: in the stack's own words for an operator, without them for a PSU.",
      // They are about the stack's insides, and may name its machines.
      resolve: ({ error }, _args, { viewer }) =>
        error === null || viewer.psuId === null ? error : "The stack could not do it.",
    }),
    connector: t.field({
      type: Connector,
      nullable: true,
      extensions: load("connectorById"),
      resolve: ({ connectorID }, _args, context) =>
        connectorID === null ? null : connectorById.load(context, connectorID),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime" }),
  }),
});

builder.queryField("task", (t) =>
  t.field({
    type: Task,
    nullable: true,
    description: "One piece of the stack's work.",
    authScopes: { read: true },
    extensions: byId("Task"),
    args: { id: t.arg.id({ required: true, description: "A global id, or the upstream's task id." }) },
    resolve: (_root, { id }, context) => taskById.load(context, toKey("Task", id, "id")),
  }),
);

function toWatcherKey(taskId: string): string {
  return `task:${taskId}`;
}

function watchTask(taskId: string): Watched<wire.Task> {
  const psuId = psuOfTask(taskId);
  return {
    key: toWatcherKey(taskId),
    topics: [taskTopic(taskId)],
    invalidates: psuId === null ? [] : [connectionsTopic(psuId)],
    async read(upstream) {
      const task = await orNull(upstream.task(taskId));
      // As above. Viewers share a watch, so what it finds must be what each of them may see by the id that they gave.
      return task?.id === taskId ? task : null;
    },
    isSame: isDeepStrictEqual,
    isFinal: ({ status }) => status !== "PROCESSING",
    maxPauseMs: 30_000,
    refreshesUntil: () => Number.POSITIVE_INFINITY,
  };
}

builder.subscriptionField("taskChanged", (t) =>
  t.field({
    type: Task,
    description:
      "The task as it is now, then again at each change; completes after SUCCEEDED or FAILED. NOT_FOUND when it is not there.",
    authScopes: { read: true },
    extensions: stream(1),
    args: { id: t.arg.id({ required: true, description: "A global id, or the upstream's task id." }) },
    subscribe: (_root, { id }, context) => {
      const taskId = toKey("Task", id, "id");
      if (!isOwnTask(context.viewer, taskId)) throw notFound("id");
      return subscribeTo(context, watchTask(taskId), createStateDiffer<wire.Task>());
    },
    resolve: orThrow,
  }),
);

/** What a delete answers, before the stack has done it. */
export const DeletePayload = builder.objectRef<{ deletedId: string; taskId: string }>("DeletePayload").implement({
  description: "A delete that the stack has begun. The object is gone when the upstream no longer shows it.",
  authScopes: ({ taskId }, { viewer }) => isOwnTask(viewer, taskId) && { write: true },
  fields: (t) => ({
    deletedId: t.exposeID("deletedId", { description: "The global id of what is being deleted." }),
    task: t.field({
      type: Task,
      description: "The work of deleting. Deletes of one PSU at one connector share a task id.",
      extensions: load("taskById"),
      resolve: async ({ taskId }, _args, context: Context) => {
        const task = await taskById.load(context, taskId);
        if (task === null) throw notFound("task");
        return task;
      },
    }),
  }),
});
