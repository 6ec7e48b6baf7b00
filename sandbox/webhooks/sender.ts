/** Sends one signed webhook request, and says how it ended. */
import { createHmac } from "node:crypto";
import { Agent, request } from "undici";
import type { Clock } from "../clock.ts";
import type { StoredConfig } from "./webhook-config.ts";

export type WebhookMessage = {
  /** `formance-webhook-id`: the same for every attempt. */
  readonly id: string;
  readonly body: string;
  readonly idempotencyKey: string;
  readonly isTest: boolean;
};

/** `status` is `null` when no response came. */
export type SendResult = { readonly status: number | null; readonly retryAfterMs: number };

export type Sender = AsyncDisposable & {
  /** Does not follow redirects; they count as a failure that may pass. */
  send(config: StoredConfig, message: WebhookMessage): Promise<SendResult>;
};

const timeoutMs = 30_000;
const maxRetryAfterMs = 6 * 3_600_000;

export function createSender(clock: Clock, signsWithFormerSecret: boolean): Sender {
  const agent = new Agent({ connections: 50 });
  return {
    async send(config, { id, body, idempotencyKey, isTest }) {
      const timestamp = Math.floor(clock.now().getTime() / 1000);
      const secrets = [config.secret, ...(signsWithFormerSecret && config.formerSecret ? [config.formerSecret] : [])];
      const timeout = new AbortController();
      clock.after(timeoutMs, () => timeout.abort());
      try {
        const response = await request(config.endpoint, {
          dispatcher: agent,
          method: "POST",
          signal: timeout.signal,
          headersTimeout: 0,
          bodyTimeout: 0,
          headers: {
            "content-type": "application/json",
            "user-agent": "formance-webhooks/v0",
            "formance-webhook-id": id,
            "formance-webhook-timestamp": String(timestamp),
            "formance-webhook-signature": secrets.map((secret) => sign(secret, id, timestamp, body)).join(" "),
            "formance-webhook-test": String(isTest),
            "formance-webhook-idempotency-key": idempotencyKey,
          },
          body,
        });
        response.body.dump({ limit: 65_536 }).catch(() => {});
        return {
          status: response.statusCode,
          retryAfterMs: readRetryAfter(response.headers["retry-after"], clock.now().getTime()),
        };
      } catch {
        return { status: null, retryAfterMs: 0 };
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

const sign = (secret: string, id: string, timestamp: number, body: string): string =>
  `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`;

/** Seconds or a date, six hours at most; 0 for anything else. */
function readRetryAfter(header: string | string[] | undefined, nowMs: number): number {
  const value = String(header ?? "").trim();
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return ms > 0 ? Math.min(ms, maxRetryAfterMs) : 0;
}
