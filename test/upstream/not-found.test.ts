import { describe, expect, it } from "vitest";
import type { Call } from "../../sandbox/server.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import { html, malformed, refusal, requestId, sendFailing } from "./faults.ts";

const connectionsOfUser = "query ($psuId: ID!) { paymentServiceUser(id: $psuId) { connections { id } } }";

describe("an id that the service does not know", () => {
  const unknown = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
  const encode = (text: string) => Buffer.from(text).toString("base64url");

  /** Ids that look right and name nothing, where a lookup is a call of its own. */
  function lookups({ sandbox }: TestGateway) {
    const { psuID, connectorID } = sandbox.world.connections[0] ?? {};
    const taskId = encode(JSON.stringify({ ConnectorID: { Provider: "", Reference: unknown }, Reference: "gone" }));
    const attemptId = encode(`LinkAttempt:${psuID}:${connectorID}:${unknown}`);
    return [
      { field: "linkAttempt", query: `{ linkAttempt(id: "${attemptId}") { id } }` },
      { field: "node", query: `{ node(id: "${attemptId}") { id } }` },
      { field: "task", query: `{ task(id: "${taskId}") { id } }` },
    ];
  }

  it.each(["linkAttempt", "node", "task"])("is null in the query `%s`, after one call", async (field) => {
    await using gateway = await startTestGateway();
    const { query = "" } = lookups(gateway).find((lookup) => lookup.field === field) ?? {};
    const calls = await gateway.calls(async () => {
      expect(await gateway.send(query)).toEqual({ status: 200, data: { [field]: null }, errors: [] });
    });
    expect(calls).toHaveLength(1);
  });

  it.each(["linkAttempt", "node", "task"])("is not assumed in `%s` from a proxy's 404", async (field) => {
    await using gateway = await startTestGateway();
    const { query = "" } = lookups(gateway).find((lookup) => lookup.field === field) ?? {};
    using _fault = gateway.sandbox.fault(() => true, { status: 404, ...html });
    const { data, errors } = await sendFailing(gateway, query, {});
    expect(data).toEqual({ [field]: null });
    expect(errors).toMatchObject([{ message: malformed, extensions: { code: "UPSTREAM_MALFORMED" } }]);
  });

  it("is an empty list of connections when its PSU was just deleted", async () => {
    await using gateway = await startTestGateway();
    const psuId = gateway.sandbox.world.people[0]?.id ?? "";
    const isConnections = ({ path }: Call) => path.endsWith("/connections");
    using _fault = gateway.sandbox.fault(isConnections, refusal(404, "NOT_FOUND"));
    const result = await gateway.send(connectionsOfUser, { psuId });
    expect(result).toEqual({ status: 200, data: { paymentServiceUser: { connections: [] } }, errors: [] });
  });

  it("is not an empty list of connections when a proxy responds with 404", async () => {
    await using gateway = await startTestGateway();
    const psuId = gateway.sandbox.world.people[0]?.id ?? "";
    const isConnections = ({ path }: Call) => path.endsWith("/connections");
    using _fault = gateway.sandbox.fault(isConnections, { status: 404, ...html });
    const { errors } = await sendFailing(gateway, connectionsOfUser, { psuId });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_MALFORMED" } }]);
  });

  it.each(["forwardPaymentServiceUser", "createLink", "deletePaymentServiceUser", "deletePaymentServiceUserConnector"])(
    "is NOT_FOUND in the mutation `%s`",
    async (mutation) => {
      await using gateway = await startTestGateway();
      const connector = `connectorId: "${gateway.sandbox.world.connectors[0]?.id}"`;
      const members = {
        forwardPaymentServiceUser: `{ ${connector}, psuId: "${unknown}" }) { connector { id }`,
        createLink: `{ ${connector}, psuId: "${unknown}", clientRedirectUrl: "https://app.example.com" }) { link`,
        deletePaymentServiceUser: `{ psuId: "${unknown}" }) { deletedId`,
        deletePaymentServiceUserConnector: `{ ${connector}, psuId: "${unknown}" }) { deletedId`,
      }[mutation];
      const { data, errors } = await sendFailing(gateway, `mutation { ${mutation}(input: ${members} } }`, {});
      expect(data).toEqual({ [mutation]: null });
      expect(errors).toMatchObject([
        { path: [mutation], extensions: { code: "NOT_FOUND", retryable: false, requestId } },
      ]);
    },
  );
});
