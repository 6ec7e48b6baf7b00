import { describe, expect, it } from "vitest";
import type { TestGateway } from "../../support/helpers.ts";
import { connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";
import { refusal, refused, start } from "./refusals.ts";

const links = [
  ["createLink", "psuId: $psu, connectorId: $connector", "$psu: ID!, $connector: ID!"],
  ["updateLink", "connectionId: $connection", "$connection: ID!"],
] as const;

describe.each(links)("%s", (mutation, owner, declared) => {
  async function link(gateway: TestGateway, input: Readonly<Record<string, unknown>>) {
    const { world } = gateway.sandbox;
    const connector = firstOf(world.connectors, ({ provider }) => provider === "powens");
    const connection = firstOf(world.connections, ({ connectorID }) => connectorID === connector.id);
    const variables = {
      psu: psuGlobalId(connection.psuID),
      connector: connectorGlobalId(connector.id),
      connection: connectionGlobalId(connection),
      url: "https://app.example.com/back",
      ...input,
    };
    const names = variables.url === undefined ? "" : "clientRedirectUrl: $url";
    const used = Object.fromEntries(
      Object.entries(variables).filter(([name]) => declared.includes(`$${name}:`) || name === "url" || name in input),
    );
    return refusal(
      gateway,
      `mutation (${declared}, $url: URL!, $name: String, $key: String) {
        ${mutation}(input: { ${owner}, ${names}, applicationName: $name, idempotencyKey: $key }) { link }
      }`,
      used,
    );
  }

  it.each([
    "",
    "/back",
    "back",
    "//example.com/back",
    "app.example.com/back",
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://example.com",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "ftp://example.com/",
    "myapp://back",
    "https:example.com",
    "https:/example.com",
    "https://",
    "https:///example.com",
    "https://?x",
    "https://#x",
    "https://:443/",
    "https://user:secret@example.com/",
    "https://user@example.com/",
    "http://example.com/",
    "http://192.168.0.1/",
    "http://localhost.example.com/",
    "http://localhost@example.com/",
    "http://127.0.0.1.example.com/",
    "https://example.com:99999/",
    "https://exam ple.com/",
    "https://example.com/a\nb",
    " https://example.com/",
    "https://example.com/\u0000",
    `https://example.com/${"a".repeat(2049)}`,
    `https://example.com/?${"{id}".repeat(60_000)}`,
    "https://example.com/{attemptid}",
    "https://example.com/{ID}",
    "https://example.com/?a={attempt_id}",
    "https://example.com/%7Bfoo%7D",
    "https://example.com/%7battemptid%7d?attempt={id}",
    "https://example.com/{foo%7d",
    5,
    ["https://example.com/", "https://example.com/"],
    { href: "https://example.com/" },
  ])("refuses to send a user to %j", async (url) => {
    await using gateway = await start();
    expect(await link(gateway, { url })).toEqual(refused("input.clientRedirectUrl"));
  });

  it.each([
    "https://app.example.com",
    "HTTPS://app.example.com/back?a=1#here",
    "https://app.example.com:8443/back",
    "http://localhost/",
    "http://localhost:3000/back?attempt={attemptId}",
    "https://app.example.com/back?state=%7B%22a%22%3A1%7D",
    "https://app.example.com/back?state={}",
    "http://127.0.0.1:3000/",
    "http://[::1]:3000/",
    "http://shop.localhost:3000/",
    `https://example.com/${"a".repeat(2000)}`,
  ])("sends a user to %j", async (url) => {
    await using gateway = await start();
    const { found, calls } = await link(gateway, { url });
    expect(found).toEqual([]);
    expect(calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
  });

  it.each([
    ["name", "", "input.applicationName"],
    ["name", "   ", "input.applicationName"],
    ["name", "n".repeat(256), "input.applicationName"],
    ["key", "", "input.idempotencyKey"],
    ["key", " ", "input.idempotencyKey"],
    ["key", "k".repeat(256), "input.idempotencyKey"],
  ])("refuses the %s %j", async (name, value, field) => {
    await using gateway = await start();
    expect(await link(gateway, { [name]: value })).toEqual(refused(field));
  });
});
