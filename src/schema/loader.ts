/** Loaders: each gathers the keys of one tick into one batch, and reads no key twice in an operation. */

import DataLoader from "dataloader";
import { inSpan } from "../lib/span.ts";
import { isNotFound } from "../upstream/client.ts";
import type { Context } from "./context.ts";

type Loader<Value> = {
  load(context: Context, key: string): Promise<Value>;
  /** Tells the operation a value that it has already read. */
  prime(context: Context, key: string, value: Value): void;
};

/**
 * A loader that lives beside its type: `load` gathers the keys that one tick of an operation asks for and answers
 * each key once per operation. Metrics and traces know it by its name.
 *
 * `batch` answers in the order of its keys, with an `Error` for a key that failed; if it rejects, all its keys fail.
 * `maxKeys` splits a batch; the parts run side by side.
 */
export function defineLoader<Value>(
  name: string,
  batch: (keys: readonly string[], context: Context) => Promise<readonly (Value | Error)[]>,
  options: { readonly maxKeys?: number } = {},
): Loader<Value> {
  const identity = {};
  const loaderOf = (context: Context) => {
    let loader = context.loaders.get(identity) as DataLoader<string, Value> | undefined;
    if (loader === undefined) {
      const load = (keys: readonly string[]) => {
        context.metrics.batched(name, keys.length);
        return inSpan(context.operation.span, `load ${name}`, () => batch(keys, context));
      };
      loader = new DataLoader(load, {
        maxBatchSize: options.maxKeys ?? Number.POSITIVE_INFINITY,
      });
      context.loaders.set(identity, loader);
    }
    return loader;
  };
  return {
    load: (context, key) => loaderOf(context).load(key),
    prime: (context, key, value) => {
      loaderOf(context).prime(key, value);
    },
  };
}

/** The most keys in one `$or`: the service takes more, but the request grows with each. */
export const maxKeysPerFilter = 50;

/**
 * One call per key, side by side; a key that fails fails alone. All answer at the same time, so that whatever hangs
 * from them is asked for in one tick and can be gathered again.
 *
 * @param absent what a key has that the service does not know; when left out, that is a failure.
 */
export function loadEach<Value>(
  keys: readonly string[],
  load: (key: string) => Promise<Value>,
  absent?: Value,
): Promise<readonly (Value | Error)[]> {
  const values: (Value | Error)[] = [];
  let due = keys.length;
  if (due === 0) return Promise.resolve(values);
  return new Promise((resolve) => {
    for (const [at, key] of keys.entries()) {
      const settle = (value: Value | Error) => {
        values[at] = value;
        due -= 1;
        if (due === 0) resolve(values);
      };
      const fail = (reason: unknown) => settle(absent !== undefined && isNotFound(reason) ? absent : toError(reason));
      try {
        load(key).then(settle, fail);
      } catch (error) {
        fail(error); // before there is a promise, such as for an id that no path can hold
      }
    }
  });
}

/** How `node` and `nodes` load a noun. Pothos passes an `Error` on to graphql-js, which fails that node alone. */
export function loadNodes<Value>(load: (context: Context, key: string) => Promise<Value>) {
  return (keys: readonly string[], context: Context) =>
    loadEach(keys, (key) => load(context, key)) as Promise<readonly Value[]>;
}

/** Parts of even size, of so many keys at the most each. */
export function chunkEvenly(keys: readonly string[], most: number): readonly (readonly string[])[] {
  const count = Math.ceil(keys.length / most);
  const at = (part: number) => Math.round((part * keys.length) / count);
  return Array.from({ length: count }, (_, part) => keys.slice(at(part), at(part + 1)));
}

/** The rows in the order of the keys that asked for them; `null` for a key without a row. */
export function inKeyOrder<Row>(keys: readonly string[], rows: readonly Row[], toKey: (row: Row) => string) {
  const byKey = new Map(rows.map((row) => [toKey(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
