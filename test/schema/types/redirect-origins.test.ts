import { describe, expect, it } from "vitest";
import { createWorld } from "../../../sandbox/world.ts";
import { graphql } from "../../graphql/gql.ts";
import { startTestGateway } from "../../support/helpers.ts";
import { connectionGlobalId, firstOf } from "../global-ids.ts";

const RedirectCreate = graphql(`
  mutation RedirectCreate($input: CreateLinkInput!) { createLink(input: $input) { attempt { clientRedirectUrl } } }
`);
const RedirectUpdate = graphql(`
  mutation RedirectUpdate($input: UpdateLinkInput!) { updateLink(input: $input) { attempt { clientRedirectUrl } } }
`);

async function stage(redirectOrigins: readonly string[] | null) {
  const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
  const gateway = await startTestGateway({ sandbox: { world }, guards: { redirectOrigins } });
  const connection = firstOf(world.connections);
  const applicationName = "Redirect";
  return Object.assign(gateway, {
    create: (clientRedirectUrl: string) => {
      const input = {
        psuId: connection.psuID,
        connectorId: connection.connectorID,
        applicationName,
        clientRedirectUrl,
      };
      return gateway.send(RedirectCreate.toString(), { input });
    },
    update: (clientRedirectUrl: string) => {
      const input = { connectionId: connectionGlobalId(connection), applicationName, clientRedirectUrl };
      return gateway.send(RedirectUpdate.toString(), { input });
    },
  });
}

const allowed = ["https://app.example.com", "http://localhost:3000"];

describe("with a list of origins, a link", () => {
  it.each(["create", "update"] as const)("may lead back to them: %s", async (how) => {
    await using gateway = await stage(allowed);
    for (const url of [
      "https://app.example.com/return?attempt={attemptId}",
      "https://APP.example.com:443",
      "http://localhost:3000/#{id}",
    ]) {
      expect((await gateway[how](url)).errors).toEqual([]);
    }
  });

  it.each(["create", "update"] as const)("leads nowhere else, and nothing is written: %s", async (how) => {
    await using gateway = await stage(allowed);
    for (const url of [
      "https://evil.example/",
      "https://app.example.com.evil.example/",
      "https://app.example.com:8443/",
      "https://sub.app.example.com/",
      "https://evil.example/https://app.example.com/",
      "https://evil.example/?u=https://app.example.com",
      "http://localhost:3001/",
      "http://127.0.0.1:3000/",
    ]) {
      const calls = await gateway.calls(async () => {
        const { data, errors } = await gateway[how](url);
        expect([data, errors[0]?.extensions]).toMatchObject([
          { [`${how}Link`]: null },
          { code: "BAD_USER_INPUT", field: "input.clientRedirectUrl", retryable: false },
        ]);
      });
      expect(calls.filter(({ method }) => method !== "GET")).toEqual([]);
    }
  });
});

it("without a list, a link may lead anywhere that a browser may be sent", async () => {
  await using gateway = await stage(null);
  expect((await gateway.create("https://anything.example/")).errors).toEqual([]);
});
