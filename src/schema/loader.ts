/** Loaders on top of DataLoader, and helpers for their batches. */

import DataLoader from "dataloader";
import { inSpan } from "../lib/span.ts";
import { isNotFound } from "../upstream/client.ts";
import type { Context } from "./context.ts";

export type Loader<Value> = {
  /** How many keys one batch takes. */
  readonly maxKeys: number;
  load(context: Context, key: string): Promise<Value>;
  /** Keeps rows that the operation has read by another way. */
  prime(context: Context, rows: readonly (Value & object)[], toKey: (row: Value & object) => string): void;
};

/**
 * `load` batches the keys of one tick of an operation and reads each key once per operation. Metrics and traces show
 * the name.
 *
 * `batch` returns values in the order of its keys, with an `Error` for a key that failed; if it rejects, all its keys
 * fail. `maxKeys` splits a batch; the parts run in parallel.
 */
export function defineLoader<Value>(
  name: string,
  batch: (keys: readonly string[], context: Context) => Promise<readonly (Value | Error)[]>,
  { maxKeys = Number.POSITIVE_INFINITY }: { readonly maxKeys?: number } = {},
): Loader<Value> {
  const identity = {};
  /** Of those that were read by another way, but not asked for yet: few are. */
  const primed = {};
  const loaderOf = (context: Context) => {
    let loader = context.loaders.get(identity) as DataLoader<string, Value> | undefined;
    if (loader === undefined) {
      const load = (keys: readonly string[]) => {
        context.metrics.batched(name, keys.length);
        return inSpan(context.operation.span, `load ${name}`, () => batch(keys, context));
      };
      loader = new DataLoader(load, { maxBatchSize: maxKeys });
      context.loaders.set(identity, loader);
    }
    return loader;
  };
  return {
    maxKeys,
    load(context, key) {
      const loader = loaderOf(context);
      const primes = context.loaders.get(primed) as Prime<Value>[] | undefined;
      if (primes !== undefined) {
        context.loaders.delete(primed);
        for (const { rows, toKey } of primes) for (const row of rows) loader.prime(toKey(row), row);
      }
      return loader.load(key);
    },
    prime(context, rows, toKey) {
      const primes = context.loaders.get(primed) as Prime<Value>[] | undefined;
      if (primes === undefined) context.loaders.set(primed, [{ rows, toKey }]);
      else primes.push({ rows, toKey });
    },
  };
}

type Prime<Value> = {
  readonly rows: readonly (Value & object)[];
  readonly toKey: (row: Value & object) => string;
};

/** The most keys in one `$or`: the service takes more, but the request grows with each. */
export const maxKeysPerFilter = 50;

/**
 * One call per key, in parallel; a key that fails fails alone. All values arrive at the same time, so that the keys of
 * the next level are loaded in one tick and become one batch again.
 *
 * @param absent the value of a key that the service does not know; when left out, that is a failure.
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

/** Chunks of even size, of at most `maxKeys` each. */
export function chunkEvenly(keys: readonly string[], maxKeys: number): readonly (readonly string[])[] {
  const count = Math.ceil(keys.length / maxKeys);
  const at = (chunk: number) => Math.round((chunk * keys.length) / count);
  return Array.from({ length: count }, (_, chunk) => keys.slice(at(chunk), at(chunk + 1)));
}

/** The rows in the order of their keys; `null` for a key without a row. */
export function inKeyOrder<Row>(keys: readonly string[], rows: readonly Row[], toKey: (row: Row) => string) {
  const byKey = new Map(rows.map((row) => [toKey(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
