/**
 * `npm run example`: the example front end on Vite's development server, over a gateway that checks tokens. With
 * FORMANCE_API_URL the gateway is on that stack, and users sign in without a password, on loopback; else a sandbox is in
 * place of the stack, the banks and the application's sign-in. All but the front end use free ports.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { startSandbox } from "../sandbox/server.ts";
import { type Started, start } from "../src/app.ts";
import { readArguments, runCommand } from "../src/cli/command.ts";
import { createDevelopmentIssuer } from "../src/cli/development-issuer.ts";
import { ExplainedError, toLine } from "../src/cli/explained-error.ts";
import { describeUpstream, requireStack, toLocal, toShown } from "../src/cli/local-gateway.ts";
import { onStopSignal } from "../src/cli/stop-signals.ts";
import { type Config, readConfig } from "../src/config/config.ts";
import type { Stack } from "../src/doctor/stack.ts";
import { isLoopback } from "../src/lib/network/loopback.ts";
import { eventTypes } from "../src/live/connection-events.ts";
import { webhookPath } from "../src/live/webhook-receiver.ts";
import { installExample } from "./install.ts";
import { startSignIn } from "./sign-in.ts";

const usage = `npm run example -- [options]

  With FORMANCE_API_URL and its credentials the example works on that stack, and anybody on this machine can sign
  in as any of its users: for development only. Without it, it works on a sandbox.

  --port <number>   where the front end listens; else the first free one from 5173 on
  --host <address>  the address it listens on; on a stack only one of this machine
  --help            print this
`;

type Options = { readonly port: string | undefined; readonly host: string | undefined };

function readOptions(args: readonly string[]): Options {
  const { values } = readArguments(args, { options: { port: { type: "string" }, host: { type: "string" } } });
  const { port, host } = values;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new ExplainedError("--port must be a number from 0 to 65535.");
  }
  return { port, host };
}

const log = pino({ level: "warn", base: null }, pino.destination(2));

/** What is behind the front end. */
type Backend = {
  readonly gateway: Started;
  /** Where users sign in. */
  readonly signInUrl: string;
  /** What else runs, what to try with it, and what to know of it; the front end is at `url`. */
  readonly describe: (url: string) => string;
};

async function startOnSandbox(running: AsyncDisposableStack): Promise<Backend> {
  const sandbox = running.use(await startSandbox({ scenario: {} }));
  const secret = randomBytes(24).toString("base64");
  const { issuer, audience, jwksUrl } = sandbox.issuer;
  const config = readConfig({
    PORT: "0",
    FORMANCE_API_URL: sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    FORMANCE_WEBHOOK_SECRETS: secret,
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
    AUTH_JWKS_URL: jwksUrl,
  });
  const gateway = running.use(await start(config, log));
  sandbox.sendWebhooks({ endpoint: `${gateway.url}${webhookPath}`, secret, eventTypes });
  return {
    gateway,
    signInUrl: sandbox.url,
    describe: () => `
  The sandbox:  ${sandbox.url}, in place of the stack, the banks and your sign-in

Try next:
  1. Sign in as Ben Okafor. His bank at Tink needs a new sign-in: press the button, and it works again afterwards.
  2. Connect a bank. Whatever you type there is accepted, and cancelling or being refused is worth a try, too.
  3. On the page "Share your accounts" choose what the bank does 15 seconds later, and keep the list of banks open.
  4. Open an account, scroll through its payments, switch the language, disconnect a bank in a second tab.

A new consent ends after five minutes; at Plaid a warning comes after two. All data is lost when you stop it: Ctrl-C.`,
  };
}

async function startOnStack(running: AsyncDisposableStack, stack: Stack, config: Config): Promise<Backend> {
  const issuer = await createDevelopmentIssuer();
  const signIn = running.use(await startSignIn(stack, issuer));
  const gateway = running.use(await start(toLocal(config, issuer.auth), log));
  return {
    gateway,
    signInUrl: signIn.url,
    describe: (url) => `
  The stack:    ${toShown(stack)}

Try next:
  1. Sign in as one of the stack's users. Where nobody is listed, \`npm run demo -- --keep\` creates one.
  2. Connect a bank. A provider that takes only registered redirect URLs must know ${url}return

FOR DEVELOPMENT ONLY: anybody on this machine can sign in as any of the stack's users, without a password.
Settings AUTH_… are not used, nor are events: what changes is seen some seconds later. What you connect stays on the
stack. Ctrl-C stops it.`,
  };
}

async function startExample({ port, host }: Options): Promise<void> {
  const config = readConfig(process.env);
  const { upstream } = config;
  process.stdout.write(`${describeUpstream(upstream)}\n`);
  if (upstream.kind === "stack") {
    if (config.byName.NODE_ENV === "production") {
      throw new ExplainedError("NODE_ENV=production: its sign-in without a password is for development only.");
    }
    if (host !== undefined && !isLoopback(host)) {
      throw new ExplainedError(
        "--host must be localhost or 127.0.0.1: others could sign in as any of the stack's users.",
      );
    }
    await requireStack(upstream);
  }
  if (port !== undefined) await requireFree(Number(port), host);
  installExample();
  await using running = new AsyncDisposableStack();
  const { gateway, signInUrl, describe } =
    upstream.kind === "stack" ? await startOnStack(running, upstream, config) : await startOnSandbox(running);

  const args = [...(port === undefined ? [] : ["--port", port]), ...(host === undefined ? [] : ["--host", host])];
  const web = spawn(process.execPath, ["node_modules/vite/bin/vite.js", ...args], {
    cwd: fileURLToPath(new URL("web", import.meta.url)),
    env: { ...toSystem(process.env), GATEWAY_URL: gateway.url, SANDBOX_URL: signInUrl, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = new Promise<number | null>((resolve) => web.once("close", resolve));
  let text = "";
  web.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const [, url] = /Local: +(\S+)\n/.exec(text) ?? [];
    if (url === undefined) return;
    text = "";
    process.stdout.write(`
Open the example in a browser.

  The example:  ${url}
  The gateway:  ${gateway.url}/graphql, with authentication on${describe(url)}

What of it to copy into your app is in examples/web/README.md.
`);
  });
  let isStopped = false;
  onStopSignal(() => {
    isStopped = true;
    web.kill();
  });
  if ((await exit) !== 0 && !isStopped) throw new ExplainedError("The front end's server has ended.");
}

/** Vite would take another one in silence. */
async function requireFree(port: number, host = "localhost"): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(port, host, resolve)).catch(
    ({ code }: NodeJS.ErrnoException) => {
      throw new ExplainedError(
        `--port ${port} cannot be used${code === "EADDRINUSE" ? ": it is in use" : ` (${code})`}.`,
      );
    },
  );
  await new Promise((resolve) => probe.close(resolve));
}

/** Vite needs none of the gateway's settings, and least of all its secrets. */
function toSystem(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(FORMANCE|AUTH|REDIS|NATS|CURSOR|SETTINGS)(_|$)/.test(name)),
  );
}

async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  try {
    await startExample(options);
  } catch (error) {
    process.stderr.write(`\nThe example cannot run. ${toLine(error)}\n`);
    process.exitCode = 1;
  }
}

await runCommand({ usage, run }, process.argv.slice(2));
