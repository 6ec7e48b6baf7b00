/** Sends the doctor's requests, and describes what came back. */
import { type Dispatcher, request } from "undici";
import type { z } from "zod";
import { createDispatcher } from "../lib/network/http-proxy.ts";
import { toProblemKind } from "../lib/reconnecting-connection.ts";

export type HttpRequest = {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** `status` 0: there was no response, and `code` says why. */
export type HttpResponse = {
  readonly status: number;
  readonly code: string | null;
  readonly text: string;
  readonly location: string | null;
  /** How far the clock there is ahead of this machine's, in milliseconds; `null` where the response has no date. */
  readonly aheadMs: number | null;
};

/** Sends one request and follows no redirect. Never rejects. */
export type Send = (url: URL | string, request?: HttpRequest) => Promise<HttpResponse>;

const timeoutMs = 10_000;

/** @param proxyFor the proxy on the way to a URL, or `null`. */
export function createHttpClient(proxyFor: (url: URL) => URL | null): { readonly send: Send } & AsyncDisposable {
  const dispatchers = new Map<string, Dispatcher>();
  function dispatcherFor(url: URL): Dispatcher {
    const known = dispatchers.get(url.origin);
    if (known !== undefined) return known;
    const options = { connections: 4, maxResponseSize: 4 * 1024 * 1024, timeoutMs };
    const dispatcher = createDispatcher(url.origin, proxyFor(url), options);
    dispatchers.set(url.origin, dispatcher);
    return dispatcher;
  }
  return {
    async send(url, { method = "GET", headers = {}, body } = {}) {
      const signal = AbortSignal.timeout(timeoutMs);
      const sentAt = Date.now();
      try {
        const dispatcher = dispatcherFor(new URL(url));
        const response = await request(url, { dispatcher, method, headers, signal, ...(body && { body }) });
        const { date, location } = response.headers;
        // The header has whole seconds: half of one is what it leaves out.
        const there = Date.parse(String(date)) + 500;
        const aheadMs = Number.isNaN(there) ? null : there - (sentAt + Date.now()) / 2;
        const text = await response.body.text();
        return { status: response.statusCode, code: null, text, location: location?.toString() ?? null, aheadMs };
      } catch (error) {
        const code = signal.aborted ? "ETIMEDOUT" : toProblemKind(error);
        return { status: 0, code, text: "", location: null, aheadMs: null };
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** The JSON of a response in this shape; `null` where it is something else. */
export function parseBody<Value>({ text }: HttpResponse, shape: z.ZodType<Value>): Value | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A response in a word or two, without its text: that may be anything. */
export function describeResponse({ status, code }: HttpResponse): string {
  return status === 0 ? `no answer (${code})` : `answer ${status}`;
}

/** A path below a base that may have a path of its own. */
export function joinUrl(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/+$/, "") + path, base);
}
