/** The gateway itself: where it runs, and what its replicas share. */
import type { Setting } from "../setting.ts";
import { cursorSecrets, host, port, text } from "../shapes.ts";

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
  CURSOR_SECRETS: {
    shape: cursorSecrets,
    unset: "random for each process",
    meaning:
      "seal the cursors of pages: each 32 random bytes, the same for all replicas, with commas between. The first seals, all " +
      "of them open, so that one can be [replaced](operations.md#rotate-a-secret). Required in production with `REDIS_URL`",
    isSecret: true,
  },
} satisfies Record<string, Setting>;
