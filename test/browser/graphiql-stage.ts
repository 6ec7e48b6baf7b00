/** GraphiQL of a gateway, in a browser, for the tests of it. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { until } from "../support/helpers.ts";

export const screens: readonly (readonly [string, BrowserContextOptions])[] = [
  ["a desktop", { viewport: { width: 1280, height: 800 } }],
  ["a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
];

export type Editor = "operation" | "variables" | "request-headers" | "response";

export type Graphiql = Awaited<ReturnType<typeof openGraphiql>>;

/** GraphiQL of a gateway in a browser context of its own, which reaches nothing else but the bank. */
export async function openGraphiql(browser: Browser, url: string, screen: BrowserContextOptions = {}) {
  const context = await browser.newContext({ ...screen, locale: "en-GB" });
  const refused: string[] = [];
  const problems: string[] = [];
  await context.route("**/*", (route) => {
    const requested = route.request().url();
    // The bank's pages are the sandbox's, on another port of this machine.
    if (requested.startsWith(url) || /^http:\/\/127\.0\.0\.1:\d+\/(bank|api\/payments)\//.test(requested)) {
      return route.continue();
    }
    refused.push(requested);
    return route.abort();
  });

  async function openTab(): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => problems.push(error.message));
    // The browser reports violations of the page's policy here.
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) problems.push(message.text());
    });
    return page;
  }

  const page = await openTab();
  await page.goto(`${url}/`);
  const controls = toControls(page);
  await controls.run.waitFor();
  return {
    page,
    context,
    refused,
    problems,
    /** Another browser tab. */
    openTab,
    ...controls,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** What a person does on the page. */
export function toControls(page: Page) {
  const run = page.getByRole("button", { name: /execute query/i });
  const read = (editor: Editor) =>
    page.evaluate(
      `__MONACO.editor.getModels().find(({ uri }) => /-${editor}\\.(graphql|json)$/.test(uri.path)).getValue()`,
    ) as Promise<string>;
  return {
    run,
    notice: page.locator("#notice"),
    titles: () => page.locator(".graphiql-tab-button").allTextContents(),
    front: page.locator(".graphiql-tab-active .graphiql-tab-button"),
    async choose(title: string) {
      await page.locator(".graphiql-tab-button").getByText(title, { exact: true }).click();
      await page.locator(".graphiql-tab-active").getByText(title, { exact: true }).waitFor();
      // GraphiQL takes a tenth of a second to know which operation is in front.
      await until(
        async () =>
          (await page.evaluate("sessionStorage['open-banking:graphiql:query']")) === (await read("operation")),
      );
    },
    /** The whole text, of which a small editor shows a part. */
    read,
    /** Waits until the answer contains this text. */
    async waitForAnswer(text: string) {
      await until(async () => (await read("response")).includes(text));
      return read("response");
    },
    /** Runs what is in front and returns its data; `sent` is its variables. */
    async runForData(): Promise<{ data: Record<string, unknown>; errors?: unknown; sent: Record<string, string> }> {
      const responded = page.waitForResponse((response) => {
        const name = response.request().postDataJSON()?.operationName;
        return response.url().endsWith("/graphql") && name !== "IntrospectionQuery" && name !== "ExampleIds";
      });
      await run.click();
      const response = await responded;
      return { ...(await response.json()), sent: response.request().postDataJSON().variables };
    },
  };
}

/** Replaces the text of an editor. */
export async function fillIn(page: Page, editor: "Operation" | "Variables" | "Headers", text: string): Promise<void> {
  if (editor !== "Operation") await page.getByRole("button", { name: editor, exact: true }).click();
  const label = editor === "Operation" ? "Operation Editor" : editor;
  await page.locator(`section[aria-label="${label}"] .monaco-editor:visible`).first().click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
  // The editor closes brackets and quotes by itself.
  await page.keyboard.press("ControlOrMeta+Shift+End");
  await page.keyboard.press("Delete");
  // GraphiQL takes a tenth of a second to note an edit.
  const noted = JSON.stringify(text).slice(1, -1);
  await until(async () =>
    ((await page.evaluate("sessionStorage['open-banking:graphiql:tabState']")) as string).includes(noted),
  );
}
