/** GraphiQL as a newcomer meets it: its tabs, its editors and its explorer, in a browser. */
import { pino } from "pino";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { type Started, start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { toGlobalId } from "../../src/schema/global-id.ts";
import { until } from "../support/helpers.ts";
import { startGatewayCommand } from "../support/process.ts";
import { fillIn, type Graphiql, openGraphiql, screens, toControls } from "./graphiql-stage.ts";
import { hasNoBrowser, launchBrowser, signInAtBank } from "./stage.ts";

let browser: Browser;
/** On a sandbox of its own. */
let gateway: Started;
const lines: string[] = [];
beforeAll(async () => {
  if (hasNoBrowser) return;
  gateway = await startWith({}, lines);
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await gateway?.[Symbol.asyncDispose]();
});

const titles = ["Everybody", "Connectors", "CreateUser", "ConnectBank", "WatchAttempt", "Accounts"];

type Link = { readonly link: string; readonly attempt: { readonly id: string; readonly status: string } };

/** Runs the examples up to the link, and returns it. */
async function createLink({ choose, runForData }: Graphiql): Promise<Link> {
  await choose("CreateUser");
  await runForData();
  await choose("ConnectBank");
  const { data, errors } = await runForData();
  expect(errors).toBeUndefined();
  return data["createLink"] as Link;
}

describe.skipIf(hasNoBrowser).each(screens)("GraphiQL on %s", (_title, screen) => {
  it("has a named tab for each example, which runs as it stands, without any other host", async () => {
    await using fresh = await startGatewayCommand();
    await using graphiql = await openGraphiql(browser, fresh.url, screen);
    const { page, run, choose, read, waitForAnswer, refused, problems } = graphiql;
    expect(await graphiql.titles()).toEqual(titles);
    expect(await graphiql.front.textContent()).toBe("Everybody");
    for (const [title, expected] of [
      ["Everybody", '"connections"'],
      ["Connectors", '"Plaid"'],
      ["ConnectBank", '"PENDING"'],
      ["WatchAttempt", '"linkAttemptChanged"'],
      ["Accounts", '"bookedOn"'],
    ] as const) {
      await choose(title);
      expect(await read("operation")).toContain(` ${title}`);
      expect(await read("variables")).not.toContain('""');
      await run.click();
      expect(await waitForAnswer(expected)).not.toContain('"errors"');
    }
    expect(JSON.parse(await read("variables"))).toEqual({ psuId: expect.stringMatching(/^k/) });
    // All of it is on the screen, and no part is squeezed.
    const { width } = screen.viewport as { width: number };
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    for (const part of [".graphiql-editors", ".graphiql-response"]) {
      expect((await page.locator(part).boundingBox())?.width).toBeGreaterThan(330);
    }
    expect(refused).toEqual([]);
    expect(problems).toEqual([]);
  }, 120_000);

  it("puts what is created into the next tabs, and not into what a person has written", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url, screen);
    const { choose, runForData, read, page } = graphiql;
    await choose("Accounts");
    await fillIn(page, "Variables", '{ "psuId": "my-own" }');
    await choose("CreateUser");
    const { data } = await runForData();
    const { id } = (data as { createPaymentServiceUser: { paymentServiceUser: { id: string } } })
      .createPaymentServiceUser.paymentServiceUser;
    await choose("ConnectBank");
    const connected = await runForData();
    expect(connected.sent).toEqual({
      psuId: id,
      connectorId: expect.stringMatching(/^k/),
      redirectUrl: `${gateway.url}/graphql?attempt={id}`,
    });
    await choose("WatchAttempt");
    const { attempt } = connected.data["createLink"] as Link;
    expect(JSON.parse(await read("variables"))).toEqual({ attemptId: attempt.id });
    await choose("Accounts");
    expect(await read("variables")).toBe('{ "psuId": "my-own" }');
  }, 120_000);

  it("keeps tabs and edits over a reload, and a new tab is empty", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url, screen);
    const { page, run, choose, read } = graphiql;
    await choose("Connectors");
    await fillIn(page, "Operation", "query Mine { viewer { scopes } }");
    await graphiql.front.getByText("Mine").waitFor();
    await choose("Accounts");
    await page.getByRole("button", { name: "New tab" }).click();
    await graphiql.front.getByText("<untitled>").waitFor();
    expect([await read("operation"), await read("variables")]).toEqual(["", ""]);
    await fillIn(page, "Operation", "query Own { viewer { subject } }");
    await fillIn(page, "Headers", '{ "x-request-id": "mine" }');
    await graphiql.front.getByText("Own").waitFor();
    await until(async () => ((await page.evaluate("JSON.stringify(sessionStorage)")) as string).includes("mine"));
    const edited = ["Everybody", "Mine", "CreateUser", "ConnectBank", "WatchAttempt", "Accounts", "Own"];
    for (const _ of ["once", "twice"]) {
      await page.reload();
      await run.waitFor();
      expect(await graphiql.titles()).toEqual(edited);
      expect(await graphiql.front.textContent()).toBe("Own");
      expect(await read("operation")).toContain("query Own");
      expect([await read("variables"), await read("request-headers")]).toEqual(["", '{ "x-request-id": "mine" }']);
    }
    await choose("Accounts");
    expect(JSON.parse(await read("variables"))).toEqual({ psuId: expect.stringMatching(/^k/) });
    await choose("Mine");
    expect((await graphiql.runForData()).data).toEqual({ viewer: { scopes: ["payments:read", "payments:write"] } });
    expect(new URL(page.url()).search).toBe("");
  }, 120_000);

  it("comes back from the bank with the tab of the attempt in front", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url, screen);
    const { page, run, notice, read, waitForAnswer, problems } = graphiql;
    await page.getByRole("button", { name: "New tab" }).click();
    await fillIn(page, "Operation", "query Own { viewer { subject } }");
    await graphiql.front.getByText("Own").waitFor();
    const { attempt } = await createLink(graphiql);
    await notice.getByRole("link", { name: "Visit the bank" }).click();
    await page.locator("a[href*='/bank/']").first().click();
    await signInAtBank(page);
    await page.getByRole("button", { name: "Give consent", exact: true }).click();
    await run.waitFor();
    expect(page.url()).toBe(`${gateway.url}/graphql`);
    for (const _ of ["at first", "after a reload"]) {
      expect(await graphiql.titles()).toEqual([...titles, "Own"]);
      expect(await graphiql.front.textContent()).toBe("WatchAttempt");
      expect(JSON.parse(await read("variables"))).toEqual({ attemptId: attempt.id });
      await run.click();
      await waitForAnswer('"COMPLETED"');
      await page.reload();
      await run.waitFor();
    }
    expect(problems).toEqual([]);
  }, 120_000);

  it("says in a sentence that a tab is empty, and shows a syntax error without a stack", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url, screen);
    const { page, run, waitForAnswer } = graphiql;
    await page.getByRole("button", { name: "New tab" }).click();
    for (const [text, sentence] of [
      ["", "There is nothing to run: this tab has no operation."],
      ["# Only a comment.", "There is nothing to run: this tab has no operation."],
      ["query {", "Syntax Error: Expected Name, found <EOF>."],
    ] as const) {
      if (text !== "") await fillIn(page, "Operation", text);
      await run.click();
      expect(await waitForAnswer(sentence)).not.toContain("stack");
    }
    await graphiql.context.setOffline(true);
    await fillIn(page, "Operation", "{ viewer { subject } }");
    await run.click();
    expect(await waitForAnswer("The gateway did not answer:")).not.toContain("stack");
  }, 120_000);

  it("says where to put a token, shows why there is no schema, and takes the token for all tabs", async () => {
    await using sandbox = await startSandbox();
    await using own = await startWith({ ...toStack(sandbox), ...toAuth(sandbox) });
    await using graphiql = await openGraphiql(browser, own.url, screen);
    const { page, run, notice, choose, read } = graphiql;
    expect(await notice.textContent()).toContain("Put it into the Headers pane");
    expect(JSON.parse(await read("request-headers"))).toEqual({ Authorization: "Bearer " });
    const documents = page.getByRole("button", { name: /Documentation Explorer/ });
    await documents.click();
    const pane = page.locator(".graphiql-plugin");
    await pane.getByText("There is no schema to show: A bearer token is required.").waitFor();
    await documents.click();

    const headers = JSON.stringify({ Authorization: `Bearer ${await signIn(sandbox.url)}` });
    await fillIn(page, "Headers", headers);
    await notice.waitFor({ state: "hidden" });
    await documents.click();
    await pane.getByText("PaymentServiceUser", { exact: true }).first().waitFor();
    await documents.click();
    await choose("Accounts");
    expect(await read("request-headers")).toBe(headers);
    const { sent, errors } = await graphiql.runForData();
    expect([sent, errors]).toEqual([{ psuId: expect.stringMatching(/^k/) }, undefined]);
    await page.getByRole("button", { name: "New tab" }).click();
    await until(async () => (await read("request-headers")) === headers);

    // It stays over a reload of this browser tab, and nowhere else.
    await until(async () => ((await page.evaluate("JSON.stringify(sessionStorage)")) as string).includes("Bearer ey"));
    await page.reload();
    await run.waitFor();
    expect([await notice.isVisible(), await read("request-headers")]).toEqual([false, headers]);
    expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain("Bearer ey");
    const other = await graphiql.openTab();
    await other.goto(`${own.url}/graphql`);
    await toControls(other).run.waitFor();
    expect(await toControls(other).notice.isVisible()).toBe(true);
  }, 120_000);

  it("fills in what is on the stack, but a real person only where nothing is changed", async () => {
    await using context = await browser.newContext(screen);
    const page = await context.newPage();
    const { run, choose, read, runForData } = toControls(page);
    let PORT = "0";
    const seen: string[] = [];
    // Then another stack at the same address, where the ids of the first do not exist.
    for (const world of [createWorld(), createWorld({ size: { people: 3, connectionsEach: 1, accountsEach: 1 } })]) {
      await using sandbox = await startSandbox({ world });
      await using own = await startWith({ ...toStack(sandbox), AUTH: "off", PORT });
      PORT = new URL(own.url).port;
      await page.goto(`${own.url}/graphql`);
      await run.waitFor();
      await choose("Accounts");
      const { psuId } = JSON.parse(await read("variables"));
      seen.push(psuId);
      expect((await runForData()).errors).toBeUndefined();
      await choose("ConnectBank");
      expect(JSON.parse(await read("variables"))).toMatchObject({
        psuId: "",
        connectorId: expect.stringMatching(/^k/),
      });
      await choose("CreateUser");
      await runForData();
      await choose("ConnectBank");
      const { sent, errors } = await runForData();
      expect([sent["psuId"] === psuId, errors]).toEqual([false, undefined]);
      await until(async () =>
        ((await page.evaluate("JSON.stringify(localStorage)")) as string).includes(`${sent["psuId"]}`),
      );
    }
    expect(new Set(seen).size).toBe(2);
  }, 120_000);
});

