import { Pool } from "undici";
import type { z } from "zod";
import { toTokenError, toUpstreamError, UpstreamError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { createRefreshingToken, createStaticToken, type GrantedToken, type TokenSource } from "./token.ts";
import { errorBody, tokenResponse } from "./types.ts";

export type Credentials =
  | { readonly kind: "client"; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: "token"; readonly token: string };

export type TransportOptions = {
  /** The stack's URL, without `/api/payments`. */
  readonly url: URL;
  readonly credentials: Credentials;
  /** The deadline of one call, token included, in milliseconds. */
  readonly timeoutMs: number;
  /** The most sockets to the stack. Sockets ÷ latency is the ceiling of calls per second. */
  readonly sockets: number;
};

/** What belongs to one operation of the graph: who may cancel its calls, and who counts them. */
export type CallScope = {
  readonly signal?: AbortSignal | undefined;
  /** Told of each request as it is sent. */
  readonly onCall?: (() => void) | undefined;
};

export type Call<Answer> = {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the stack's URL, starting with a slash; every part of it already encoded. */
  readonly path: string;
  /** Sent as JSON, also with GET: that is where the service reads filters. */
  readonly body?: unknown;
  /** The shape that the answer must have; `null` where the answer has no body. */
  readonly shape: z.ZodType<Answer> | null;
  /** Health and version are open. */
  readonly anonymous?: boolean;
};

export type Transport = AsyncDisposable & {
  /** @throws {UpstreamError} and nothing else. */
  send<Answer>(call: Call<Answer>, scope: CallScope): Promise<Answer>;
};

/** Far above a full page of the service, whose rows may hold raw data of the provider; in bytes. */
const largestAnswer = 64 * 1024 * 1024;
/** What the gateway asks for with client credentials. */
export const gatewayScopes = "openid payments:read payments:write";
/** Below the stack's URL. */
export const tokenPath = "/api/auth/oauth/token";
/** The service's tokens live for an hour; assumed when the answer does not say. */
const tokenLifetimeS = 3600;

export function createTransport(options: TransportOptions): Transport {
  const { url, credentials, timeoutMs } = options;
  // Time-outs are off here, because each call brings its own deadline.
  const pool = new Pool(url.origin, {
    connections: options.sockets,
    maxResponseSize: largestAnswer,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
  });
  const basePath = url.pathname.replace(/\/+$/, "");
  const token: TokenSource =
    credentials.kind === "token" ? createStaticToken(credentials.token) : createRefreshingToken(grantToken);

  async function grantToken(): Promise<GrantedToken> {
    if (credentials.kind !== "client") throw new Error("A static token is never granted.");
    using deadline = startDeadline(timeoutMs);
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      scope: gatewayScopes,
    });
    try {
      const answer = await request("POST", tokenPath, deadline.signal, {
        "content-type": "application/x-www-form-urlencoded",
        body: form.toString(),
      });
      if (!isSuccess(answer.status)) throw toTokenError(answer);
      const granted = check(tokenResponse, answer.text);
      return { token: granted.access_token, lifetimeMs: (granted.expires_in ?? tokenLifetimeS) * 1000 };
    } catch (error) {
      throw toFailure(error, deadline.signal);
    }
  }

  async function request(
    method: string,
    path: string,
    signal: AbortSignal,
    content: { readonly body?: string | null; readonly "content-type"?: string; readonly authorization?: string },
  ): Promise<{ status: number; retryAfter: string | undefined; text: string }> {
    const { body = null, ...headers } = content;
    const answer = await pool.request({ method, path: basePath + path, headers, body, signal });
    const retryAfter = answer.headers["retry-after"];
    return {
      status: answer.statusCode,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      text: await answer.body.text(),
    };
  }

  return {
    async send(call, scope) {
      using deadline = startDeadline(timeoutMs, scope.signal);
      const { signal } = deadline;
      const body = call.body === undefined ? null : JSON.stringify(call.body);
      const attempt = (bearer: string | null) => {
        scope.onCall?.();
        return request(call.method, call.path, signal, {
          body,
          ...(body !== null && { "content-type": "application/json" }),
          ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        });
      };
      try {
        signal.throwIfAborted();
        const bearer = call.anonymous ? null : await token.get(signal);
        let answer = await attempt(bearer);
        if (answer.status === 401 && bearer !== null) {
          const renewed = await token.renew(bearer, signal);
          if (renewed !== null) answer = await attempt(renewed);
        }
        if (!isSuccess(answer.status)) throw toUpstreamError({ ...answer, ...readError(answer.text) });
        return call.shape === null ? (undefined as never) : check(call.shape, answer.text);
      } catch (error) {
        throw toFailure(error, signal);
      }
    },
    async [Symbol.asyncDispose]() {
      await pool.destroy();
    },
  };
}

function check<Answer>(shape: z.ZodType<Answer>, text: string): Answer {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new UpstreamError("malformed", "the answer is not JSON");
  }
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  // Paths and codes only: the values may be a person's, and so may the keys inside metadata.
  const issues = result.error.issues.slice(0, 5).map(({ path, code }) => {
    const known = path.includes("metadata") ? path.slice(0, path.indexOf("metadata") + 1) : path;
    return `${known.join(".")}: ${code}`;
  });
  throw new UpstreamError("malformed", `the answer has not the promised shape (${issues.join("; ")})`);
}

/** The service's error body, when the text is one. A proxy's HTML or an empty body is not. */
function readError(text: string): { code: string | undefined; message: string | undefined } {
  try {
    const body = errorBody.parse(JSON.parse(text));
    return { code: body.errorCode, message: body.errorMessage ?? undefined };
  } catch {
    return { code: undefined, message: undefined };
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function toFailure(error: unknown, { reason }: AbortSignal): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (reason instanceof UpstreamError) return reason;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return new UpstreamError("malformed", "the answer is too large");
  if (code.endsWith("_TIMEOUT")) return new UpstreamError("timeout", code);
  return new UpstreamError("unavailable", code || "the connection failed", { cause: error });
}

/**
 * A signal that aborts with the `UpstreamError` to throw: at the deadline, or when the caller leaves. Disposing lets go
 * of timer and caller at once; `AbortSignal.any` and `timeout` would keep some memory of each call until its deadline.
 */
function startDeadline(timeoutMs: number, caller?: AbortSignal): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const leave = () => controller.abort(new UpstreamError("cancelled", "the caller left"));
  const timer = setTimeout(() => {
    controller.abort(new UpstreamError("timeout", "no answer before the deadline"));
  }, timeoutMs);
  caller?.addEventListener("abort", leave, { once: true });
  if (caller?.aborted) leave();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", leave);
    },
  };
}
