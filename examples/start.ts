/**
 * `npm run example`: the example front end on Vite's development server, over a gateway that checks tokens and a sandbox
 * in place of the stack, the banks and the application's sign-in. All but the front end use free ports.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { startSandbox } from "../sandbox/server.ts";
import { start } from "../src/app.ts";
import { readConfig } from "../src/config/config.ts";
import { eventTypes } from "../src/live/connection-events.ts";
import { webhookPath } from "../src/live/webhook-receiver.ts";
import { installExample } from "./install.ts";

installExample();
await using sandbox = await startSandbox({ scenario: {} });
const secret = randomBytes(24).toString("base64");
const { issuer, audience, jwksUrl } = sandbox.issuer;
await using gateway = await start(
  readConfig({
    PORT: "0",
    FORMANCE_API_URL: sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    FORMANCE_WEBHOOK_SECRETS: secret,
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
    AUTH_JWKS_URL: jwksUrl,
  }),
  pino({ level: "warn", base: null }, pino.destination(2)),
);
sandbox.sendWebhooks({ endpoint: `${gateway.url}${webhookPath}`, secret, eventTypes });

const web = spawn(process.execPath, ["node_modules/vite/bin/vite.js", ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL("web", import.meta.url)),
  env: { ...process.env, GATEWAY_URL: gateway.url, SANDBOX_URL: sandbox.url, NO_COLOR: "1" },
  stdio: ["ignore", "pipe", "inherit"],
});
const exit = new Promise((resolve) => web.once("close", resolve));
let text = "";
web.stdout.setEncoding("utf8").on("data", (chunk: string) => {
  text += chunk;
  const [, url] = /Local: +(\S+)\n/.exec(text) ?? [];
  if (url === undefined) return;
  text = "";
  process.stdout.write(`
  The example:  ${url}
  The gateway:  ${gateway.url}/graphql, with authentication on
  The sandbox:  ${sandbox.url}

  Sign in as one of the sandbox's people and connect a bank. A new consent is about to end after two minutes and
  ends after five. All data is lost when you stop it (Ctrl-C).
`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => web.kill());
await exit;
