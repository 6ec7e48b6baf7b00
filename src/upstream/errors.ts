/** Everything that can go wrong between the gateway and the service, in a closed set of kinds. */

export type UpstreamErrorKind =
  /** The service refused the input: VALIDATION, INVALID_ID, MISSING_OR_INVALID_BODY, CONNECTOR_CAPABILITY_NOT_SUPPORTED. */
  | "invalid"
  | "not-found"
  | "conflict"
  /** The service, or the edge before it, refused the gateway's own credentials. */
  | "unauthorized"
  | "rate-limited"
  /** It could not be reached, the connection broke, or it answered 5xx. */
  | "unavailable"
  | "timeout"
  /** Its response violates its contract. */
  | "malformed"
  /** The caller cancelled before the response came. */
  | "cancelled";

export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly kind: UpstreamErrorKind;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Likely to be over soon: refused, reset, 429, 502, 503, 504. */
  readonly isPassing: boolean;
  /** What a failed write may have done. `none`: nothing was sent, or the service said that it did nothing. */
  readonly effect: "none" | "unknown";
  /** Of a request that the service itself refused: what it was, and the service's error code. */
  readonly refused: { readonly call: string; readonly code: string } | null;

  /** `message` is the service's own text where `refused` is set: about the caller's input, which it may quote. */
  constructor(
    kind: UpstreamErrorKind,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryAfterMs?: number | undefined;
      readonly isPassing?: boolean;
      readonly effect?: "none" | "unknown";
      readonly refused?: UpstreamError["refused"];
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.isPassing = options.isPassing ?? false;
    this.effect = options.effect ?? "none";
    this.refused = options.refused ?? null;
  }
}

/** The service's error codes (`errorCode` of a 4xx) that it documents or sends. */
const kindByCode: Readonly<Record<string, UpstreamErrorKind>> = {
  VALIDATION: "invalid",
  INVALID_ID: "invalid",
  MISSING_OR_INVALID_BODY: "invalid",
  CONNECTOR_CAPABILITY_NOT_SUPPORTED: "invalid",
  CONFLICT: "conflict",
  NOT_FOUND: "not-found",
};

/**
 * From a response that is no success. A 404 without the service's own error body is not "not found": it comes from a proxy or a
 * wrong base URL, and existing data would seem to be gone.
 */
export function toUpstreamError(response: {
  readonly call: string;
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
}): UpstreamError {
  const { call, status, code, message } = response;
  if (status === 407) return toProxyError(status);
  if (status === 401 || status === 403) return new UpstreamError("unauthorized", `answered ${status}`);
  const retryAfterMs = toMilliseconds(response.retryAfter);
  if (status === 429) return new UpstreamError("rate-limited", "answered 429", { retryAfterMs, isPassing: true });
  if (status >= 500) {
    const isPassing = isUnanswered(status);
    return new UpstreamError("unavailable", `answered ${status}`, { retryAfterMs, isPassing, effect: "unknown" });
  }
  const kind = code !== undefined && Object.hasOwn(kindByCode, code) ? kindByCode[code] : undefined;
  if (code !== undefined && kind !== undefined && status >= 400) {
    return new UpstreamError(kind, message || `answered ${status} ${code}`, { refused: { call, code } });
  }
  return new UpstreamError("malformed", `answered ${status} without an error code of its contract`);
}

/** From a status with which the proxy on the way answers in place of the service; nothing reached the service. */
export function toProxyError(status: number): UpstreamError {
  const isRefused = status === 407;
  return new UpstreamError(isRefused ? "unauthorized" : "unavailable", `PROXY_${status}`, {
    isPassing: isUnanswered(status),
  });
}

/** 502, 503 and 504 come from a proxy in front of the service, in place of its own response. */
export function isUnanswered(status: number): boolean {
  return status >= 502 && status <= 504;
}

/** From a failed response of the token endpoint: a refused client is a 400 or a 401 (RFC 6749, 5.2). */
export function toTokenError(response: { readonly status: number; readonly retryAfter: string | undefined }) {
  const { status } = response;
  if (status === 407) return toProxyError(status);
  if (status === 400) return new UpstreamError("unauthorized", "token endpoint answered 400");
  const { kind, retryAfterMs, isPassing } = toUpstreamError({
    ...response,
    call: "token",
    code: undefined,
    message: undefined,
  });
  return new UpstreamError(kind, `token endpoint answered ${status}`, { retryAfterMs, isPassing });
}

/** No client is asked to wait for longer, whatever a `Retry-After` says. */
export const maxRetryAfterMs = 3_600_000;

/** `undefined` for what is no `Retry-After` of RFC 9110: `Date.parse` would read "1.5" as a day in January. */
function toMilliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : toTime(retryAfter) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(maxRetryAfterMs, Math.max(0, ms));
}

const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const clock = "\\d\\d:\\d\\d:\\d\\d";
/** The form that servers write, and an old one that they may still write. */
const dateInGmt = new RegExp(`^[A-Z][a-z]+, \\d\\d(?: ${month} \\d{4}|-${month}-\\d\\d) ${clock} GMT$`);
/** That of C's `asctime`, which means GMT without a word of it. */
const dateOfC = new RegExp(`^[A-Z][a-z]{2} ${month} [ \\d]\\d ${clock} \\d{4}$`);

/** An HTTP date (RFC 9110, 5.6.7); NaN for anything else. */
function toTime(text: string): number {
  if (dateInGmt.test(text)) return Date.parse(text);
  return dateOfC.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}

/** @throws for a value of an enum that this gateway does not know, which the row's check leaves as `null`. */
export function orMalformed<Value extends string>(value: Value | null, what: string): Value {
  if (value === null) throw new UpstreamError("malformed", `an unknown ${what}`);
  return value;
}

/** Any error on the way to the service. */
export function toFailure(error: unknown): UpstreamError {
  return error instanceof UpstreamError
    ? error
    : new UpstreamError("unavailable", "the connection failed", { cause: error });
}

/** The same error, where more is known of what the request may have done. */
export function withEffect(error: UpstreamError, effect: UpstreamError["effect"]): UpstreamError {
  if (error.effect === effect) return error;
  const { kind, message, cause, retryAfterMs, isPassing, refused } = error;
  return new UpstreamError(kind, message, { cause, retryAfterMs, isPassing, refused, effect });
}
