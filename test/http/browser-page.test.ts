/** What an address answers when a person opens it in a browser, and what it answers to programs. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

type Case = readonly [
  what: string,
  method: string,
  path: string,
  accept: string | null,
  status: number,
  type: string | null,
];

const json = "application/json; charset=utf-8";
const html = "text/html; charset=utf-8";

const off: readonly Case[] = [
  ["a visit", "GET", "/graphql", browser, 400, html],
  ["a visit that accepts nothing else", "GET", "/graphql", "text/html", 400, html],
  ["the head of a visit", "HEAD", "/graphql", browser, 400, html],
  ["an operation in the address bar", "GET", "/graphql?query={__typename}", browser, 200, json],
  ["an operation that accepts only HTML", "GET", "/graphql?query={__typename}", "text/html", 406, null],
  ["a GET without an operation", "GET", "/graphql", null, 200, json],
  ["a GET that refuses HTML", "GET", "/graphql", "text/html;q=0, */*", 200, json],
  [
    "the strict form of GraphQL over HTTP",
    "GET",
    "/graphql",
    "application/graphql-response+json",
    400,
    "application/graphql-response+json; charset=utf-8",
  ],
  ["a POST from a page", "POST", "/graphql", browser, 200, json],
  ["a visit of the root", "GET", "/", browser, 302, null],
  ["a program at the root", "GET", "/", null, 404, "application/json"],
  ["a visit of nothing", "GET", "/admin", browser, 404, html],
  ["the head of nothing", "HEAD", "/admin", browser, 404, html],
  ["a program that finds nothing", "GET", "/admin", null, 404, "application/json"],
  ["a POST to nothing", "POST", "/admin", browser, 404, "application/json"],
  ["a visit of a health check", "GET", "/health/live", browser, 200, "application/json"],
];

const on: readonly Case[] = [
  ["a visit", "GET", "/graphql", browser, 200, "text/html"],
  ["the head of a visit", "HEAD", "/graphql", browser, 200, "text/html"],
  ["a GET without an operation", "GET", "/graphql", null, 200, json],
  ["a visit of the root", "GET", "/", browser, 302, null],
  ["a program at the root", "GET", "/", null, 302, null],
  ["a visit of nothing", "GET", "/admin", browser, 404, html],
];

describe.each([
  ["off", off],
  ["on", on],
] as const)("with GraphiQL %s", (graphiql, cases) => {
  it("each request gets the answer that its sender can use", async () => {
    await using gateway = await startWith(graphiql);
    for (const [what, method, path, accept, status, type] of cases) {
      const response = await fetch(gateway.url + path, {
        method,
        redirect: "manual",
        headers: { "content-type": "application/json", ...(accept !== null && { accept }) },
        ...(method === "POST" && { body: JSON.stringify({ query: "{ __typename }" }) }),
      });
      const text = await response.text();
      expect([what, response.status, response.headers.get("content-type")]).toEqual([what, status, type]);
      if (method === "HEAD") expect(text).toBe("");
      else if (type === html) expect(text).toContain("<h1>");
      if (status === 302) expect(response.headers.get("location")).toBe("/graphql");
    }
  });
});

describe("the page in place of GraphiQL", () => {
  it("says what this is, that GraphiQL is off, and how to send an operation; and runs nothing", async () => {
    await using gateway = await startWith("off");
    // As by a link on another site.
    const headers = { accept: browser, "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" };
    const response = await fetch(`${gateway.url}/graphql`, { headers });
    const text = await response.text();
    expect(text).toMatch(/GraphQL API.*GraphiQL.*is off.*by POST.*curl/s);
    expect(text).not.toContain("<script");
    expect(text.length).toBeLessThan(2000);
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    const operation = await fetch(`${gateway.url}/graphql?query={__typename}`, { headers });
    expect(operation.status).toBe(403);
  });
});

function startWith(graphiql: "on" | "off") {
  return start(readConfig({ PORT: "0", GRAPHIQL: graphiql }), pino({ level: "silent" }));
}
