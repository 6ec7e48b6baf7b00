/** A system that is measured: how it is started and asked, and what it is known not to do. */
import { type QueryName, queries } from "../queries.ts";
import type { Program } from "./program.ts";
import type { Session } from "./session.ts";
import type { Stack } from "./stack.ts";
import { parseExactly, readOwn } from "./trees.ts";

/** A system that runs. */
export type Target = Program & {
  readonly url: string;
  /** With each request. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Operation = { readonly operationName: string; readonly query: string; readonly variables: object };

export type System = {
  readonly name: string;
  /** Why it cannot run here: a sentence. Null when it can. */
  readonly missing: string | null;
  start(stack: Stack, session: Session): Promise<Target>;
  toOperation(query: QueryName, variables: Variables): Operation;
  /** The tree that all must give. */
  read(query: QueryName, data: unknown): unknown;
  /** Edges that it is known to get wrong, by their names, and why. */
  readonly cannot: Readonly<Record<string, string>>;
};

export type Variables = { readonly psuId?: string | undefined; readonly ids?: readonly string[] };

/** A system with the gateway's schema. */
export const inOwnSchema = {
  missing: null,
  cannot: {},
  toOperation: (query: QueryName, variables: Variables): Operation => ({
    operationName: query,
    query: queries[query],
    variables,
  }),
  read: readOwn,
};

/** What is sent to it. A host is named because autocannon's own would be "undefined:undefined". */
export function toRequest(target: Target, operation: Operation) {
  return {
    method: "POST" as const,
    path: "/graphql",
    headers: {
      host: new URL(target.url).host,
      "content-type": "application/json",
      accept: "application/json",
      ...target.headers,
    },
    body: JSON.stringify(operation),
  };
}

/** Its data. @throws on errors in the answer. */
export async function send(target: Target, operation: Operation): Promise<unknown> {
  const { method, path, body, headers } = toRequest(target, operation);
  const attempt = () => fetch(`${target.url}${path}`, { method, headers, body });
  const response = await attempt().catch(attempt); // a server may end a kept connection that was idle
  const { data, errors } = parseExactly(await response.text()) as { data?: unknown; errors?: object };
  if (errors !== undefined) throw new Error(JSON.stringify(errors).slice(0, 500));
  return data;
}
