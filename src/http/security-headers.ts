import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

/** Headers of every answer, as helmet sets them. They are the same for each, so that it is asked once. */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = collect();

function collect() {
  const headers: [string, string][] = [];
  const setHeaders = helmet({
    // Nothing here is a page, but for GraphiQL, which brings its own policy.
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xFrameOptions: { action: "deny" },
    strictTransportSecurity: false, // for whoever ends TLS to decide
  });
  const response = {
    setHeader: (name: string, value: string) => void headers.push([name.toLowerCase(), value]),
    removeHeader: () => {},
  };
  setHeaders({} as IncomingMessage, response as unknown as ServerResponse, () => {});
  return headers;
}
