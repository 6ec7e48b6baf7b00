/** Where changes of connections are learned from. */
import { z } from "zod";
import type { Setting } from "../setting.ts";
import { hours, secrets } from "../shapes.ts";

export const live = {
  FORMANCE_WEBHOOK_SECRETS: {
    shape: secrets,
    unset: "no webhooks",
    meaning: "the secrets of the stack's webhook, with commas between, the newest first",
    isSecret: true,
  },
  REDIS_URL: {
    shape: z.url({ protocol: /^rediss?$/, error: "must be a redis or rediss URL" }),
    unset: "none",
    meaning: "with several replicas: it carries events between them, and their rate limits are shared",
    isSecret: true,
  },
  NATS_URL: {
    shape: z.url({ protocol: /^(nats|tls)$/, error: "must be a nats or tls URL" }),
    unset: "none",
    meaning: "the stack's own broker, read in place of webhooks or beside them",
    isSecret: true,
  },
  NATS_SUBJECT: {
    shape: z.string().regex(/^[^\s.]+(\.[^\s.]+)*$/, "must be a NATS subject"),
    unset: "`payments`",
    meaning: "where the broker has the stack's events",
  },
  LINK_LIFETIME_HOURS: {
    shape: hours,
    default: "24",
    meaning: "when a pending attempt `isExpired`: as long as your providers' links can be completed",
  },
  STALE_AFTER_HOURS: {
    shape: hours,
    default: "24",
    meaning: "when a connection `isStale`: somewhat above the time between two syncs of your providers",
  },
} satisfies Record<string, Setting>;