describe.skipIf(hasNoBrowser)("GraphiQL", () => {
  it("shows the states of an attempt live, with the headers of its header editor", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url);
    const { page, run, choose, runForData, waitForAnswer, problems } = graphiql;
    const { link } = await createLink(graphiql);
    await choose("WatchAttempt");
    await fillIn(page, "Headers", JSON.stringify({ "x-request-id": "from-the-header-editor" }));
    await run.click();
    await waitForAnswer('"PENDING"');
    await visitBank(link, { decision: "consent" });
    await waitForAnswer('"COMPLETED"');
    await choose("Accounts");
    await until(async () => {
      const { paymentServiceUser } = (await runForData()).data as {
        paymentServiceUser: { accounts: { payments: { nodes: { direction: string; bookedOn: string | null }[] } }[] };
      };
      const payments = paymentServiceUser.accounts.flatMap(({ payments }) => payments.nodes);
      return payments.length > 0 && payments.every(({ direction }) => direction === "IN" || direction === "OUT");
    });
    const subscription = (line: string) => /"from-the-header-editor".*"WatchAttempt"/.test(line);
    const line = await until(async () => lines.find(subscription) ?? false);
    expect(JSON.parse(line)).toMatchObject({ outcome: "ended", messages: 2 });
    expect(problems).toEqual([]);
  }, 120_000);

  it("fills in the person whose token it is, and has the token still after the bank", async () => {
    await using sandbox = await startSandbox();
    await using own = await startWith({ ...toStack(sandbox), ...toAuth(sandbox) });
    await using graphiql = await openGraphiql(browser, own.url);
    const { page, run, notice, choose, waitForAnswer } = graphiql;
    const psuId = sandbox.world.people[0]?.id ?? "";
    const headers = { Authorization: `Bearer ${await signIn(sandbox.url, { psuId })}` };
    await fillIn(page, "Headers", JSON.stringify(headers));
    await notice.waitFor({ state: "hidden" });
    await choose("ConnectBank");
    const { sent, errors } = await graphiql.runForData();
    expect([sent["psuId"], errors]).toEqual([toGlobalId("PaymentServiceUser", psuId), undefined]);
    await notice.getByRole("link").click();
    await page.locator("a[href*='/bank/']").first().click();
    await signInAtBank(page);
    await page.getByRole("button", { name: "Give consent", exact: true }).click();
    await run.waitFor();
    expect([await graphiql.front.textContent(), await notice.isVisible()]).toEqual(["WatchAttempt", false]);
    await run.click();
    await waitForAnswer('"COMPLETED"');
  }, 120_000);

  it("ends a subscription that is stopped", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url);
    const { page, run, choose, read, waitForAnswer } = graphiql;
    await createLink(graphiql);
    await choose("WatchAttempt");
    await fillIn(page, "Headers", JSON.stringify({ "x-request-id": "stopped-by-hand" }));
    await run.click();
    await waitForAnswer('"PENDING"');
    await page.getByRole("button", { name: /stop query/i }).click();
    const line = await until(async () => lines.find((one) => /"stopped-by-hand".*"WatchAttempt"/.test(one)) ?? false);
    expect(JSON.parse(line)).toMatchObject({ messages: 1 });
    await run.waitFor();
    expect(await read("response")).not.toContain("errors");
  }, 120_000);

  it("runs a query that is built by clicks in its explorer", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url);
    const { page, runForData, problems } = graphiql;
    await page.getByRole("button", { name: "Show GraphiQL Explorer" }).click();
    const viewer = page.locator(".graphiql-explorer-viewer").first();
    await viewer.locator("[data-field-name=viewer] > span").first().click();
    await viewer.locator("[data-field-name=scopes] > span").first().click();
    const scopes = ["payments:read", "payments:write"];
    expect((await runForData()).data).toMatchObject({ viewer: { scopes } });
    expect(problems).toEqual([]);
  }, 120_000);

  it("has the examples again once its data are cleared", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url);
    const { page, read } = graphiql;
    await fillIn(page, "Operation", "query Mine { viewer { scopes } }");
    await page.locator(".graphiql-tab-active .graphiql-tab-close").click();
    await page.getByRole("button", { name: "Open settings dialog" }).click();
    await page.getByRole("button", { name: "Clear data" }).click();
    await graphiql.front.getByText("Everybody").waitFor();
    expect(await graphiql.titles()).toEqual(titles);
    await until(async () => (await read("operation")).includes("query Everybody"));
  }, 120_000);

  it("opens a query of its address in a tab of its own, beside the examples", async () => {
    await using graphiql = await openGraphiql(browser, gateway.url);
    const { page, run, read } = graphiql;
    const search = new URLSearchParams({ query: "query Linked { viewer { subject } }", variables: '{ "a": 1 }' });
    await page.goto(`${gateway.url}/graphql?${search}`);
    await run.waitFor();
    expect(await graphiql.titles()).toHaveLength(titles.length + 1);
    expect([await read("operation"), await read("variables")]).toEqual([search.get("query"), search.get("variables")]);
    expect(new URL(page.url()).search).toBe("");
  }, 120_000);
});

function startWith(settings: Record<string, string>, log: string[] = []): Promise<Started> {
  return start(readConfig({ PORT: "0", ...settings }), pino({}, { write: (line: string) => void log.push(line) }));
}

function toStack({ url, clientId, clientSecret }: Sandbox): Record<string, string> {
  return { FORMANCE_API_URL: url, FORMANCE_CLIENT_ID: clientId, FORMANCE_CLIENT_SECRET: clientSecret };
}

function toAuth({ issuer: { issuer, audience, jwksUrl } }: Sandbox): Record<string, string> {
  return { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_JWKS_URL: jwksUrl };
}

async function signIn(url: string, who: object = { role: "operator" }): Promise<string> {
  const response = await fetch(`${url}/sandbox/sign-in`, {
    method: "POST",
    body: JSON.stringify(who),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
