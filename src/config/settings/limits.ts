/** How much callers may take. */
import type { Setting } from "../setting.ts";
import { count, rate } from "../shapes.ts";

export const limits = {
  MAX_QUERY_COST: {
    shape: count(1),
    default: "1000",
    meaning:
      "the calls of the stack that one operation may cost, as estimated before it runs: somewhat above the most " +
      "expensive one you have (`cost` in its log line)",
    isReloadable: true,
  },
  MAX_QUERY_VALUES: {
    shape: count(1),
    default: "100000",
    meaning: "the most values in the answer to one operation, and in its arguments for each time that they are read",
    isReloadable: true,
  },
  MAX_QUERY_DEPTH: {
    shape: count(1),
    default: "15",
    meaning: "the most levels of fields in one operation",
    isReloadable: true,
  },
  MAX_QUERY_ALIASES: {
    shape: count(0),
    default: "50",
    meaning: "the most aliases in one operation",
    isReloadable: true,
  },
  MAX_QUERY_DIRECTIVES: {
    shape: count(0),
    default: "50",
    meaning: "the most directives in one operation",
    isReloadable: true,
  },
  MAX_QUERY_TOKENS: {
    shape: count(1),
    default: "2000",
    meaning: "the most tokens in one document",
    isReloadable: true,
  },
  MAX_REQUEST_BYTES: {
    shape: count(1024, 100 * 1024 * 1024),
    default: "262144",
    meaning: "the longest request, by any transport",
  },
  RATE_LIMIT_PSU: {
    shape: rate,
    default: "1200",
    meaning: "calls of the stack in a minute for each user, or `off`: a few times what a busy one causes",
    isReloadable: true,
  },
  RATE_LIMIT_OPERATOR: {
    shape: rate,
    default: "60000",
    meaning: "the same for each operator: what the stack bears beside the rest, or `off` for a back end that you trust",
    isReloadable: true,
  },
  RATE_LIMIT_ADDRESS: {
    shape: rate,
    default: "60000",
    meaning: "the same for each address: high, since an office or a mobile network is one address",
    isReloadable: true,
  },
} satisfies Record<string, Setting>;
