/** How the gateway reaches what is outside of its network. */
import type { Setting } from "../setting.ts";
import { noProxy, proxyUrl } from "../shapes.ts";

export const network = {
  HTTPS_PROXY: {
    shape: proxyUrl,
    unset: "none",
    meaning:
      "the proxy for calls by https: of the stack, the issuer's keys and the collector, not of Redis and NATS; such as " +
      "`http://user:password@proxy:3128`. `https_proxy` counts, too, and before it, as for other programs",
    isSecret: true,
  },
  HTTP_PROXY: {
    shape: proxyUrl,
    unset: "none",
    meaning: "the same for calls by http",
    isSecret: true,
  },
  NO_PROXY: {
    shape: noProxy,
    unset: "none",
    meaning:
      "what is reached without a proxy, with commas between: `example.com` and all names below it, `10.0.0.0/8`, " +
      "`host:8080`, or `*` for everything. This machine is always among them",
  },
} satisfies Record<string, Setting>;
