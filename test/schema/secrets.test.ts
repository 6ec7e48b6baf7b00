import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { createWorld } from "../../sandbox/world.ts";
import { unguarded } from "../support/graphql.ts";
import { startTestGateway, type TestGateway } from "../support/helpers.ts";
import { connectorGlobalId, firstOf, psuGlobalId } from "./global-ids.ts";

const marker = "s3cr3t-";
const connector = "connector { id connectorId reference name provider createdAt }";
const money = '{ asset currency scale amount decimal formatted(locale: "en") }';
const balance = `{ amount ${money} createdAt lastUpdatedAt }`;
const account = `id accountId reference name type provider defaultAsset createdAt metadata raw ${connector}`;
const details = `isPending description counterparty { name logoUrl website } category { name detailed source } bookedOn valueOn occurredAt adjustments { id status statusText amount ${money} createdAt raw }`;
const payment = `id paymentId reference type typeText status statusText scheme schemeText direction amount ${money} initialAmount ${money} createdAt metadata ${details} ${connector}`;
const attempt = `id attemptId status error clientRedirectUrl createdAt ${connector}`;

/** Everything that the graph has to say. */
const everything = `query Everything($connector: ID!) {
  viewer { subject scopes paymentServiceUser { id } }
  connectors { edges { cursor node { id connectorId reference name provider createdAt } } pageInfo { endCursor } }
  paymentServiceUsers(first: 100) {
    edges {
      cursor
      node {
        id psuId name createdAt metadata
        contactDetails { email phoneNumber locale }
        address { streetName streetNumber city region postalCode country }
        connections { id connectionId status error createdAt updatedAt dataUpdatedAt metadata ${connector} accounts { id raw } }
        accounts { ${account} balances ${balance} balanceHistory { edges { cursor node ${balance} } } }
        linkAttempts(connectorId: $connector, first: 100) { nodes { ${attempt} } }
        payments(first: 3) { edges { cursor node { ${payment} sourceAccount { raw } destinationAccount { raw } } } }
      }
    }
  }
  accounts(first: 100) { edges { cursor node { ${account} } } }
  payments(first: 100) { edges { cursor node { ${payment} } } }
}`;

async function send(gateway: TestGateway, document: string, variables: object = {}) {
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: document, variables }),
  });
  return { text: await response.text(), headers: JSON.stringify([...response.headers]) };
}

describe("a provider's secrets", () => {
  it("are in what the service answers, and in nothing that the gateway answers or logs", async () => {
    const clock = createManualClock();
    await using gateway = await startTestGateway({
      sandbox: { world: createWorld({ clock }) },
      // Everything at once is more than the usual limits allow one operation.
      guards: {
        limits: { ...unguarded.limits, query: { ...unguarded.limits.query, calls: 10_000, values: 1_000_000 } },
      },
    });
    const { sandbox, lines } = gateway;
    const { connectors, people } = sandbox.world;
    const secrets = connectors.flatMap(({ config }) =>
      Object.values(config).filter((value) => String(value).includes(marker)),
    );
    expect(secrets.length).toBeGreaterThanOrEqual(4);

    const answers: { text: string; headers: string }[] = [];
    for (const { id } of connectors) {
      const answer = await send(gateway, everything, { connector: id });
      expect(JSON.parse(answer.text).errors).toBeUndefined();
      answers.push(answer);
    }
    expect(answers[0]?.text.length).toBeGreaterThan(100_000);
    const powens = firstOf(connectors, ({ provider }) => provider === "powens").id;
    const daichi = firstOf(people, ({ name }) => name === "Daichi Mori").id;
    const input = `psuId: "${daichi}", connectorId: "${powens}"`;
    answers.push(
      await send(
        gateway,
        `{ node(id: "${connectorGlobalId(powens)}") { id ... on Connector { name } } connector(id: "${powens}") { name } }`,
      ),
      await send(gateway, "{ connectors { nodes { config } } }"),
      await send(gateway, `{ connectors(filter: { provider: "powens" }) { nodes { name } } }`),
      await send(
        gateway,
        `mutation { createLink(input: { ${input}, clientRedirectUrl: "https://app.example.com/" }) { link attempt { ${attempt} } } }`,
      ),
      await send(gateway, `mutation { forwardPaymentServiceUser(input: { ${input} }) { ${connector} } }`),
      await send(
        gateway,
        `mutation { deletePaymentServiceUserConnector(input: { ${input} }) { task { id ${connector} } } }`,
      ),
      await send(
        gateway,
        `mutation { deletePaymentServiceUser(input: { psuId: "${psuGlobalId(daichi)}" }) { task { id error ${connector} } } }`,
      ),
    );
    expect(answers.filter(({ text, headers }) => (text + headers).includes(marker))).toEqual([]);
    expect(lines.length).toBeGreaterThanOrEqual(answers.length);
    expect(lines.filter((line) => line.includes(marker))).toEqual([]);
  });

  it("stay hidden when the service's answer about connectors is not what it should be", async () => {
    await using gateway = await startTestGateway();
    const { sandbox, lines } = gateway;
    const secret = `${marker}in-a-broken-answer`;
    const config = { name: secret, apiKey: secret };
    const row = { id: secret, reference: null, name: "Tink", createdAt: "now", provider: "tink", config };
    const bodies = [
      JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data: [row] } }),
      JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data: { config } } }),
      JSON.stringify({ errorCode: "INTERNAL", errorMessage: secret, details: config }),
      `<html>${secret}</html>`,
    ];
    for (const [at, body] of bodies.entries()) {
      using _ = sandbox.fault(({ path }) => path === "/connectors", { body, status: at === 2 ? 500 : 200 });
      const { text, headers } = await send(gateway, "{ connectors { nodes { id name } } }");
      expect(JSON.parse(text).errors).toHaveLength(1);
      expect(text + headers).not.toContain(marker);
    }
    expect(lines.length).toBeGreaterThanOrEqual(bodies.length);
    expect(lines.filter((line) => line.includes(marker))).toEqual([]);
  });
});
