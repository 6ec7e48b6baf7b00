import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { operator, psuViewer } from "../../support/helpers.ts";
import { allIds, closeStage, cursors, expectHarmless, leaksIn, people, post, runs, viewers, world } from "./stage.ts";
import { mutated } from "./texts.ts";

afterAll(closeStage);

describe("any text", () => {
  const rows = "{ edges { cursor node { id } } }";

  it("as an id is no way to another's, and no fault", async () => {
    const caller = 0;
    const { psuId } = viewers[caller] ?? operator;
    const fields = `
      node(id: $id) { id __typename }
      nodes(ids: [$id]) { id }
      paymentServiceUser(id: $id) { id name connections { id } }
      connection(id: $id) { id accounts { id name } }
      linkAttempt(id: $id) { id clientRedirectUrl }
      account(id: $id) { id name reference balances { createdAt } }
      payment(id: $id) { id reference }
      task(id: $id) { id taskId }
      connector(id: $id) { id }
      ofUser: accounts(filter: { psuId: $id }) ${rows}
      ofConnection: payments(filter: { connectionId: $id }) ${rows}
      ofAccount: payments(filter: { accountId: $id }) ${rows}`.trim();
    const query = fields.split(/\n\s*/).map((field) => `query($id: ID!) { ${field} }`);
    const url = 'clientRedirectUrl: "https://app.example.com/"';
    const mutations = [
      `deleteConnection(input: { connectionId: $id }) { deletedId }`,
      `updateLink(input: { connectionId: $id, ${url} }) { link }`,
      `createLink(input: { psuId: $id, connectorId: "${world.connectors[0]?.id}", ${url} }) { link }`,
    ].map((field) => `mutation($id: ID!) { ${field} }`);
    await fc.assert(
      fc.asyncProperty(
        mutated(fc.constantFrom(...allIds)),
        fc.constantFrom(...query, ...mutations),
        fc.boolean(),
        async (id, document, isOperator) => {
          const answer = await post(isOperator ? people.length + 1 : caller, document, { id });
          expectHarmless(answer);
          if (!isOperator) expect(leaksIn(psuViewer(psuId ?? ""), answer, JSON.stringify(id) + id)).toEqual([]);
        },
      ),
      runs(120),
    );
  });

  it("as a cursor is no way to another's, and no fault", async () => {
    const own = `paymentServiceUser(id: "${people[0]?.id}")`;
    const lists = [
      `accounts(after: $after) ${rows}`,
      `payments(after: $after) ${rows}`,
      `connectors(after: $after) ${rows}`,
      `paymentServiceUsers(after: $after) ${rows}`,
      `${own} { payments(after: $after) ${rows} }`,
      `${own} { linkAttempts(connectorId: "${world.connectors[0]?.id}", after: $after) ${rows} }`,
      `${own} { accounts { balanceHistory(after: $after) { edges { cursor } } } }`,
    ];
    // The service's own cursors, which it trusts blindly.
    const upstream = fc
      .record({ offset: fc.integer(), pageSize: fc.integer(), filters: fc.jsonValue() })
      .map((position) => Buffer.from(JSON.stringify(position)).toString("base64url"));
    const after = fc.oneof({ weight: 4, arbitrary: mutated(fc.constantFrom(...cursors)) }, upstream);
    await fc.assert(
      fc.asyncProperty(after, fc.constantFrom(...lists), fc.boolean(), async (text, list, isOperator) => {
        const document = `query($after: String) { ${list} }`;
        const answer = await post(isOperator ? people.length + 1 : 0, document, { after: text });
        expectHarmless(answer);
        if (!isOperator) expect(leaksIn(viewers[0] ?? operator, answer, document + text)).toEqual([]);
      }),
      runs(80),
    );
  });
});
