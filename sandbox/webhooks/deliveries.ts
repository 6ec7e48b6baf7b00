/** Delivers events to the webhooks that subscribe to them, and retries each delivery until it succeeds or is given up. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { toJson } from "../http/json.ts";
import type { Envelope } from "../store/outbox.ts";
import type { Sender } from "./sender.ts";
import { type StoredConfig, toWebhookType, type WebhookConfig } from "./webhook-config.ts";

export type Delivery = {
  /** `formance-webhook-id`: the same for every attempt. */
  readonly id: string;
  readonly configID: string;
  /** As the receiver reads it. */
  readonly eventType: string;
  /** `cancelled`: its configuration was deleted or deactivated first. */
  readonly status: "pending" | "delivering" | "succeeded" | "failed" | "cancelled";
  readonly attempts: number;
  /** Of the last response; `null` when none came. */
  readonly lastStatus: number | null;
};

export type Deliveries = {
  /** Oldest first, the last 10,000. */
  readonly all: readonly Delivery[];
  add(event: Envelope): void;
  cancelPending(config: WebhookConfig): void;
};

type StoredDelivery = { -readonly [Key in keyof Delivery]: Delivery[Key] } & {
  readonly body: string;
  readonly idempotencyKey: string;
  firstAttemptMs: number | null;
};

type DeliveriesDeps = {
  readonly clock: Clock;
  readonly configs: readonly StoredConfig[];
  readonly sender: Sender;
  /** From an event to its first attempt. */
  readonly delayMs: number;
};

const minute = 60_000;
const hour = 60 * minute;
const maxAttempts = 15;
const retryWindowMs = 10 * hour;
const maxDeliveries = 10_000;

export function createDeliveries({ clock, configs, sender, delayMs }: DeliveriesDeps): Deliveries {
  const all: StoredDelivery[] = [];

  async function attempt(delivery: StoredDelivery): Promise<void> {
    const config = configs.find(({ id }) => id === delivery.configID);
    if (delivery.status !== "pending" || config === undefined) return;
    delivery.status = "delivering";
    // A manual clock leaps: a request that begins within the leap would be old, and out of time, before it is sent.
    await new Promise((resolve) => setImmediate(resolve));
    delivery.firstAttemptMs ??= clock.now().getTime();
    const { status, retryAfterMs } = await sender.send(config, { ...delivery, isTest: false });
    delivery.attempts += 1;
    delivery.lastStatus = status;
    const elapsedMs = clock.now().getTime() - delivery.firstAttemptMs;
    const retryDelayMs = toRetryDelayMs(delivery.attempts, elapsedMs, retryAfterMs);
    if (isSuccess(status)) delivery.status = "succeeded";
    else if (!config.active || !configs.includes(config)) delivery.status = "cancelled";
    else if (isFinal(status) || retryDelayMs === null) delivery.status = "failed";
    else {
      delivery.status = "pending";
      clock.after(retryDelayMs, () => void attempt(delivery));
    }
  }

  return {
    all,
    add(event) {
      const eventType = toWebhookType(event.type);
      const body = toJson({ ...event, type: eventType });
      for (const config of configs) {
        if (!config.active || !config.eventTypes.includes(eventType)) continue;
        const delivery: StoredDelivery = {
          id: randomUUID(),
          configID: config.id,
          eventType,
          status: "pending",
          attempts: 0,
          lastStatus: null,
          body,
          idempotencyKey: event.idempotency_key,
          firstAttemptMs: null,
        };
        all.push(delivery);
        if (all.length > maxDeliveries) all.shift();
        if (delayMs === 0) void attempt(delivery);
        else clock.after(delayMs, () => void attempt(delivery));
      }
    },
    cancelPending({ id }) {
      for (const delivery of all) {
        if (delivery.configID === id && delivery.status === "pending") delivery.status = "cancelled";
      }
    },
  };
}

export const isSuccess = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

const isFinal = (status: number | null): boolean =>
  status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429;

/** How long to wait after so many attempts; `null` when it was the last. */
function toRetryDelayMs(attempts: number, elapsedMs: number, retryAfterMs: number): number | null {
  if (attempts >= maxAttempts) return null;
  const delayMs = Math.max(Math.min(minute * 2 ** (attempts - 1), hour), retryAfterMs);
  return elapsedMs + delayMs > retryWindowMs ? null : delayMs;
}
