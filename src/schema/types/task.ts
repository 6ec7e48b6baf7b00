/** Tasks: the stack's work in the background, and what a delete answers before it is done. */

import { notFound } from "../../errors.ts";
import { withoutNumbers } from "../../upstream/account-numbers.ts";
import { orMalformed } from "../../upstream/errors.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder } from "../builder.ts";
import { byId, load, stream } from "../cost.ts";
import { toKey } from "../global-id.ts";
import { loadNodes } from "../loader.ts";
import { connectorById } from "../loaders/connector.ts";
import { isOwnTask, taskById, watchTask } from "../loaders/task.ts";
import { Connector, Task } from "../refs.ts";
import { createStateDiffer, orThrow, subscribeTo } from "../subscription.ts";

const TaskStatus = builder.enumType("TaskStatus", {
  description: "How far a task is.",
  values: {
    PROCESSING: { description: "Not done yet. A task that shares its id with an earlier one may stay so." },
    SUCCEEDED: {},
    FAILED: { description: "`error` says why." },
  },
});

builder.node(Task, {
  description: "Work that the stack does in the background, such as a delete.",
  authScopes: ({ id }, { viewer }) => isOwnTask(viewer, id) && { read: true },
  id: { resolve: (task) => task.id },
  loadManyWithoutCache: loadNodes(taskById.load),
  fields: (t) => ({
    taskId: t.exposeString("id", { description: "The upstream's own id." }),
    status: t.field({
      type: TaskStatus,
      semanticNonNull: true,
      resolve: ({ status }) => orMalformed(status, "status of a task"),
    }),
    error: t.string({
      nullable: true,
      description:
        "Why it failed: in the stack's own words for an operator, without account numbers; without the words for a PSU.",
      // They are about the stack's insides, and may name its machines. A provider may quote the numbers that it refuses.
      resolve({ error }, _args, { viewer }) {
        if (error === null) return null;
        return viewer.psuId === null ? withoutNumbers(error) : "The stack could not do it.";
      },
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
