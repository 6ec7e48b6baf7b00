/** Receives the stack's webhooks. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createBodyReader } from "../lib/body-reader.ts";
import { charsetOf, decodeUtf8 } from "../lib/utf8.ts";
import { eventTypes, type Invalidation, toInvalidation } from "./connection-events.ts";

/** Where the stack's Webhooks module is to send its events, by POST. */
export const webhookPath = "/webhooks/formance";

export type WebhookReceiver = {
  /** Responds to any request. Never rejects. @param address of the sender. */
  receive(request: IncomingMessage, response: ServerResponse, address: string): Promise<void>;
};

export type WebhookReceiverOptions = {
  /** Newest first. The key of the signature is the bytes of the text itself, not what its base64 decodes to. */
  readonly secrets: readonly [string, ...string[]];
  /** Resolves once the event bus has it. */
  readonly publish: (invalidation: Invalidation) => Promise<void>;
  /** For the log and the metrics, which get nothing of the delivery itself. */
  readonly onOutcome?: (outcome: WebhookOutcome) => void;
  /** Milliseconds since 1970. Default: the machine's time. */
  readonly now?: () => number;
  /** How long a body may take to arrive. Default 10 s. */
  readonly bodyTimeoutMs?: number;
  /** How long `publish` may take. Default 10 s: with the body's time, less than the 30 s that the sender waits. */
  readonly publishTimeoutMs?: number;
  /** How many deliveries are remembered; beyond that the oldest are forgotten. Default 20,000. */
  readonly memory?: number;
};

/** How a request ended. */
export type WebhookOutcome = keyof typeof responses;

type Status = { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

const soon = { "retry-after": "30" };
/** The body may still be on its way, so the socket can't be used again. */
const close = { connection: "close" };

/**
 * The stack retries only after 408, 429 and 5xx. So the statuses of failures that a retry can get past (each is signed
 * anew, with its own time) are among these, and those of all others are not.
 */
const responses = {
  accepted: { status: 204 },
  /** Accepted before, or at this moment by another request. */
  duplicate: { status: 204 },
  test: { status: 204 },
  /** Signed, but of a type that the gateway does not read: a webhook may be set up with more. */
  unknown: { status: 204 },
  /** Signed, but not what its type promises: it stays visible as failed on the stack. */
  malformed: { status: 400 },
  "bad-signature": { status: 401 },
  "wrong-method": { status: 405, headers: { allow: "POST" } },
  "too-large": { status: 413, headers: close },
  "wrong-type": { status: 415 },
  /** The body did not arrive in time. */
  "too-slow": { status: 408, headers: close },
  /** Well signed, so it is either replayed, where a retry does no harm, or one of the two clocks is wrong and may be set. */
  "too-old": { status: 408 },
  "too-early": { status: 408 },
  /** Too many bytes were arriving at once, and this body had been for the longest. */
  busy: { status: 503, headers: { ...soon, ...close } },
  /** The event bus did not take it. */
  unpublished: { status: 503, headers: soon },
  /** The sender closed the connection before the body was complete. */
  aborted: null,
} as const satisfies Readonly<Record<string, Status | null>>;

const maxBodyBytes = 1_048_576;
/** Of a body that is too large, this much is read and dropped, so that the response is not lost in a broken write. */
const maxDiscardedBytes = 8 * maxBodyBytes;
/** The memory for incomplete bodies, all together and from one address: only a complete one can be verified. */
const maxArriving = { maxBytes: 64 * maxBodyBytes, maxBytesEach: 8 * maxBodyBytes };
const windowMs = 5 * 60_000;
/** A delivery can be replayed while its time is within the window, which may start five minutes from now. */
const rememberedMs = 3 * windowMs;

export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  const { secrets, publish, onOutcome, now = Date.now } = options;
  const { bodyTimeoutMs = 10_000, publishTimeoutMs = 10_000, memory = 20_000 } = options;
  /** By webhook id. Not shared: a delivery that two replicas accept is published twice, which does no harm. */
  const acceptedAt = new Map<string, number>();
  const publishing = new Map<string, Promise<boolean>>();
  const limits = { maxBytes: maxBodyBytes, maxDiscardedBytes, timeoutMs: bodyTimeoutMs };
  const readBody = createBodyReader({ ...limits, arriving: maxArriving });

  async function verify(request: IncomingMessage, address: string): Promise<WebhookOutcome> {
    if (request.method !== "POST") return "wrong-method";
    if (!isJson(request.headers["content-type"])) return "wrong-type";
    const signature = readSignature(request.headers);
    if (signature === null) return "bad-signature";
    const body = await readBody(request, address); // as bytes, since the signature is over these
    if (typeof body === "string") return body;

    if (!isSigned(signature, body, secrets)) return "bad-signature";
    const ageMs = now() - Number(signature.timestamp) * 1000;
    if (Math.abs(ageMs) > windowMs) return ageMs > 0 ? "too-old" : "too-early";
    // The signature does not cover this header: a forger could only have the delivery dropped, which it can do anyway.
    if (request.headers["formance-webhook-test"] === "true") return "test";
    return acceptOnce(signature.id, body);
  }

  async function acceptOnce(id: string, body: Buffer): Promise<WebhookOutcome> {
    const at = acceptedAt.get(id);
    if (at !== undefined && now() - at < rememberedMs) return "duplicate";
    const event = toValue(body);
    if (isTest(event)) return "test";
    const invalidation = toInvalidation(event);
    if (invalidation === null) return isOther(event) ? "unknown" : "malformed";
    const other = publishing.get(id);
    if (other !== undefined) return (await inTime(other)) ? "duplicate" : "unpublished";
    return (await inTime(accept(id, invalidation))) ? "accepted" : "unpublished";
  }

  /** Counts as accepted only once the event bus has it, so that a retry after a failure is published. */
  function accept(id: string, invalidation: Invalidation): Promise<boolean> {
    const accepting = Promise.resolve(invalidation)
      .then(publish)
      .then(
        () => {
          remember(id);
          return true;
        },
        () => false,
      )
      .finally(() => publishing.delete(id));
    publishing.set(id, accepting);
    return accepting;
  }

  function remember(id: string): void {
    acceptedAt.delete(id);
    acceptedAt.set(id, now());
    // Oldest first, as a map keeps them.
    for (const [old, at] of acceptedAt) {
      if (acceptedAt.size <= memory && now() - at < rememberedMs) break;
      acceptedAt.delete(old);
    }
  }

  function inTime(accepting: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), publishTimeoutMs);
      accepting.then((isAccepted) => {
        clearTimeout(timer);
        resolve(isAccepted);
      });
    });
  }

  return {
    async receive(request, response, address) {
      // A sender that closes the connection must not crash the process.
      request.on("error", () => {});
      response.on("error", () => {});
      const outcome = await verify(request, address);
      const reply: Status | null = responses[outcome];
      onOutcome?.(outcome);
      if (reply === null || response.destroyed) return;
      // The stack keeps the start of the response with the delivery, for its operators.
      const text = reply.status === 204 ? "" : `${outcome}\n`;
      response.writeHead(reply.status, { ...(text && { "content-type": "text/plain" }), ...reply.headers });
      response.end(text);
    },
  };
}

