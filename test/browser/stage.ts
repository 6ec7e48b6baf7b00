import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { installExample } from "../../examples/install.ts";
import { type Clock, systemClock } from "../../sandbox/clock.ts";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { toCompositeKey, toGlobalId } from "../../src/schema/global-id.ts";
import { type RunningProcess, startGatewayCommand } from "../support/process.ts";

export const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
/** A machine without a browser skips what needs one; CI installs one and may not. */
export const hasNoBrowser = executablePath === undefined && process.env["CI"] === undefined;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
}

const web = fileURLToPath(new URL("../../examples/web", import.meta.url));
const vite = `${web}/node_modules/vite/bin/vite.js`;
const secret = "example-webhook-secret";

/** Builds the example as its users get it. */
export function buildExample(): void {
  installExample();
  const env = { PATH: process.env["PATH"] ?? "" }; // without `NODE_ENV=test`, which would be built in
  const { status, stderr } = spawnSync(process.execPath, [vite, "build"], { cwd: web, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`The example cannot be built: ${stderr}`);
}

export type Stage = AsyncDisposable & {
  readonly sandbox: Sandbox;
  readonly url: string;
  readonly browser: Browser;
  /** What browsers asked of anybody but the example and the bank. */
  readonly strangers: readonly string[];
  /** Errors of pages, and what their policies forbade. */
  readonly problems: readonly string[];
  /** A browser of its own, with one page. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** A further page of the same browser. */
  openTab(context: BrowserContext): Promise<Page>;
  /** Until disposed, nothing happens by itself in the sandbox: no data arrives, no webhook of a provider, no deletion. */
  hold(): Disposable;
  stopGateway(): Promise<void>;
  /** At the same address as before. */
  startGateway(): Promise<void>;
};

export type StageOptions = { readonly signInLifetimeS?: number };

/**
 * The built example before a gateway that checks tokens and runs no other documents than the example's, and a sandbox:
 * all of it on one machine, and nothing else to be reached.
 */
export async function openStage({ signInLifetimeS = 900 }: StageOptions = {}): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const { clock, hold } = createHeldClock();
  const sandbox = opening.use(await startSandbox({ signInLifetimeS, clock }));
  const { issuer, audience, jwksUrl } = sandbox.issuer;
  const settings = {
    FORMANCE_API_URL: sandbox.url,
    FORMANCE_CLIENT_ID: sandbox.clientId,
    FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
    FORMANCE_WEBHOOK_SECRETS: secret,
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
    AUTH_JWKS_URL: jwksUrl,
    TRUSTED_DOCUMENTS: `${web}/src/graphql/persisted-documents.json`,
  };
  let gateway: (RunningProcess & { readonly url: string }) | null = await startGatewayCommand(settings);
  opening.defer(async () => gateway?.[Symbol.asyncDispose]());
  const gatewayUrl = gateway.url;
  sandbox.sendWebhooks({ endpoint: `${gatewayUrl}/webhooks/formance`, secret, eventTypes });
  const url = await servePreview(opening, { GATEWAY_URL: gatewayUrl, SANDBOX_URL: sandbox.url });
  const browser = await launchBrowser();
  opening.defer(() => browser.close());

  const strangers: string[] = [];
  const problems: string[] = [];

  async function watch(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) problems.push(message.text());
    });
    return page;
  }

  const opened = opening.move();
  return {
    sandbox,
    url,
    browser,
    strangers,
    problems,
    async open(options) {
      const context = await browser.newContext({ locale: "en-GB", ...options });
      await context.route("**/*", (route) => {
        const asked = route.request().url();
        if (asked.startsWith(url) || asked.startsWith(sandbox.url)) return route.continue();
        strangers.push(asked);
        return route.abort();
      });
      return watch(context);
    },
    openTab: watch,
    hold,
    async stopGateway() {
      gateway?.kill("SIGTERM");
      await gateway?.exit;
      gateway = null;
    },
    async startGateway() {
      gateway = await startGatewayCommand({ ...settings, PORT: new URL(gatewayUrl).port });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The machine's time, in which what is due can be made to wait. */
function createHeldClock(): { readonly clock: Clock; hold(): Disposable } {
  let waiting: (() => void)[] | null = null;
  return {
    clock: {
      now: systemClock.now,
      after: (ms, run) => systemClock.after(ms, () => (waiting === null ? run() : void waiting.push(run))),
    },
    hold() {
      waiting = [];
      return {
        [Symbol.dispose]() {
          const due = waiting ?? [];
          waiting = null;
          for (const run of due) run();
        },
      };
    },
  };
}

/** Serves what was built, with the headers and the proxy that the example is configured with. */
async function servePreview(opening: AsyncDisposableStack, env: Record<string, string>): Promise<string> {
  const args = [vite, "preview", "--host", "127.0.0.1", "--port", "0"];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: web,
    env: { PATH: process.env["PATH"] ?? "", NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  opening.defer(async () => {
    const closed = new Promise((resolve) => child.once("close", resolve));
    if (child.kill("SIGKILL")) await closed;
  });
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const [, found] = /Local: +(http\S+?)\/?\n/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("close", () => reject(new Error(`The preview ended: ${text}`)));
  });
}

export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
  await page.getByRole("banner").getByText(name).waitFor();
}

/** From the list of banks to the bank's own pages. */
export async function leaveForBank(page: Page, provider: "Plaid" | "Tink" | "Powens"): Promise<void> {
  await page.getByRole("link", { name: "Connect a bank" }).click();
  await page.getByRole("button", { name: provider }).click();
  await page.getByRole("heading", { name: "Choose your bank" }).waitFor();
}

/** At the bank: signs in and shares all accounts. */
export async function consent(page: Page, bank: string, { another = false } = {}): Promise<void> {
  await page.getByRole("link", { name: bank }).click();
  await signInAtBank(page);
  const name = another ? "Give consent and add another bank" : "Give consent";
  await page.getByRole("button", { name, exact: true }).click();
}

export async function signInAtBank(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Where somebody comes back to who left a bank's page open for days. */
export function addressOfLateReturn({ sandbox }: Stage, name: string): string {
  const person = sandbox.world.people.find((one) => one.name === name);
  const attempt = sandbox.world.attempts.findLast(({ psuID, status }) => psuID === person?.id && status === "pending");
  if (attempt === undefined) throw new Error("There is no such attempt.");
  const key = { psuId: attempt.psuID, connectorId: attempt.connectorID, ownId: attempt.id };
  return `/return?attempt=${toGlobalId("LinkAttempt", toCompositeKey(key))}`;
}

/** What is shown of a bank in the list. */
export const cardOf = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
