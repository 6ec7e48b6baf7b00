/** The security headers of every answer. */
import type { ServerResponse } from "node:http";

/**
 * As helmet sets them, in a constant list, since helmet needs a request and a response to set
 * them. TLS ends before the gateway, and so `Strict-Transport-Security` is not its to set.
 */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  // Pages bring a policy of their own: graphiql/graphiql.ts, browser-page.ts.
  ["content-security-policy", "default-src 'none';frame-ancestors 'none'"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["origin-agent-cluster", "?1"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
  ["x-dns-prefetch-control", "off"],
  ["x-download-options", "noopen"],
  ["x-frame-options", "DENY"],
  ["x-permitted-cross-domain-policies", "none"],
  ["x-xss-protection", "0"],
];

export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of securityHeaders) response.setHeader(name, value);
}
