import { describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { createTestGateway } from "../../support/helpers.ts";
import { oneOfEach } from "../global-ids.ts";
import { refusal } from "./stage.ts";

describe("an operator's token", () => {
  const withScopes = (sandbox: Sandbox, scopes: readonly string[]) =>
    createTestGateway(sandbox, { viewer: { subject: "operator", scopes, psuId: null, expiresAt: null } });

  it("without payments:read reads nothing, and without payments:write changes nothing", async () => {
    await using sandbox = await startSandbox({
      world: createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } }),
    });
    const ids = oneOfEach(sandbox.world);
    const reads = [
      `node(id: "${ids.Account}") { id }`,
      `nodes(ids: ["${ids.Account}"]) { id }`,
      `paymentServiceUser(id: "${ids.PaymentServiceUser}") { id }`,
      "paymentServiceUsers { nodes { id } }",
      `connector(id: "${ids.Connector}") { id }`,
      "connectors { nodes { id } }",
      `connection(id: "${ids.BankConnection}") { id }`,
      `linkAttempt(id: "${ids.LinkAttempt}") { id }`,
      `account(id: "${ids.Account}") { id }`,
      "accounts { nodes { id } }",
      `payment(id: "${ids.Payment}") { id }`,
      "payments { nodes { id } }",
      `task(id: "${ids.Task}") { id }`,
    ];
    const url = 'clientRedirectUrl: "https://app.example.com/"';
    const owner = `psuId: "${ids.PaymentServiceUser}", connectorId: "${ids.Connector}"`;
    const writes = [
      'createPaymentServiceUser(input: { name: "Eve" }) { paymentServiceUser { id } }',
      `forwardPaymentServiceUser(input: { ${owner} }) { connector { id } }`,
      `createLink(input: { ${owner}, ${url} }) { link }`,
      `updateLink(input: { connectionId: "${ids.BankConnection}", ${url} }) { link }`,
      `deleteConnection(input: { connectionId: "${ids.BankConnection}" }) { deletedId }`,
      `deletePaymentServiceUserConnector(input: { ${owner} }) { deletedId }`,
      `deletePaymentServiceUser(input: { psuId: "${ids.PaymentServiceUser}" }) { deletedId }`,
    ];
    for (const [scopes, refused] of [
      [[], [...reads.map((field) => `{ ${field} }`), ...writes.map((field) => `mutation { ${field} }`)]],
      [["payments:write"], reads.map((field) => `{ ${field} }`)],
      [["payments:read"], writes.map((field) => `mutation { ${field} }`)],
    ] as const) {
      await using gateway = withScopes(sandbox, scopes);
      const calls = await gateway.calls(async () => {
        for (const document of refused) {
          expect([document, await refusal(gateway, document)]).toEqual([document, [["FORBIDDEN", undefined]]]);
        }
      });
      expect(calls).toEqual([]);
    }
  });
});
