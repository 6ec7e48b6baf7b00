/**
 * Deletes that run in the background, each with a task that shows its progress. The task's id comes from what is
 * deleted, for a connection only from its PSU and connector. A delete whose id is running, or has succeeded before, sets
 * the task back to PROCESSING and does nothing more.
 */

import { ApiError, notFound } from "../http/api-error.ts";
import { toTaskId } from "../ids.ts";
import { isOfConnection } from "../models/connection.ts";
import type { Connector } from "../models/connector.ts";
import { createTask, type Task, toTaskEvent } from "../models/task.ts";
import { pair, removeData, removeFrom } from "../store/store.ts";
import { findConnection, findConnector, findPerson, nowOf, type SandboxContext } from "./context.ts";

const delayMs = 300;
const stack = "sandbox";

export type Deletions = {
  /** Each returns the task's id. */
  person(psuID: string): string;
  fromConnector(psuID: string, connectorID: string): string;
  /** Uninstalls it: until the work is done it is listed as scheduled for deletion. */
  connector(connector: Connector): string;
  /** Checks nothing: not the PSU, not that the connection exists, not that it is the PSU's. */
  connection(psuID: string, connectorID: string, connectionID: string): string;
};

export function createDeletions(context: SandboxContext): Deletions {
  const { store, clock, outbox } = context;
  const runs = new Map<string, "running" | "succeeded" | "failed">();

  function start(reference: string, connectorID: string | null, objectID: string, work: () => void): string {
    return startTask(toTaskId(connectorID, reference), connectorID, objectID, work);
  }

  function startTask(id: string, connectorID: string | null, objectID: string, work: () => void): string {
    const known = store.tasks.get(id);
    // Of a new task both times are the same, of no other: the service's clock is finer than this one.
    const now = Math.max(nowOf(context), (known?.updatedAt ?? 0) + 1);
    const task = known ?? createTask({ id, connectorID, createdAt: now });
    store.tasks.set(id, task);
    Object.assign(task, { status: "PROCESSING", error: null, updatedAt: now });
    outbox.emit("UPDATED_TASK", toTaskEvent({ ...task, createdAt: now, createdObjectID: null }));
    const run = runs.get(id);
    if (run === "running" || run === "succeeded") return id;
    runs.set(id, "running");
    clock.after(delayMs, () => {
      try {
        work();
        runs.set(id, "succeeded");
        finish(task, { status: "SUCCEEDED", createdObjectID: objectID });
      } catch (error) {
        runs.set(id, "failed");
        finish(task, { status: "FAILED", error: (error as Error).message });
      }
    });
    return id;
  }

  /** What ends a task does not know when it was made. */
  function finish(task: Task, changes: Partial<Pick<Task, "status" | "error" | "createdObjectID">>) {
    Object.assign(task, changes, { updatedAt: nowOf(context) });
    outbox.emit("UPDATED_TASK", toTaskEvent({ ...task, createdAt: null }));
  }

  function reference(prefix: string, connectorID: string, psuID: string): string {
    const connector = findConnector(context, connectorID);
    // The task's row cannot name a connector that is not there.
    if (connector === undefined) throw new ApiError("VALIDATION", "connector_id: value not found");
    return `${prefix}-${stack}-${connector.provider}-${connector.reference}-${psuID}`;
  }

  function checkForwarded(psuID: string, connectorID: string) {
    if (findPerson(context, psuID) === undefined) throw notFound("select psu");
    if (!store.forwarded.has(pair(psuID, connectorID))) throw notFound("getting open banking forwarded user");
  }

  return {
    person(psuID) {
      if (findPerson(context, psuID) === undefined) throw notFound("cannot get payment service user");
      return start(`delete-user-${stack}-${psuID}`, null, psuID, () => {
        removeData(store, (row) => row.psuID === psuID);
        removeFrom(store.connections, (row) => row.psuID === psuID);
        removeFrom(store.attempts, (row) => row.psuID === psuID);
        removeFrom(store.people, (row) => row.id === psuID);
        for (const row of store.bankAccounts) if (row.psuID === psuID) row.psuID = null; // nobody's, and still there
        for (const { id } of store.connectors) store.forwarded.delete(pair(psuID, id));
      });
    },
    fromConnector(psuID, connectorID) {
      return start(reference("delete-user-connector", connectorID, psuID), connectorID, psuID, () => {
        checkForwarded(psuID, connectorID);
        // The service removes data and the user's registration, but not the connections' rows.
        removeData(store, (row) => row.psuID === psuID && row.connectorID === connectorID);
        store.forwarded.delete(pair(psuID, connectorID));
      });
    },
    connector(connector) {
      connector.scheduledForDeletion = true;
      const { id, provider, reference: own } = connector;
      // The task outlives the connector: its id names it, its row does not.
      return startTask(toTaskId(id, `uninstall-${stack}-${provider}-${own}`), null, id, () => {
        const isOfIt = (row: { readonly connectorID: string }) => row.connectorID === id;
        removeData(store, isOfIt);
        removeFrom(store.connections, isOfIt);
        removeFrom(store.attempts, isOfIt);
        for (const row of store.bankAccounts) removeFrom(row.relatedAccounts, isOfIt);
        for (const person of store.people) store.forwarded.delete(pair(person.id, id));
        removeFrom(store.connectors, (row) => row.id === id);
      });
    },
    connection(psuID, connectorID, connectionID) {
      return start(reference("delete-user-connection", connectorID, psuID), connectorID, psuID, () => {
        if (findConnection(context, connectorID, connectionID) === undefined) {
          throw notFound("getting open banking connection");
        }
        checkForwarded(psuID, connectorID);
        const isIt = isOfConnection({ psuID, connectorID, connectionID });
        removeData(store, isIt);
        removeFrom(store.connections, isIt);
      });
    },
  };
}
