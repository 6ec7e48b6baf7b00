import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { eventTypes, type Invalidation, toInvalidation } from "./connection-events.ts";

/** Where the stack's Webhooks module is to send its events, by POST. */
export const webhookPath = "/webhooks/formance";

/** Takes the stack's webhooks. */
export type WebhookReceiver = {
  /** Answers the request, whatever it is. Never rejects. */
  receive(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

export type WebhookReceiverOptions = {
  /** Newest first. The key of the signature is the bytes of the text itself, not what its base64 decodes to. */
  readonly secrets: readonly [string, ...string[]];
  /** Resolves once the hint is taken by the bus. */
  readonly publish: (hint: Invalidation) => Promise<void>;
  /** For the log and the metrics: nothing of the delivery itself goes into either. */
  readonly onOutcome?: (outcome: WebhookOutcome) => void;
  /** Milliseconds since 1970. Default: the machine's time. */
  readonly now?: () => number;
  /** How long a body may take to arrive. Default 10 s. */
  readonly bodyTimeoutMs?: number;
  /** How long `publish` may take. Default 10 s: with the body's time, less than the 30 s that the sender waits. */
  readonly publishTimeoutMs?: number;
  /** How many deliveries are remembered. Default 20,000; with more within their time, the oldest are forgotten. */
  readonly memory?: number;
};

/** What became of a request. */
export type WebhookOutcome = keyof typeof answers;

type Status = { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

const soon = { "retry-after": "30" };
/** The body may still be on its way, so the socket can't be used again. */
const close = { connection: "close" };

/**
 * Any 2xx ends a delivery well, and any 4xx but 408 and 429 ends it for ever: the stack sends again only after those and
 * 5xx. So what a later attempt may mend (each is signed anew, with its own time) is one of these, and what no attempt
 * can mend is not.
 */
const answers = {
  accepted: { status: 204 },
  /** Taken before, or at this moment by another request. */
  duplicate: { status: 204 },
  test: { status: 204 },
  /** Signed, but of a type that is no hint: a webhook may be set up with more types than the gateway reads. */
  unknown: { status: 204 },
  /** Signed, but not what its type promises: it stays visible as failed on the stack. */
  malformed: { status: 400 },
  "bad-signature": { status: 401 },
  "wrong-method": { status: 405, headers: { allow: "POST" } },
  "too-large": { status: 413, headers: close },
  "wrong-type": { status: 415 },
  /** The body did not arrive in time. */
  "too-slow": { status: 408, headers: close },
  /** Well signed, so either played back, which no answer can hurt, or a clock is wrong, here or there, and may be set. */
  "too-old": { status: 408 },
  "too-early": { status: 408 },
  /** Too much is arriving at once. */
  busy: { status: 503, headers: { ...soon, ...close } },
  /** The bus did not take the hint. */
  unpublished: { status: 503, headers: soon },
  /** The sender hung up before the body was whole: nobody is left to answer. */
  aborted: null,
} as const satisfies Readonly<Record<string, Status | null>>;

const bodyBound = 1_048_576;
/** Of a body that is too large, this much is read and dropped, so that the answer is not lost in a broken write. */
const discardBound = 8 * bodyBound;
/** What bodies on their way may take of memory together: until one is whole nobody knows who sent it. */
const arrivingBound = 64 * bodyBound;
const windowMs = 5 * 60_000;
/** A delivery can be played back while its time is within the window, which may start five minutes from now. */
const rememberedMs = 3 * windowMs;

export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  const { secrets, publish, onOutcome, now = Date.now } = options;
  const { bodyTimeoutMs = 10_000, publishTimeoutMs = 10_000, memory = 20_000 } = options;
  /** By webhook id. One replica's own: a delivery that two replicas take is a hint too many, which does no harm. */
  const takenAt = new Map<string, number>();
  const underWay = new Map<string, Promise<boolean>>();
  const arriving = { size: 0 };

  async function judge(request: IncomingMessage): Promise<WebhookOutcome> {
    if (request.method !== "POST") return "wrong-method";
    if (!isJson(request.headers["content-type"])) return "wrong-type";
    const seal = readSeal(request.headers);
    if (seal === null) return "bad-signature";
    const body = await readBody(request, arriving, bodyTimeoutMs);
    if (typeof body === "string") return body;

    if (!isSigned(seal, body, secrets)) return "bad-signature";
    const ageMs = now() - Number(seal.timestamp) * 1000;
    if (Math.abs(ageMs) > windowMs) return ageMs > 0 ? "too-old" : "too-early";
    // The header is not part of what is signed: it may drop a delivery, as who could forge it can do anyhow.
    if (request.headers["formance-webhook-test"] === "true") return "test";
    return takeOnce(seal.id, body);
  }

  async function takeOnce(id: string, body: Buffer): Promise<WebhookOutcome> {
    const at = takenAt.get(id);
    if (at !== undefined && now() - at < rememberedMs) return "duplicate";
    const event = toValue(body);
    if (isTest(event)) return "test";
    const hint = toInvalidation(event);
    if (hint === null) return isOther(event) ? "unknown" : "malformed";
    const other = underWay.get(id);
    if (other !== undefined) return (await inTime(other)) ? "duplicate" : "unpublished";
    return (await inTime(take(id, hint))) ? "accepted" : "unpublished";
  }

  /** Counts as taken only once the bus has it, so that the next attempt of one that failed is published. */
  function take(id: string, hint: Invalidation): Promise<boolean> {
    const taking = Promise.resolve(hint)
      .then(publish)
      .then(
        () => {
          remember(id);
          return true;
        },
        () => false,
      )
      .finally(() => underWay.delete(id));
    underWay.set(id, taking);
    return taking;
  }

  function remember(id: string): void {
    takenAt.delete(id);
    takenAt.set(id, now());
    // Oldest first, as a map keeps them.
    for (const [old, at] of takenAt) {
      if (takenAt.size <= memory && now() - at < rememberedMs) break;
      takenAt.delete(old);
    }
  }

  function inTime(taking: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), publishTimeoutMs);
      taking.then((isTaken) => {
        clearTimeout(timer);
        resolve(isTaken);
      });
    });
  }

  return {
    async receive(request, response) {
      // A sender that hangs up must not bring the process down.
      request.on("error", () => {});
      response.on("error", () => {});
      const outcome = await judge(request);
      const answer: Status | null = answers[outcome];
      onOutcome?.(outcome);
      if (answer === null || response.destroyed) return;
      // The stack keeps the start of the answer with the delivery, for its operators.
      const text = answer.status === 204 ? "" : `${outcome}\n`;
      response.writeHead(answer.status, { ...(text && { "content-type": "text/plain" }), ...answer.headers });
      response.end(text);
    },
  };
}

