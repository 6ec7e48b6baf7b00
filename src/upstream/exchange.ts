import type { Dispatcher } from "undici";
import type { Deadline } from "./deadline.ts";
import { UpstreamError } from "./errors.ts";

export type Request = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with GET, too. */
  readonly body: string | null;
};

export type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly text: string };

/**
 * One request and its whole answer, whatever its status.
 * @throws {UpstreamError} when there is no whole answer before the deadline. Its `effect` is `none` while nothing was sent.
 */
export function exchange(dispatcher: Dispatcher, request: Request, deadline: Deadline): Promise<Answer> {
  deadline.check();
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let over: UpstreamError | undefined;
    let status = 0;
    let retryAfter: string | undefined;
    const chunks: Buffer[] = [];
    const effect = () => (controller === undefined ? "none" : "unknown");
    const forget = deadline.watch(({ kind, message }) => {
      over = new UpstreamError(kind, message, { effect: effect() });
      reject(over);
      controller?.abort(over);
    });
    // `dispatch`, because `request` makes a stream of each answer, at the price of a third of all calls that fit a second.
    // `reset: false`, because undici closes the socket behind each GET with a body, in fear of servers that do not read
    // it: with a handshake for each filter.
    dispatcher.dispatch(
      { ...request, reset: false },
      {
        onRequestStart(it) {
          if (over === undefined) controller = it;
          else it.abort(over);
        },
        onResponseStart(_it, code, headers) {
          status = code;
          const after = headers["retry-after"];
          retryAfter = Array.isArray(after) ? after[0] : after;
        },
        onResponseData(_it, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          forget();
          const [first] = chunks;
          const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
          resolve({ status, retryAfter, text: whole.toString("utf8") });
        },
        onResponseError(_it, error) {
          forget();
          reject(over ?? toFailure(error, effect()));
        },
      },
    );
  });
}

function toFailure(error: Error, effect: "none" | "unknown"): UpstreamError {
  const code = "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return new UpstreamError("malformed", "the answer is too large", { effect });
  }
  return new UpstreamError("unavailable", code || "the connection failed", { cause: error, isPassing: true, effect });
}
