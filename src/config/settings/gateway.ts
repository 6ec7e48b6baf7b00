/** The gateway itself: where it runs, and what its replicas share. */
import { z } from "zod";
import type { Setting } from "../setting.ts";
import { host, port, text } from "../shapes.ts";

export const gateway = {
  SETTINGS_FILE: {
    shape: text,
    unset: "none",
    meaning: "a file with any of the others, as `NAME=value` lines; the environment wins over it",
  },
  NODE_ENV: {
    // Half-written it would be a trial, open to all.
    shape: text.refine((name) => name === "production" || !/^prod/i.test(name), "must be production, to the letter"),
    unset: "a trial",
    meaning: "`production`, wherever others reach it: it refuses what is only fit for a laptop",
  },
  PORT: { shape: port, default: "4000", meaning: "where it listens" },
  HOST: {
    shape: host,
    default: "127.0.0.1",
    meaning: "the address it listens on: `0.0.0.0` in a container, `127.0.0.1` behind a proxy on the same machine",
  },
  CURSOR_SECRET: {
    shape: z.string().min(32, "must have at least 32 characters"),
    unset: "random for each process",
    meaning:
      "seals the cursors of pages: 32 random bytes, the same for all replicas. Required in production with `REDIS_URL`; " +
      "a new one makes the cursors that clients hold invalid, and nothing else",
    isSecret: true,
  },
} satisfies Record<string, Setting>;