/** What the stack writes into `formance-webhook-signature`. `timestamp` in seconds since 1970. */
export function signWebhook(parts: {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly secret: string;
}): string {
  return sign({ id: parts.id, timestamp: String(parts.timestamp) }, Buffer.from(parts.body), parts.secret);
}

type Stamp = { readonly id: string; readonly timestamp: string };
type Seal = Stamp & { readonly signatures: readonly string[] };

function sign({ id, timestamp }: Stamp, body: Buffer, secret: string): string {
  return `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/** After a change of secret there may be several signatures, and several secrets any time. */
function isSigned(seal: Seal, body: Buffer, secrets: readonly string[]): boolean {
  let isGood = false;
  for (const secret of secrets) {
    const expected = digest(sign(seal, body, secret));
    for (const signature of seal.signatures) isGood = timingSafeEqual(digest(signature), expected) || isGood;
  }
  return isGood;
}

/** Of one length, whatever the text's, so that two can be compared in constant time. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** `null` when one is missing or can't be right. An id with a dot would make the signed text ambiguous. */
function readSeal(headers: IncomingHttpHeaders): Seal | null {
  const id = headers["formance-webhook-id"];
  const timestamp = headers["formance-webhook-timestamp"];
  const signature = headers["formance-webhook-signature"];
  if (typeof id !== "string" || typeof timestamp !== "string" || typeof signature !== "string") return null;
  if (!/^[\w-]{1,128}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return null;
  return { id, timestamp, signatures: signature.split(" ") };
}

/** A proxy may have taken the header away; one that says something else altogether was not sent by the stack. */
const isJson = (contentType: string | undefined): boolean => contentType === undefined || /\bjson\b/i.test(contentType);

type Unread = "too-large" | "too-slow" | "busy" | "aborted";

/** The body as it came, since the signature is over its bytes. */
function readBody(request: IncomingMessage, arriving: { size: number }, timeoutMs: number): Promise<Buffer | Unread> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let kept = 0;
    let size = 0;
    const settle = (result: Buffer | Unread) => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      arriving.size -= kept;
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > discardBound) settle("too-large");
      if (size > bodyBound) return;
      chunks.push(chunk);
      kept += chunk.length;
      arriving.size += chunk.length;
      if (arriving.size > arrivingBound) settle("busy");
    };
    const onEnd = () => settle(size > bodyBound ? "too-large" : Buffer.concat(chunks));
    const onClose = () => settle("aborted");
    const timer = setTimeout(() => settle("too-slow"), timeoutMs);
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}

function toValue(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
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
