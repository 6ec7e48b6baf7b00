/** Talks to the demo's gateway as a front end does, by HTTP and WebSocket, and prints each operation with its answer. */
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "graphql-ws";
import { toCommandLine } from "../../config/own-package.ts";
import { ExplainedError } from "../explained-error.ts";

export type Json = string | number | boolean | null | { readonly [name: string]: Json } | readonly Json[];
type GraphqlError = { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> };
type Answer = { readonly data?: Json; readonly errors?: readonly GraphqlError[] };

export type DemoClientOptions = {
  /** The gateway's URL, without a path. */
  readonly url: string;
  readonly token: string;
  /** The user wants to end: nothing is begun any more. */
  readonly signal: AbortSignal;
};

export type Following = {
  /**
   * Called with each message, and with `null` every `everyMs`; ends the following with `true`. What fails in passing is
   * asked again.
   */
  readonly isOver: (data: Json) => boolean | Promise<boolean>;
  readonly withinMs: number;
  readonly everyMs?: number;
  /** Begins once the first message is there. */
  readonly meanwhile?: () => Promise<void>;
};

/** An operation that the gateway refused; `code` is that of its first error. */
export class RefusedError extends ExplainedError {
  readonly code: string;
  /** Whether the same may succeed later. */
  readonly isRetryable: boolean;
  /** Of what was created all the same, and could only not be read. */
  readonly createdId: string | null;

  constructor(title: string, [first, ...others]: readonly GraphqlError[]) {
    const { code, retryable, createdId } = first?.extensions ?? {};
    const more = others.length > 0 ? `, and ${others.length} more` : "";
    const advice = /^UPSTREAM_/.test(String(code)) ? ` \`${toCommandLine("doctor")}\` checks the stack.` : "";
    super(`"${title}" failed: ${first?.message ?? "no reason was given"} (${String(code)}${more}).${advice}`);
    this.code = String(code);
    this.isRetryable = retryable === true;
    this.createdId = typeof createdId === "string" ? createdId : null;
  }
}

export type DemoClient = ReturnType<typeof createDemoClient>;

export function createDemoClient({ url, token, signal }: DemoClientOptions) {
  const authorization = `Bearer ${token}`;
  const sockets = createClient({ url: `${url.replace("http", "ws")}/graphql`, connectionParams: { authorization } });
  let steps = 0;

  async function send(title: string, operation: string, variables: object): Promise<Json> {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify({ query: operation, variables }),
    });
    const { data = null, errors } = (await response.json()) as Answer;
    if (errors !== undefined) throw new RefusedError(title, errors);
    return data;
  }

  function report(title: string, operation: string, variables: object): void {
    steps += 1;
    const text = operation.trim().replaceAll(new RegExp(`^${/^\n?( *)/.exec(operation)?.[1]}`, "gm"), "");
    say(`\n${steps}. ${title}\n${text}\n   with ${shortenIds(JSON.stringify(variables))}`);
  }

  return {
    get steps() {
      return steps;
    },
    /** Without a word. */
    send,
    async step(title: string, operation: string, variables: object = {}): Promise<Json> {
      signal.throwIfAborted();
      const data = await send(title, operation, variables);
      report(title, operation, variables);
      say(`→ ${shortenIds(JSON.stringify(data, null, 2))}`);
      return data;
    },
    /** Follows a subscription until it is over, for a bounded time, and prints each message. */
    async follow(title: string, operation: string, variables: Record<string, unknown>, following: Following) {
      const { isOver, withinMs, everyMs = withinMs, meanwhile = async () => {} } = following;
      report(title, operation, variables);
      const ending = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
      const ended = rejectOnAbort(ending);
      const failed = Promise.withResolvers<never>();
      failed.promise.catch(() => {});
      const messages = sockets.iterate<Json>({ query: operation, variables });
      let next = messages.next();
      let rest: Promise<void> | null = null;
      try {
        for (;;) {
          const message = await Promise.race([next, pause(everyMs, null, { ref: false }), ended, failed.promise]);
          if (message === null) {
            if (await unlessPassing(() => isOver(null))) return;
            continue;
          }
          if (message.done) throw new ExplainedError(`"${title}": the stream ended before that.`);
          next = messages.next();
          next.catch(() => {});
          const { data, errors } = message.value;
          if (errors !== undefined || data == null) throw new RefusedError(title, errors ?? []);
          say(`→ ${shortenIds(JSON.stringify(data, null, 2))}`);
          if (rest === null) {
            rest = meanwhile();
            rest.catch(failed.reject);
          }
          if (await unlessPassing(() => isOver(data))) {
            await rest;
            return;
          }
        }
      } catch (error) {
        if (!ending.aborted || signal.aborted) throw error;
        throw new ExplainedError(`"${title}" did not come true within ${toDuration(withinMs)}.`);
      } finally {
        await messages.return?.();
      }
    },
    [Symbol.asyncDispose]: async () => sockets.dispose(),
  };
}

async function unlessPassing(check: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof RefusedError && error.isRetryable) return false;
    throw error;
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}

/** Nobody reads more of an id than its beginning: UUIDs wherever they stand, and texts of JSON that are ids. */
export function shortenIds(text: string): string {
  const beginning = (id: string) => `${id.slice(0, 8)}…`;
  return text
    .replaceAll(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, beginning)
    .replaceAll(/(?<=")(?=[^"]*[a-z])(?=[^"]*[A-Z\d])[\w-]{20,}=*(?="(?!:))/g, beginning);
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function toDuration(ms: number): string {
  const [count, unit] = ms < 60_000 ? [Math.round(ms / 1000), "second"] : [Math.round(ms / 60_000), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** The value at a path such as `connectors.nodes.0.id`. */
export function at(data: Json, path: string): Json {
  let value: Json | undefined = data;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? (value as Record<string, Json>)[name] : undefined;
  }
  if (value === undefined) throw new ExplainedError(`The answer has no ${path}: ${JSON.stringify(data)}`);
  return value;
}

export const listAt = (data: Json, path: string): readonly Json[] => at(data, path) as readonly Json[];

export function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new ExplainedError(`Expected that ${what}.`);
}
