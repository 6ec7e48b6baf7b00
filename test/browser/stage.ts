/** The built example, a gateway, a sandbox and a browser, for the tests in a browser. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { installExample } from "../../examples/install.ts";
import { type Clock, systemClock } from "../../sandbox/clock.ts";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { toCompositeKey, toGlobalId } from "../../src/schema/global-id.ts";
import { runEnvironment } from "../support/guard.ts";
import { type RunningProcess, startGatewayCommand } from "../support/process.ts";
import { findProgram, isInstalled } from "../support/programs.ts";

export const executablePath = findProgram("chromium");
/** Without a browser these tests are skipped, but not on CI, which installs one. */
export const hasNoBrowser = !isInstalled("chromium");

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath !== null && { executablePath }),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
}

const web = fileURLToPath(new URL("../../examples/web", import.meta.url));
const vite = `${web}/node_modules/vite/bin/vite.js`;
const secret = "example-webhook-secret";

/** Builds the example for production. */
function buildExample(): void {
  installExample();
  const env = runEnvironment(); // without `NODE_ENV=test`, which the build would include
  const { status, stderr } = spawnSync(process.execPath, [vite, "build"], { cwd: web, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`The example cannot be built: ${stderr}`);
}

export type Stage = AsyncDisposable & {
  readonly sandbox: Sandbox;
  readonly url: string;
  readonly browser: Browser;
  /** Requests to other hosts than the example's and the bank's. */
  readonly foreignRequests: readonly string[];
  /** Errors of pages, and violations of their security policies. */
  readonly problems: readonly string[];
  /** A new browser context with one page. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** A new browser context with one page, at `path`, on which a person has signed in. */
  openAs(name: string, options?: BrowserContextOptions & { readonly path?: string }): Promise<Page>;
  /** Another page of the same context. */
  openTab(context: BrowserContext): Promise<Page>;
  /** Until disposed, the sandbox does nothing by itself: no data, no webhook of a provider, no deletion. */
  hold(): Disposable;
  stopGateway(): Promise<void>;
  /** At the same address as before. */
  startGateway(): Promise<void>;
};

/**
 * Tests of the example on a stage of their own, which `stage()` returns in them. At its end no page has had an error, and
 * none has asked for anything elsewhere. Without a browser they are skipped.
 */
export function describeExample(title: string, define: (stage: () => Stage) => void): void {
  describe.skipIf(hasNoBrowser)(title, () => {
    let opened: Stage | null = null;
    const stage = () => {
      if (opened === null) throw new Error("The stage is not open.");
      return opened;
    };
    beforeAll(async () => {
      buildExample();
      opened = await openStage();
    }, 120_000);
    afterAll(async () => {
      await opened?.[Symbol.asyncDispose]();
      expect(opened?.problems).toEqual([]);
      expect(opened?.foreignRequests).toEqual([]);
    });
    define(stage);
  });
}

/**
 * The built example over a gateway that checks tokens and runs only the example's documents, and a sandbox. Browsers
 * reach nothing else.
 */
async function openStage(): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const { clock, hold } = createHeldClock();
  const sandbox = opening.use(await startSandbox({ clock }));
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

  const foreignRequests: string[] = [];
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

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ locale: "en-GB", ...options });
    await context.route("**/*", (route) => {
      const requested = route.request().url();
      if (requested.startsWith(url) || requested.startsWith(sandbox.url)) return route.continue();
      foreignRequests.push(requested);
      return route.abort();
    });
    return watch(context);
  }

  const opened = opening.move();
  return {
    sandbox,
    url,
    browser,
    foreignRequests,
    problems,
    open,
    async openAs(name, { path = "/", ...options } = {}) {
      const page = await open(options);
      await page.goto(url + path);
      await signIn(page, name);
      return page;
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

/** The system clock, whose timers can be held back. */
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

/** Serves the build with the headers and the proxy of the example's configuration. */
async function servePreview(opening: AsyncDisposableStack, env: Record<string, string>): Promise<string> {
  const args = [vite, "preview", "--host", "127.0.0.1", "--port", "0"];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: web,
    env: { ...runEnvironment(), NO_COLOR: "1", ...env },
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

/** Goes from the list of banks to the bank's own pages. */
export async function goToBank(page: Page, provider: "Plaid" | "Tink" | "Powens"): Promise<void> {
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

export function personNamed({ sandbox }: Stage, name: string) {
  const person = sandbox.world.people.find((one) => one.name === name);
  if (person === undefined) throw new Error(`No user is called ${name}.`);
  return person;
}

export function connectionsOf(stage: Stage, name: string) {
  const { id } = personNamed(stage, name);
  return stage.sandbox.world.connections.filter(({ psuID }) => psuID === id);
}

export function accountOf(stage: Stage, person: string, account: string) {
  const { id } = personNamed(stage, person);
  const found = stage.sandbox.world.accounts.find(({ psuID, name }) => psuID === id && name === account);
  if (found === undefined) throw new Error(`${person} has no ${account}.`);
  return found;
}

type AttemptStatus = Sandbox["world"]["attempts"][number]["status"];

/** The address to which a user returns from the bank; a pending attempt of the sandbox's has been so for days. */
export function addressOfReturn(stage: Stage, name: string, status: AttemptStatus = "pending"): string {
  const { id } = personNamed(stage, name);
  const attempt = stage.sandbox.world.attempts.findLast((row) => row.psuID === id && row.status === status);
  if (attempt === undefined) throw new Error("There is no such attempt.");
  const key = { psuId: attempt.psuID, connectorId: attempt.connectorID, ownId: attempt.id };
  return `/return?attempt=${toGlobalId("LinkAttempt", toCompositeKey(key))}`;
}

export const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });

/** By how many pixels the page is wider than its window. */
export const overhangOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** The card of a bank in the list. */
export const cardOf = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
