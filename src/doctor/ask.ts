import { Agent, request } from "undici";
import type { z } from "zod";
import { toProblemKind } from "../lib/reconnecting-connection.ts";

export type Question = {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** `status` 0: no answer came, and `code` says why. */
export type Answer = {
  readonly status: number;
  readonly code: string | null;
  readonly text: string;
  readonly location: string | null;
  /** How far the clock there is ahead of this machine's, in milliseconds; `null` where the answer does not tell. */
  readonly aheadMs: number | null;
};

/** Asks by HTTP, once, and follows no redirect. Never rejects. */
export type Ask = (url: URL | string, question?: Question) => Promise<Answer>;

const withinMs = 10_000;

export function createAsk(): { readonly ask: Ask } & AsyncDisposable {
  const agent = new Agent({ connections: 4, maxResponseSize: 4 * 1024 * 1024 });
  return {
    async ask(url, { method = "GET", headers = {}, body } = {}) {
      const signal = AbortSignal.timeout(withinMs);
      const sentAt = Date.now();
      try {
        const answer = await request(url, { dispatcher: agent, method, headers, signal, ...(body && { body }) });
        const { date, location } = answer.headers;
        // The header has whole seconds: half of one is what it leaves out.
        const there = Date.parse(String(date)) + 500;
        const aheadMs = Number.isNaN(there) ? null : there - (sentAt + Date.now()) / 2;
        const text = await answer.body.text();
        return { status: answer.statusCode, code: null, text, location: location?.toString() ?? null, aheadMs };
      } catch (error) {
        const code = signal.aborted ? "ETIMEDOUT" : toProblemKind(error);
        return { status: 0, code, text: "", location: null, aheadMs: null };
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/** The JSON of an answer in this shape; `null` where it is something else. */
export function read<Value>({ text }: Answer, shape: z.ZodType<Value>): Value | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** An answer in a word or two. The text stays out: it may be anything. */
export function toOutcome({ status, code }: Answer): string {
  return status === 0 ? `no answer (${code})` : `answer ${status}`;
}

/** A path below a base that may have a path of its own. */
export function below(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/+$/, "") + path, base);
}
