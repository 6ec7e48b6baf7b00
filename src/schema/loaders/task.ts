/** Reads and watches tasks. */

import { isDeepStrictEqual } from "node:util";
import type { Viewer } from "../../auth/viewer.ts";
import { connectionsTopic, taskTopic } from "../../live/connection-events.ts";
import type { Watched } from "../../live/watched.ts";
import { orNull } from "../../upstream/client.ts";
import { parseTaskOwner } from "../../upstream/upstream-id.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { defineLoader, loadEach } from "../loader.ts";

export const taskById = defineLoader<wire.Task | null>("taskById", (ids, { upstream, viewer, live }) =>
  loadEach(ids, async (id) => {
    if (!isOwnTask(viewer, id)) return null;
    const task = await orNull(upstream.task(id));
    live.watchers.observe(toWatcherKey(id), task);
    // The service parses the names inside an id more loosely than we do: the id that it returns is the one to check.
    return task !== null && isOwnTask(viewer, task.id) ? task : null;
  }),
);

export function isOwnTask(viewer: Viewer, taskId: string): boolean {
  return viewer.psuId === null || parseTaskOwner(taskId) === viewer.psuId;
}

function toWatcherKey(taskId: string): string {
  return `task:${taskId}`;
}

/** What a status means that this gateway does not know, a later read may show. */
export function hasEnded({ status }: wire.Task): boolean {
  return status === "SUCCEEDED" || status === "FAILED";
}

export function watchTask(taskId: string): Watched<wire.Task> {
  const psuId = parseTaskOwner(taskId);
  return {
    key: toWatcherKey(taskId),
    topics: [taskTopic(taskId)],
    invalidates: psuId === null ? [] : [connectionsTopic(psuId)],
    async read(upstream, before) {
      const task = await orNull(upstream.task(taskId));
      // As above. Viewers share a watch, so what it finds must be what each of them may see by the id that they gave.
      if (task?.id !== taskId) return null;
      // Only a success sets `createdObjectID`: it has come, and a later delete with this task has set the status back.
      const hasSucceeded = before?.createdObjectID === null && task.createdObjectID !== null;
      return hasSucceeded ? { ...task, status: "SUCCEEDED" } : task;
    },
    isSame: isDeepStrictEqual,
    isFinal: hasEnded,
    maxPauseMs: 30_000,
    isSettled: () => false,
    changesAt: () => Number.POSITIVE_INFINITY,
  };
}
