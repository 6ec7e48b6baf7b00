/** Calls of other services by own fields: what they cost, and how they share an operation's time, trace and loaders. */

import { clientError, elsewhereTimeout, errorCodes } from "../errors.ts";
import { currentSpan } from "../lib/span.ts";
import { UpstreamError } from "../upstream/errors.ts";
import type { DeadlineListener } from "../upstream/transport/deadline.ts";
import type { Context } from "./context.ts";
import { bounded, type Costs, newKeySet, type RowSet } from "./cost.ts";
import { defineLoader, type Loader } from "./loader.ts";

/** What an own field declares. */
export type OwnCosts = Costs & {
  /** Counted each time that the field is resolved; loaders count their batches by themselves. */
  readonly callsPerRow: number;
  /** How long a list it returns at the most; `null`: it does not say. */
  readonly rows: number | null;
};

export type OwnCostOptions = {
  /** How many objects a list holds at the most, for each object that the field is of. Required of lists of objects. */
  readonly rows?: number;
};

/** Of a field that makes no call: what it needs is there already. */
export function free(options?: OwnCostOptions): OwnCosts {
  return toCosts(0, () => 0, options);
}

/** Of a field that makes so many calls of other services for each object that it is of. */
export function perRow(calls: number, options?: OwnCostOptions): OwnCosts {
  if (!(Number.isSafeInteger(calls) && calls > 0)) throw new Error("perRow takes how many calls it makes, from 1 on");
  return toCosts(calls, (count) => count * calls, options);
}

/** Of a field that loads by a loader, once for each object that it is of: one call for as many as a batch takes. */
export function perBatch({ maxKeys }: Loader<unknown>, options?: OwnCostOptions): OwnCosts {
  return toCosts(0, (count) => Math.ceil(count / maxKeys), options);
}

/** Its rows may be of any PSU, and each of another one: nothing of ours below them is counted as read already. */
function toCosts(
  callsPerRow: number,
  toCalls: (parents: number) => number,
  { rows }: OwnCostOptions = {},
): OwnCosts & { readonly cost: (...given: Parameters<Costs["cost"]>) => RowSet } {
  if (rows !== undefined && !(Number.isSafeInteger(rows) && rows > 0)) throw new Error("rows is a number, from 1 on");
  return {
    callsPerRow,
    rows: rows ?? null,
    cost: ({ count: parents, batchStep }, _args, total) => {
      total.calls += toCalls(parents);
      const keys = newKeySet(bounded(parents * (rows ?? 1)));
      return { count: keys.count, keys, psus: keys, batchStep: batchStep + 1 };
    },
  };
}

/** One call of another service. */
export type OwnCall = {
  /** Aborts at the operation's deadline, and when its client has left. */
  readonly signal: AbortSignal;
  /** Of the trace that the call is part of (W3C Trace Context), to be sent along; without tracing there are none. */
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Calls another service within the operation's time, in a span of this name. Rejects at the deadline with
 * `UPSTREAM_TIMEOUT`, whether the call heeds its signal or not.
 */
export async function callElsewhere<Value>(
  { operation, upstream }: Context,
  name: string,
  call: (call: OwnCall) => Promise<Value>,
): Promise<Value> {
  const { deadline } = upstream;
  const controller = new AbortController();
  const span = currentSpan(operation.span)?.child(name, "client");
  let isFault = true;
  try {
    deadline.check();
    const value = await new Promise<Value>((resolve, reject) => {
      const listener: DeadlineListener = {
        index: -1,
        onExpire(reason) {
          controller.abort(reason);
          reject(reason);
        },
      };
      deadline.addListener(listener);
      const { signal } = controller;
      const called = (async () => call({ signal, headers: span?.headers ?? {} }))();
      called.finally(() => deadline.removeListener(listener)).then(resolve, reject);
    });
    isFault = false;
    return value;
  } catch (error) {
    throw toOwnError(error, operation);
  } finally {
    span?.end({ isFault });
  }
}

/**
 * Rejects with `UPSTREAM_TIMEOUT` when the operation's time is over, unless the work has an error of its own by then.
 */
export function untilDeadline<Value>({ operation, upstream }: Context, work: Promise<Value>): Promise<Value> {
  const { deadline } = upstream;
  return new Promise((resolve, reject) => {
    const listener: DeadlineListener = {
      index: -1,
      onExpire: (reason) => setImmediate(() => reject(toOwnError(reason, operation))),
    };
    deadline.addListener(listener);
    work.finally(() => deadline.removeListener(listener)).then(resolve, reject);
  });
}

function toOwnError(error: unknown, { kind }: Context["operation"]): unknown {
  const isTimeout = error instanceof UpstreamError && error.kind === "timeout";
  return isTimeout ? elsewhereTimeout(kind === "mutation") : error;
}

/**
 * An error that clients see as it is: by its code, and whether the same request may succeed later.
 * @throws where the code is none of ours, or the extensions are no JSON: that would fail the whole answer.
 */
export const ownClientError: typeof clientError = (code, message, extensions = {}) => {
  if (!errorCodes.includes(code)) throw new TypeError(`clientError takes one of ${errorCodes.join(", ")}`);
  if ("http" in extensions) throw new TypeError("clientError takes no http: the status is the gateway's");
  JSON.stringify(extensions);
  return clientError(code, message, extensions);
};

/** It is a label of metrics. */
const loaderName = /^[A-Za-z]{1,40}$/;

/**
 * A loader of another service: gathers the keys that one operation asks for at the same time, and asks for each once.
 *
 * @param name what metrics and traces call it.
 * @param batch one call for so many keys; returns their values in the same order, with an `Error` for a key that failed.
 * @param options.maxKeys how many keys one call takes: operations are charged by it.
 */
export function defineOwnLoader<Value>(
  name: string,
  batch: (
    keys: readonly string[],
    call: OwnCall & { readonly context: Context },
  ) => Promise<readonly (Value | Error)[]>,
  options: { readonly maxKeys: number },
): Loader<Value> {
  if (!loaderName.test(name)) throw new Error("A loader's name has from 1 to 40 letters");
  const { maxKeys } = options;
  if (!(Number.isSafeInteger(maxKeys) && maxKeys > 0)) throw new Error(`${name}: maxKeys is a number, from 1 on`);
  const loadBatch = (keys: readonly string[], context: Context) => {
    context.operation.upstreamCalls += 1;
    return callElsewhere(context, name, (call) => batch(keys, { ...call, context }));
  };
  return defineLoader(name, loadBatch, { maxKeys });
}
