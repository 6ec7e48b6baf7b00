import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { expect, it } from "vitest";
import { startGatewayCommand } from "../process.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

// A machine without a browser skips this; CI installs one and may not.
it.skipIf(executablePath === undefined && process.env["CI"] === undefined)(
  "GraphiQL works with everything but the gateway cut off, and its first tab runs on the sandbox",
  async () => {
    await using gateway = await startGatewayCommand();
    const browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
    });
    try {
      const page = await browser.newPage();
      const refused: string[] = [];
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      await page.route("**/*", (route) => {
        const url = route.request().url();
        if (url.startsWith(gateway.url)) return route.continue();
        refused.push(url);
        return route.abort();
      });
      await page.goto(`${gateway.url}/`);
      const run = page.getByRole("button", { name: /execute query/i });
      await run.waitFor();

      const answer = page.locator(".graphiql-response");
      for (const [operation, expected] of [
        ["Everybody", /"connections"/],
        ["Connectors", /"Plaid"/],
        ["CreateUser", /"Ada.Lovelace"/],
      ] as const) {
        await run.click();
        await page.getByRole("menuitem", { name: operation, exact: true }).click();
        await answer.filter({ hasText: expected }).waitFor();
        expect(await answer.textContent()).not.toContain('"errors"');
      }
      expect(refused).toEqual([]);
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  60_000,
);
