/** Executes equal messages of equal subscriptions once. */
import type { DocumentNode, ExecutionResult } from "graphql";

type Result = ExecutionResult<Record<string, unknown>>;

const inFlight = new WeakMap<DocumentNode, Map<string, Promise<Result>>>();

/**
 * Of thousands of subscribers to one change, one pays for the result and its upstream calls. A result is shared with
 * those that come until the end of the event loop's iteration in which it is ready, since what it has read may change
 * after that. One with errors is not shared: its subscriber may have been cancelled, or have reached a deadline of its
 * own.
 * @param key equal for those that may share a result; `null`: executed alone.
 */
export async function coalesce(
  document: DocumentNode,
  key: string | null,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  if (key === null) return run();
  let byKey = inFlight.get(document);
  const others = byKey?.get(key);
  if (others !== undefined) {
    const result = await others;
    return result.errors === undefined ? result : run();
  }
  if (byKey === undefined) {
    byKey = new Map();
    inFlight.set(document, byKey);
  }
  const own = Promise.resolve(run());
  byKey.set(key, own);
  try {
    return await own;
  } finally {
    setImmediate(() => byKey.delete(key));
  }
}
