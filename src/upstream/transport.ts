import { Pool } from "undici";
import type { z } from "zod";
import { toUpstreamError, UpstreamError } from "./errors.ts";
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

const scopes = "openid payments:read payments:write";
/** The service's tokens live for an hour; assumed when the answer does not say. */
const tokenLifetimeS = 3600;

export function createTransport(options: TransportOptions): Transport {
  const { url, credentials, timeoutMs } = options;
  // Time-outs are off here, because each call brings its own deadline.
  const pool = new Pool(url.origin, {
    connections: options.sockets,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
  });
  const basePath = url.pathname.replace(/\/+$/, "");
  const token: TokenSource =
    credentials.kind === "token" ? createStaticToken(credentials.token) : createRefreshingToken(grantToken);

  async function grantToken(): Promise<GrantedToken> {
    if (credentials.kind !== "client") throw new Error("A static token is never granted.");
    const signal = AbortSignal.timeout(timeoutMs);
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      scope: scopes,
    });
    try {
      const { status, text } = await request("POST", "/api/auth/oauth/token", signal, {
        "content-type": "application/x-www-form-urlencoded",
        body: form.toString(),
      });
      // RFC 6749, 5.2: a refused client is a 400 or a 401.
      if (status >= 400 && status < 500) throw new UpstreamError("unauthorized", `token endpoint answered ${status}`);
      if (status >= 500) throw new UpstreamError("unavailable", `token endpoint answered ${status}`);
      const granted = check(tokenResponse, text);
      return { token: granted.access_token, lifetimeMs: (granted.expires_in ?? tokenLifetimeS) * 1000 };
    } catch (error) {
      throw toFailure(error, signal, undefined);
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
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = scope.signal === undefined ? deadline : AbortSignal.any([deadline, scope.signal]);
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
        if (answer.status < 200 || answer.status > 299) throw toUpstreamError({ ...answer, ...readError(answer.text) });
        return call.shape === null ? (undefined as never) : check(call.shape, answer.text);
      } catch (error) {
        throw toFailure(error, deadline, scope.signal);
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
  // Paths and codes only: the values may be a person's.
  const issues = result.error.issues.slice(0, 5).map((issue) => `${issue.path.join(".")}: ${issue.code}`);
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

function toFailure(error: unknown, deadline: AbortSignal, caller: AbortSignal | undefined): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (caller?.aborted) return new UpstreamError("cancelled", "the caller left");
  if (deadline.aborted) return new UpstreamError("timeout", "no answer before the deadline");
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code.endsWith("_TIMEOUT")) return new UpstreamError("timeout", code);
  return new UpstreamError("unavailable", code || "the connection failed", { cause: error });
}
