import type { DocumentNode, ExecutionResult } from "graphql";
import type { Viewer } from "../auth/viewer.ts";

/** What a message of a stream is made of. */
export type Asked = {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: unknown;
  readonly viewer: Viewer;
  /** What the stream's field resolves. */
  readonly message: unknown;
};

const underWay = new WeakMap<DocumentNode, Map<string, Promise<ExecutionResult>>>();

/**
 * Runs a message once for all streams that come to it at the same moment and ask for the same: of thousands of
 * subscribers who hear of one change, one pays for the answer and its upstream calls. Only what is equal in full is the
 * same, the viewer included, so that nothing a resolver may look at can differ. An answer lives no longer than the turn
 * in which it came, since what it has read may change. One with errors is nobody else's: its subscriber may have left,
 * or used up a time that was its own.
 */
export async function runOnce(
  asked: Asked,
  run: () => ExecutionResult | Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const key = toKey(asked);
  if (key === null) return run();
  let ofDocument = underWay.get(asked.document);
  const others = ofDocument?.get(key);
  if (others !== undefined) {
    const result = await others.catch(() => null);
    return result === null || result.errors !== undefined ? run() : result;
  }
  if (ofDocument === undefined) {
    ofDocument = new Map();
    underWay.set(asked.document, ofDocument);
  }
  const own = Promise.resolve(run());
  ofDocument.set(key, own);
  try {
    return await own;
  } finally {
    setImmediate(() => ofDocument.delete(key));
  }
}

/** `null`: a message that cannot be compared, as an error cannot. */
function toKey({ operationName, variables, viewer, message }: Asked): string | null {
  if (message instanceof Error) return null;
  const { subject, psuId, scopes } = viewer;
  return JSON.stringify([subject, psuId, scopes, operationName, variables, message]);
}