/** The value of `formance-webhook-signature`. `timestamp` in seconds since 1970. */
export function signWebhook(parts: {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly secret: string;
}): string {
  return sign({ id: parts.id, timestamp: String(parts.timestamp) }, Buffer.from(parts.body), parts.secret);
}

type SignedHeaders = { readonly id: string; readonly timestamp: string };
type WebhookSignature = SignedHeaders & { readonly signatures: readonly string[] };

function sign({ id, timestamp }: SignedHeaders, body: Buffer, secret: string): string {
  return `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/** During a change of secret there may be several signatures and several secrets. */
function isSigned(signature: WebhookSignature, body: Buffer, secrets: readonly string[]): boolean {
  let isGood = false;
  for (const secret of secrets) {
    const expected = digest(sign(signature, body, secret));
    for (const one of signature.signatures) isGood = timingSafeEqual(digest(one), expected) || isGood;
  }
  return isGood;
}

/** Always of the same length, so that two can be compared in constant time. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** `null` when a header is missing or can't be right. An id with a dot would make the signed text ambiguous. */
function readSignature(headers: IncomingHttpHeaders): WebhookSignature | null {
  const id = headers["formance-webhook-id"];
  const timestamp = headers["formance-webhook-timestamp"];
  const signature = headers["formance-webhook-signature"];
  if (typeof id !== "string" || typeof timestamp !== "string" || typeof signature !== "string") return null;
  if (!/^[\w-]{1,128}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return null;
  // Signatures stand beside each other, with spaces between; several headers are joined by commas.
  const signatures = signature.split(/,?\s+|,(?=v\d+,)/);
  return signatures.length > maxSignatures ? null : { id, timestamp, signatures };
}

/** More than any change of secrets leaves. */
const maxSignatures = 20;

/** A proxy may have removed the header; with any other type or charset it was not sent by the stack. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  return /\bjson\b/i.test(contentType) && /^utf-?8$/.test(charsetOf(contentType));
}

/** `undefined` for what is no JSON in UTF-8. A byte order mark is skipped. */
function toValue(body: Buffer): unknown {
  try {
    return JSON.parse(decodeUtf8(body) ?? "");
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** The stack's "test this webhook" sends no envelope. */
const isTest = (event: unknown): boolean => isObject(event) && event["data"] === "test" && !("type" in event);

/** Whether it is an envelope of a type that the gateway does not read. */
const isOther = (event: unknown): boolean =>
  isObject(event) && typeof event["type"] === "string" && !known.has(event["type"].toLowerCase());

const known: ReadonlySet<string> = new Set(eventTypes);
