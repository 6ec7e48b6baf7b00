/** The stack and the gateway's credentials for it. */
import type { Setting } from "../setting.ts";
import { baseUrl, bearerToken, count, providers, text } from "../shapes.ts";

export const stack = {
  FORMANCE_API_URL: {
    shape: baseUrl,
    unset: "the embedded sandbox",
    meaning: "the stack, without `/api/payments`; required in production",
  },
  FORMANCE_CLIENT_ID: {
    shape: text,
    unset: "none",
    meaning: "the gateway's own credentials, with `FORMANCE_CLIENT_SECRET`: the gateway renews its tokens by itself",
  },
  FORMANCE_CLIENT_SECRET: {
    shape: text,
    unset: "none",
    meaning: "belongs to `FORMANCE_CLIENT_ID`",
    isSecret: true,
  },
  FORMANCE_TOKEN: {
    shape: bearerToken,
    unset: "none",
    meaning: "a token in place of client id and secret, only where something else renews it: a new one takes a restart",
    isSecret: true,
  },
  MAX_UPSTREAM_CALLS: {
    shape: count(1, 65_535),
    default: "256",
    meaning:
      "calls of the stack that run at once: what the stack bears, divided by the number of replicas. Operations begin " +
      "that need eight times as many, or as many as the stack answers in a second; the others wait",
  },
  OPERATION_TIMEOUT_SECONDS: {
    // A timer that is set for more than 24 days ends at once.
    shape: count(1, 3600),
    default: "10",
    meaning: "the time that the calls of one operation share: less than the time-out of what is in front",
  },
  OPEN_BANKING_PROVIDERS: {
    shape: providers,
    unset: "none",
    meaning:
      "providers of your own at which users can link a bank, with commas between, beside `plaid`, `tink`, `powens` and " +
      "`dummypay`: as `Connector.provider` names them. The stack does not say which can",
  },
} satisfies Record<string, Setting>;
