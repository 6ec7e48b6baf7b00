/** Where changes of connections are learned from. */
import type { Setting } from "../setting.ts";
import { hours, natsSubject, natsUrl, redisUrl, secrets } from "../shapes.ts";

export const live = {
  FORMANCE_WEBHOOK_SECRETS: {
    shape: secrets,
    unset: "no webhooks",
    meaning: "the secrets of the stack's webhook, with commas between, the newest first",
    isSecret: true,
  },
  REDIS_URL: {
    shape: redisUrl,
    unset: "none",
    meaning: "with several replicas: it carries events between them, and their rate limits are shared",
    isSecret: true,
  },
  NATS_URL: {
    shape: natsUrl,
    unset: "none",
    meaning:
      "the stack's own broker, read in place of webhooks or beside them; several servers of it with commas between",
    isSecret: true,
  },
  NATS_SUBJECT: {
    shape: natsSubject,
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
