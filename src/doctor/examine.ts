import type { Config } from "../config/config.ts";
import { createAsk } from "./ask.ts";
import { examineCallers, examineToken } from "./callers.ts";
import { type Findings, failed, warning } from "./finding.ts";
import { examineHints } from "./hints.ts";
import { examineStack } from "./stack.ts";
import { createWebhook, examineWebhooks } from "./webhook.ts";

export type ExamineOptions = {
  /** Where the stack is to send its events from now on; then nothing else is looked at. */
  readonly createWebhook?: URL | null;
  /** Where the stack reaches the gateway; left out: whatever of its webhooks leads to a gateway's path. */
  readonly gateway?: URL | null;
  /** A caller's. */
  readonly token?: string | null;
};

/** Looks at all that the settings name. */
export async function* examine(config: Config, options: ExamineOptions = {}): Findings {
  const { upstream, live } = config;
  const { createWebhook: endpoint = null, gateway = null, token = null } = options;
  await using http = createAsk();
  const { ask } = http;
  if (upstream.kind === "sandbox") {
    yield failed(
      "settings",
      "FORMANCE_API_URL is not set: there is no stack to look at, and the gateway would serve its sandbox",
      "Set FORMANCE_API_URL and the credentials for it.",
    );
  } else if (endpoint !== null) {
    yield await createWebhook(upstream, endpoint, ask);
    return;
  } else if (yield* examineStack(upstream, ask)) {
    yield* examineWebhooks({ stack: upstream, live, gateway }, ask);
  } else {
    yield warning("the rest of the stack", "not looked at, because of what failed", "Mend that, and run this again.");
  }
  yield* examineHints(config);
  yield* examineCallers(config.auth, ask);
  if (token !== null) yield await examineToken(config.auth, token);
}
