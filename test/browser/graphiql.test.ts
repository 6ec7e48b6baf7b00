/** GraphiQL in a browser: its first tab, its editors, and its explorer. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { until } from "../support/helpers.ts";
import { startGatewayCommand } from "../support/process.ts";
import { hasNoBrowser, launchBrowser } from "./stage.ts";

/** GraphiQL of a fresh gateway and sandbox, in a browser. */
async function openGraphiql() {
  await using opening = new AsyncDisposableStack();
  const gateway = opening.use(await startGatewayCommand());
  const browser = await launchBrowser();
  opening.defer(() => browser.close());
  const page = await browser.newPage();
  const refused: string[] = [];
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  // The browser reports violations of the page's policy here.
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) problems.push(message.text());
  });
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(gateway.url)) return route.continue();
    refused.push(url);
    return route.abort();
  });
  await page.goto(`${gateway.url}/`);
  const run = page.getByRole("button", { name: /execute query/i });
  await run.waitFor();
  const opened = opening.move();
  return {
    gateway,
    page,
    refused,
    problems,
    answer: page.locator(".graphiql-response"),
    async run(operation: string) {
      await run.click();
      await page.getByRole("menuitem", { name: operation, exact: true }).click();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Runs an operation and returns its data. */
async function runForData(
  { page, run }: Awaited<ReturnType<typeof openGraphiql>>,
  operation: string,
): Promise<unknown> {
  const responded = page.waitForResponse(
    (response) => response.request().postDataJSON()?.operationName === operation && response.ok(),
  );
  await run(operation);
  return ((await (await responded).json()) as { data: unknown }).data;
}

/** Replaces the text of an editor below the document. */
async function fillIn(page: Page, editor: "Variables" | "Headers", text: string): Promise<void> {
  await page.getByRole("button", { name: editor, exact: true }).click();
  await page.locator(`section[aria-label="${editor}"] .monaco-editor:visible`).click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
  // The editor closes brackets and quotes by itself.
  await page.keyboard.press("ControlOrMeta+Shift+End");
  await page.keyboard.press("Delete");
}

describe.skipIf(hasNoBrowser)("GraphiQL", () => {
  it("works without any other host than the gateway, and its first tab runs on the sandbox", async () => {
    await using graphiql = await openGraphiql();
    const { run, answer, refused, problems } = graphiql;
    for (const [operation, expected] of [
      ["Everybody", /"connections"/],
      ["Connectors", /"Plaid"/],
      ["CreateUser", /"Ada.Lovelace"/],
    ] as const) {
      await run(operation);
      await answer.filter({ hasText: expected }).waitFor();
      expect(await answer.textContent()).not.toContain('"errors"');
    }
    expect(refused).toEqual([]);
    expect(problems).toEqual([]);
  }, 60_000);

  it("shows the states of an attempt live, with the headers of its header editor", async () => {
    await using graphiql = await openGraphiql();
    const { gateway, page, run, answer, problems } = graphiql;
    const { connectors } = (await runForData(graphiql, "Connectors")) as {
      connectors: { nodes: { id: string; provider: string }[] };
    };
    const connectorId = connectors.nodes.find(({ provider }) => provider === "tink")?.id;
    const { createPaymentServiceUser } = (await runForData(graphiql, "CreateUser")) as {
      createPaymentServiceUser: { paymentServiceUser: { id: string } };
    };
    const psuId = createPaymentServiceUser.paymentServiceUser.id;
    await fillIn(page, "Variables", JSON.stringify({ connectorId, psuId }));
    const { createLink } = (await runForData(graphiql, "ConnectBank")) as {
      createLink: { link: string; attempt: { id: string } };
    };
    await fillIn(page, "Variables", JSON.stringify({ attemptId: createLink.attempt.id, psuId }));
    await fillIn(page, "Headers", JSON.stringify({ "x-request-id": "from-the-header-editor" }));

    await run("WatchAttempt");
    await answer.filter({ hasText: /"PENDING"/ }).waitFor();
    await visitBank(createLink.link, { decision: "consent" });
    await answer.filter({ hasText: /"COMPLETED"/ }).waitFor();
    await until(async () => {
      const { paymentServiceUser } = (await runForData(graphiql, "Accounts")) as {
        paymentServiceUser: { accounts: { payments: { nodes: { direction: string; bookedOn: string | null }[] } }[] };
      };
      const payments = paymentServiceUser.accounts.flatMap(({ payments }) => payments.nodes);
      return payments.length > 0 && payments.every(({ direction }) => direction === "IN" || direction === "OUT");
    });
    const [line] = await gateway.waitFor(/^.*"WatchAttempt".*$/m);
    expect(JSON.parse(line)).toMatchObject({ requestId: "from-the-header-editor", outcome: "ended", messages: 2 });
    expect(problems).toEqual([]);
  }, 60_000);

  it("runs a query that is built by clicks in its explorer", async () => {
    await using graphiql = await openGraphiql();
    const { page, problems } = graphiql;
    await page.getByRole("button", { name: "Show GraphiQL Explorer" }).click();
    const viewer = page.locator(".graphiql-explorer-viewer").first();
    await viewer.locator("[data-field-name=viewer] > span").first().click();
    await viewer.locator("[data-field-name=scopes] > span").first().click();
    const scopes = ["payments:read", "payments:write"];
    expect(await runForData(graphiql, "Everybody")).toMatchObject({ viewer: { scopes } });
    expect(problems).toEqual([]);
  }, 60_000);
});
