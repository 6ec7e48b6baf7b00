/** One HTTP request and its whole response, by undici's lowest interface. */
import type { Dispatcher } from "undici";
import { proxyStatusOf } from "../../lib/network/http-proxy.ts";
import type { Span } from "../../lib/span.ts";
import { charsetOf, decodeUtf8 } from "../../lib/utf8.ts";
import { toProxyError, UpstreamError, type UpstreamErrorKind, withEffect } from "../errors.ts";
import type { UpstreamObserver } from "../observer.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Deadline, DeadlineListener } from "./deadline.ts";

export type HttpRequest = {
  /** The label of the call in metrics and traces. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Sent with GET, too. */
  readonly body: string | null;
};

export type HttpResponse = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** `null`: it is in no UTF-8. */
  readonly text: string | null;
};

/** What all exchanges share. */
export type HttpExchangeDeps = {
  readonly connections: Connections;
  /** Of the stack's URL; paths are below it. */
  readonly basePath: string;
  readonly observer: UpstreamObserver;
};

/**
 * Of each request either `onResponse` or `onError` is called, once. A class that is extended, so that a call is one object:
 * hundreds are under way at once (docs/decisions/0021-memory-per-stream.md).
 */
export abstract class HttpExchange implements Dispatcher.DispatchHandler, DeadlineListener {
  index = -1;
  /** Set by `Connections`. */
  connection: Connection | null = null;
  protected readonly deadline: Deadline;
  readonly #deps: HttpExchangeDeps;
  #name = "";
  #span: Span | null = null;
  #sentAt = 0;
  #controller: Dispatcher.DispatchController | null = null;
  #expired: UpstreamError | null = null;
  #status = 0;
  #retryAfter: string | undefined = undefined;
  #contentType: string | undefined = undefined;
  #firstChunk: Buffer | null = null;
  /** All chunks, where there is more than one. */
  #chunks: Buffer[] | null = null;

  constructor(deps: HttpExchangeDeps, deadline: Deadline) {
    this.#deps = deps;
    this.deadline = deadline;
  }

  /** The whole response, whatever its status. */
  protected abstract onResponse(response: HttpResponse): void;
  /** There is no response before the deadline. The error's `effect` is `none` if nothing was sent. */
  protected abstract onError(error: UpstreamError): void;

  /** Again only after `onResponse`. The subclass adds itself to the deadline's listeners, and removes itself. */
  protected sendRequest({ name, method, path, headers, body }: HttpRequest, span: Span | null): void {
    this.#name = name;
    this.#span = span;
    this.#controller = null;
    this.#firstChunk = null;
    this.#chunks = null;
    this.#sentAt = performance.now();
    const all = span === null ? headers : [...headers, ...Object.entries(span.headers).flat()];
    // `dispatch`, because `request` makes a stream of each response, which costs a third of the calls per second.
    // `reset: false`, because undici closes the socket after each GET with a body, in case the server does not read it:
    // each filter would cost a handshake.
    const options = { method, path: this.#deps.basePath + path, headers: all as string[], body, reset: false };
    this.#deps.connections.dispatch(options, this);
  }

  #report(outcome: number | UpstreamErrorKind): void {
    this.#deps.observer.onCall(this.#name, outcome, performance.now() - this.#sentAt);
    if (this.#span === null) return;
    const isFault = typeof outcome === "string" || outcome >= 400;
    this.#span.end({ isFault, attributes: { "gateway.upstream_outcome": outcome } });
  }

  #release(): void {
    if (this.connection !== null) this.#deps.connections.release(this.connection);
    this.connection = null;
  }

  #fail(error: UpstreamError): void {
    this.#report(error.kind);
    this.onError(error);
  }

  get #effect() {
    return this.#controller === null ? "none" : "unknown";
  }

  onExpire(reason: UpstreamError): void {
    this.#expired = withEffect(reason, this.#effect);
    this.#fail(this.#expired);
    this.#controller?.abort(this.#expired);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#expired === null) this.#controller = controller;
    else controller.abort(this.#expired);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#retryAfter = firstOf(headers["retry-after"]);
    this.#contentType = firstOf(headers["content-type"]);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#firstChunk === null) this.#firstChunk = chunk;
    else if (this.#chunks === null) this.#chunks = [this.#firstChunk, chunk];
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#release();
    if (this.#expired !== null) return;
    const body = this.#chunks === null ? this.#firstChunk : Buffer.concat(this.#chunks);
    const text = body === null ? "" : toText(body, this.#contentType);
    this.#report(this.#status);
    this.onResponse({ status: this.#status, retryAfter: this.#retryAfter, text });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#release();
    if (this.#expired === null) this.#fail(toConnectionError(error, this.#effect));
  }
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** JSON is UTF-8 (RFC 8259). Read leniently, every byte that is not would become another character. */
function toText(body: Buffer, contentType: string | undefined): string | null {
  const isUtf8 = contentType === "application/json" || utf8Charsets.includes(charsetOf(contentType));
  return isUtf8 ? decodeUtf8(body) : null;
}

const utf8Charsets = ["utf-8", "utf8", "us-ascii"];

function toConnectionError(error: Error, effect: "none" | "unknown"): UpstreamError {
  const code = "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return new UpstreamError("malformed", "the answer is too large", { effect });
  }
  const status = proxyStatusOf(code);
  if (status !== null) return toProxyError(status);
  return new UpstreamError("unavailable", code || "the connection failed", { cause: error, isPassing: true, effect });
}
