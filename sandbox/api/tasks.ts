/** The route of tasks. */
import { notFound } from "../http/api-error.ts";
import { json } from "../http/response.ts";
import { toWireTask } from "../models/task.ts";
import type { World } from "../world.ts";
import type { Routes } from "./rest-request.ts";

export function addTaskRoutes({ on }: Routes, world: World): void {
  on("GET", "/tasks/:task", (call) => {
    const task = world.task(call.encodedID("task"));
    if (task === undefined) throw notFound("cannot get task");
    return json(200, { data: toWireTask(task) });
  });
}
