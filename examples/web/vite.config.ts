import react from "@vitejs/plugin-react";
import { createLogger, defineConfig, loadEnv } from "vite";
import { logoOrigin } from "./src/logo-origin.ts";

/** Whatever serves the build in production should send these, too. */
const headers = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' ${logoOrigin}`,
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
};

const customLogger = createLogger();
const { error } = customLogger;
customLogger.error = (text, options) => {
  // A browser that leaves the page cuts its WebSocket: no fault of anybody's.
  if (!/ws proxy.*(ECONNRESET|EPIPE)/s.test(text)) error(text, options);
};

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, ".", "");
  // The page and the gateway share one origin, here and in production behind a reverse proxy: no CORS to configure, no
  // preflight before each request, and a policy that names nobody but the page's own origin.
  const proxy = {
    "/graphql": { target: env["GATEWAY_URL"] ?? "http://127.0.0.1:4000", ws: true },
    // The development sign-in. Yours is your identity provider.
    "/sandbox": { target: env["SANDBOX_URL"] ?? "http://127.0.0.1:4010" },
  };
  return {
    plugins: [react()],
    customLogger,
    server: { proxy },
    preview: { proxy, headers },
    // For browsers that load ES modules and know what is used here: no polyfills, no second build.
    build: { target: "baseline-widely-available", modulePreload: { polyfill: false } },
  };
});
