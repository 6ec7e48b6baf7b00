/** One HTTP request and its whole response, by undici's lowest interface. */
import type { Dispatcher } from "undici";
import { charsetOf, decodeUtf8 } from "../../lib/utf8.ts";
import { UpstreamError, withEffect } from "../errors.ts";
import type { Deadline, DeadlineListener } from "./deadline.ts";

export type HttpRequest = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with GET, too. */
  readonly body: string | null;
};

export type HttpResponse = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** `null`: it is in no UTF-8. */
  readonly text: string | null;
};

/** Called once, the one or the other. */
export type ResponseHandler = {
  /** The whole response, whatever its status. */
  onResponse(response: HttpResponse): void;
  /** There is no response before the deadline. The error's `effect` is `none` if nothing was sent. */
  onError(error: UpstreamError): void;
};

export function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  deadline: Deadline,
  handler: ResponseHandler,
): void {
  try {
    deadline.check();
  } catch (error) {
    handler.onError(error as UpstreamError);
    return;
  }
  const started = new HttpExchange(deadline, handler);
  deadline.addListener(started);
  // `dispatch`, because `request` makes a stream of each response, which costs a third of the calls per second.
  // `reset: false`, because undici closes the socket after each GET with a body, in case the server does not read it:
  // each filter would cost a handshake.
  dispatcher.dispatch({ ...request, reset: false }, started);
}

/** A class: hundreds are under way at once (docs/decisions/0021-memory-per-stream.md). */
class HttpExchange implements Dispatcher.DispatchHandler, DeadlineListener {
  index = -1;
  readonly #deadline: Deadline;
  readonly #handler: ResponseHandler;
  #controller: Dispatcher.DispatchController | null = null;
  #expired: UpstreamError | null = null;
  #status = 0;
  #retryAfter: string | undefined = undefined;
  #contentType: string | undefined = undefined;
  #firstChunk: Buffer | null = null;
  /** All chunks, where there is more than one. */
  #chunks: Buffer[] | null = null;

  constructor(deadline: Deadline, handler: ResponseHandler) {
    this.#deadline = deadline;
    this.#handler = handler;
  }

  get #effect() {
    return this.#controller === null ? "none" : "unknown";
  }

  onExpire(reason: UpstreamError): void {
    this.#expired = withEffect(reason, this.#effect);
    this.#handler.onError(this.#expired);
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
    if (this.#expired !== null) return;
    this.#deadline.removeListener(this);
    const body = this.#chunks === null ? this.#firstChunk : Buffer.concat(this.#chunks);
    const text = body === null ? "" : toText(body, this.#contentType);
    this.#handler.onResponse({ status: this.#status, retryAfter: this.#retryAfter, text });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#expired !== null) return;
    this.#deadline.removeListener(this);
    this.#handler.onError(toConnectionError(error, this.#effect));
  }
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** JSON is UTF-8 (RFC 8259). Read leniently, every byte that is not would become another character. */
function toText(body: Buffer, contentType: string | undefined): string | null {
  return utf8Charsets.includes(charsetOf(contentType)) ? decodeUtf8(body) : null;
}

const utf8Charsets = ["utf-8", "utf8", "us-ascii"];

function toConnectionError(error: Error, effect: "none" | "unknown"): UpstreamError {
  const code = "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return new UpstreamError("malformed", "the answer is too large", { effect });
  }
  return new UpstreamError("unavailable", code || "the connection failed", { cause: error, isPassing: true, effect });
}
