/** Every check of the doctor, in order. */
import type { Config } from "../config/config.ts";
import { toProxy } from "../config/proxies.ts";
import { checkAuthentication, checkToken } from "./authentication.ts";
import { checkEventSources } from "./event-sources.ts";
import { type Findings, failed, warning } from "./finding.ts";
import { createHttpClient } from "./http-client.ts";
import { checkStack } from "./stack.ts";
import { checkWebhooks, createWebhook } from "./webhook.ts";

export type CheckOptions = {
  /** Where the stack is to send its events from now on; then nothing else is checked. */
  readonly createWebhook?: URL | null;
  /** Where the stack reaches the gateway; left out: wherever its webhooks lead to a gateway's path. */
  readonly gateway?: URL | null;
  /** A caller's. */
  readonly token?: string | null;
};

/** Checks everything that the settings name. */
export async function* runChecks(config: Config, options: CheckOptions = {}): Findings {
  const { upstream, live } = config;
  const { createWebhook: endpoint = null, gateway = null, token = null } = options;
  await using http = createHttpClient((url) => toProxy(url, config.byName));
  const { send } = http;
  if (upstream.kind === "sandbox") {
    yield failed(
      "settings",
      "FORMANCE_API_URL is not set: there is no stack to look at, and the gateway would serve its sandbox",
      "Set FORMANCE_API_URL and the credentials for it.",
    );
  } else if (endpoint !== null) {
    yield await createWebhook(upstream, endpoint, send);
    return;
  } else if (yield* checkStack(upstream, send, config.byName.OPEN_BANKING_PROVIDERS)) {
    yield* checkWebhooks({ stack: upstream, live, gateway }, send);
  } else {
    yield warning("the rest of the stack", "not looked at, because of what failed", "Mend that, and run this again.");
  }
  yield* checkEventSources(config);
  yield* checkAuthentication(config.auth, send);
  if (token !== null) yield await checkToken(config.auth, token);
}
