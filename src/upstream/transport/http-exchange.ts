import type { Dispatcher } from "undici";
import { UpstreamError } from "../errors.ts";
import type { Deadline, Waiter } from "./deadline.ts";

export type Request = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with GET, too. */
  readonly body: string | null;
};

export type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly text: string };

/** Who has asked: told once, the one or the other. */
export type Asker = {
  /** The whole answer, whatever its status. */
  answered(answer: Answer): void;
  /** There is none before the deadline. Its `effect` is `none` while nothing was sent. */
  failed(failure: UpstreamError): void;
};

/** One request and its whole answer. */
export function exchange(dispatcher: Dispatcher, request: Request, deadline: Deadline, asker: Asker): void {
  try {
    deadline.check();
  } catch (error) {
    asker.failed(error as UpstreamError);
    return;
  }
  const exchanging = new Exchange(deadline, asker);
  deadline.watch(exchanging);
  // `dispatch`, because `request` makes a stream of each answer, at the price of a third of all calls that fit a second.
  // `reset: false`, because undici closes the socket behind each GET with a body, in fear of servers that do not read
  // it: with a handshake for each filter.
  dispatcher.dispatch({ ...request, reset: false }, exchanging);
}

/** A class, since hundreds of them are under way at once: what each takes is copied with every collection of garbage. */
class Exchange implements Dispatcher.DispatchHandler, Waiter {
  place = -1;
  readonly #deadline: Deadline;
  readonly #asker: Asker;
  #controller: Dispatcher.DispatchController | null = null;
  #over: UpstreamError | null = null;
  #status = 0;
  #retryAfter: string | undefined = undefined;
  #first: Buffer | null = null;
  #more: Buffer[] | null = null;

  constructor(deadline: Deadline, asker: Asker) {
    this.#deadline = deadline;
    this.#asker = asker;
  }

  get #effect() {
    return this.#controller === null ? "none" : "unknown";
  }

  expire({ kind, message }: UpstreamError): void {
    this.#over = new UpstreamError(kind, message, { effect: this.#effect });
    this.#asker.failed(this.#over);
    this.#controller?.abort(this.#over);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#over === null) this.#controller = controller;
    else controller.abort(this.#over);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    const after = headers["retry-after"];
    this.#retryAfter = Array.isArray(after) ? after[0] : after;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#first === null) this.#first = chunk;
    else if (this.#more === null) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#over !== null) return;
    this.#deadline.forget(this);
    const whole = this.#more === null ? this.#first : Buffer.concat(this.#more);
    const text = whole?.toString("utf8") ?? "";
    this.#asker.answered({ status: this.#status, retryAfter: this.#retryAfter, text });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over !== null) return;
    this.#deadline.forget(this);
    this.#asker.failed(toBroken(error, this.#effect));
  }
}

function toBroken(error: Error, effect: "none" | "unknown"): UpstreamError {
  const code = "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return new UpstreamError("malformed", "the answer is too large", { effect });
  }
  return new UpstreamError("unavailable", code || "the connection failed", { cause: error, isPassing: true, effect });
}
