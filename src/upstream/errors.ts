/** Everything that can go wrong between the gateway and the service. The set is closed: each kind has one fate. */
export type UpstreamErrorKind =
  /** The service refused the input: VALIDATION, INVALID_ID, MISSING_OR_INVALID_BODY, CONNECTOR_CAPABILITY_NOT_SUPPORTED. */
  | "invalid"
  | "not-found"
  | "conflict"
  /** The service, or the edge before it, refused the gateway's own credentials. */
  | "unauthorized"
  | "rate-limited"
  /** It could not be reached, broke off, or answered 5xx. */
  | "unavailable"
  | "timeout"
  /** It answered something that its contract does not promise. */
  | "malformed"
  /** The caller left before the answer came. */
  | "cancelled";

export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly kind: UpstreamErrorKind;
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What is likely to be over soon: refused, reset, 429, 502, 503, 504. */
  readonly isPassing: boolean;
  /** What a write may have done all the same. `none`: nothing was sent, or the service said that it did nothing. */
  readonly effect: "none" | "unknown";

  /**
   * `message` is for the log, and for the caller only with `invalid`, `not-found` and `conflict`: those are the
   * service's own words about the caller's input.
   */
  constructor(
    kind: UpstreamErrorKind,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryAfterMs?: number | undefined;
      readonly isPassing?: boolean;
      readonly effect?: "none" | "unknown";
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.isPassing = options.isPassing ?? false;
    this.effect = options.effect ?? "none";
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
 * Reads a failed answer. A 404 without the service's own error body is not "not found": it comes from a proxy or a
 * wrong base URL, and taking it for an absence would make existing data look gone.
 */
export function toUpstreamError(answer: {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
}): UpstreamError {
  const { status, code, message } = answer;
  if (status === 401 || status === 403) return new UpstreamError("unauthorized", `answered ${status}`);
  const retryAfterMs = toMilliseconds(answer.retryAfter);
  if (status === 429) return new UpstreamError("rate-limited", "answered 429", { retryAfterMs, isPassing: true });
  if (status >= 500) {
    const isPassing = isUnanswered(status);
    return new UpstreamError("unavailable", `answered ${status}`, { retryAfterMs, isPassing, effect: "unknown" });
  }
  const kind = code === undefined ? undefined : kindByCode[code];
  if (kind !== undefined && status >= 400) return new UpstreamError(kind, message || `answered ${status} ${code}`);
  return new UpstreamError("malformed", `answered ${status} without an error code of its contract`);
}

/** 502, 503 and 504 come from whoever stands before the service, in place of an answer of its own. */
export function isUnanswered(status: number): boolean {
  return status >= 502 && status <= 504;
}

/** Reads a failed answer of the token endpoint: a refused client is a 400 or a 401 (RFC 6749, 5.2). */
export function toTokenError(answer: { readonly status: number; readonly retryAfter: string | undefined }) {
  const { status } = answer;
  if (status === 400) return new UpstreamError("unauthorized", "token endpoint answered 400");
  const { kind, retryAfterMs, isPassing } = toUpstreamError({ ...answer, code: undefined, message: undefined });
  return new UpstreamError(kind, `token endpoint answered ${status}`, { retryAfterMs, isPassing });
}

/** `Retry-After`: seconds, or an HTTP date. */
function toMilliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Whatever went wrong on the way to the service. */
export function toFailure(error: unknown): UpstreamError {
  return error instanceof UpstreamError
    ? error
    : new UpstreamError("unavailable", "the connection failed", { cause: error });
}
