import { pino } from "pino";
import { readConfig } from "./config.ts";
import { visitBank } from "./sandbox/visitor.ts";
import { start } from "./start.ts";

/**
 * `npm run demo`: the whole journey as a front end would make it, over HTTP, against a fresh sandbox and gateway.
 * Each step prints its operation and its answer; the first surprise ends it with a non-zero exit.
 */
await using server = await start(readConfig({ PORT: "0", LOG_LEVEL: "silent" }), pino({ level: "silent" }));

type Json = string | number | boolean | null | { readonly [name: string]: Json } | readonly Json[];
let steps = 0;

async function send(operation: string, variables: object): Promise<Json> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: operation, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Json; errors?: Json };
  if (errors !== undefined) throw new Error(`The gateway answered errors: ${JSON.stringify(errors)}`);
  return data;
}

async function step(title: string, operation: string, variables: object = {}): Promise<Json> {
  const data = await send(operation, variables);
  report(title, operation, variables, data);
  return data;
}

/** Asks again until the answer is as expected, for ten seconds at the most; reports only that answer. */
async function stepUntil(
  title: string,
  operation: string,
  variables: object,
  isExpected: (data: Json) => boolean,
): Promise<Json> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const data = await send(operation, variables);
    if (isExpected(data)) {
      report(title, operation, variables, data);
      return data;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`"${title}" did not come true within ten seconds.`);
}

function report(title: string, operation: string, variables: object, data: Json): void {
  steps += 1;
  const text = operation.trim().replaceAll(/^ {4}/gm, "");
  say(`\n${steps}. ${title}\n${text}\n   with ${JSON.stringify(variables)}\n→ ${JSON.stringify(data, null, 2)}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The value at a path such as `connectors.nodes.0.id`. */
function at(data: Json, path: string): Json {
  let value: Json | undefined = data;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? (value as Record<string, Json>)[name] : undefined;
  }
  if (value === undefined) throw new Error(`The answer has no ${path}: ${JSON.stringify(data)}`);
  return value;
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`Expected that ${what}.`);
}

async function journey(): Promise<void> {
  const connectors = await step(
    "Which connector reaches the user's bank?",
    `
    query Connectors {
      connectors(filter: { provider: "plaid" }) { nodes { id name provider } }
    }`,
  );
  const connectorId = at(connectors, "connectors.nodes.0.id");

  const created = await step(
    "Create a payment service user",
    `
    mutation CreateUser($input: CreatePaymentServiceUserInput!) {
      createPaymentServiceUser(input: $input) {
        paymentServiceUser { id psuId name }
      }
    }`,
    {
      input: {
        name: "Ada Lovelace",
        contactDetails: { email: "ada@example.com", locale: "en_GB" },
        address: { country: "GB" },
        metadata: { yourId: "user-1815" },
      },
    },
  );
  const psuId = at(created, "createPaymentServiceUser.paymentServiceUser.id");

  await step(
    "Forward them to the provider",
    `
    mutation Forward($psuId: ID!, $connectorId: ID!) {
      forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) {
        connector { name }
      }
    }`,
    { psuId, connectorId },
  );

  const linked = await step(
    "Ask for a link to the bank",
    `
    mutation CreateLink($input: CreateLinkInput!) {
      createLink(input: $input) {
        link
        attempt { id attemptId status clientRedirectUrl }
      }
    }`,
    {
      input: {
        psuId,
        connectorId,
        clientRedirectUrl: "https://app.example.com/return?attempt={attemptId}",
        applicationName: "Countess",
        idempotencyKey: "first-link",
      },
    },
  );
  const attemptId = at(linked, "createLink.attempt.id");
  const link = String(at(linked, "createLink.link"));

  say("\nThe user visits the bank, signs in, chooses accounts and consents …");
  const { redirectedTo } = await visitBank(link, { decision: "consent" });
  say(`… and comes back at ${redirectedTo}`);
  expect(
    redirectedTo === at(linked, "createLink.attempt.clientRedirectUrl"),
    "the user comes back at the redirect URL",
  );

  await stepUntil(
    "What became of the attempt?",
    `
    query Attempt($id: ID!) {
      linkAttempt(id: $id) { status error }
    }`,
    { id: attemptId },
    (data) => at(data, "linkAttempt.status") === "COMPLETED",
  );

  const connected = await stepUntil(
    "The bank's accounts and balances, once the first sync is done",
    `
    query Banks($id: ID!) {
      paymentServiceUser(id: $id) {
        connections {
          id
          status
          dataUpdatedAt
          connector { name }
          accounts {
            name
            balances { amount { decimal currency formatted(locale: "en-GB") } }
          }
        }
      }
    }`,
    { id: psuId },
    (data) => {
      const connections = at(data, "paymentServiceUser.connections") as readonly Json[];
      return connections.length > 0 && at(connections, "0.dataUpdatedAt") !== null;
    },
  );
  const connectionId = at(connected, "paymentServiceUser.connections.0.id");
  expect(
    (at(connected, "paymentServiceUser.connections.0.accounts") as readonly Json[]).length > 0,
    "the connection has accounts",
  );

  await step(
    "The latest payments",
    `
    query Payments($id: ID!) {
      paymentServiceUser(id: $id) {
        payments(first: 3) {
          nodes { type status amount { formatted } createdAt }
          pageInfo { hasNextPage }
        }
      }
    }`,
    { id: psuId },
  );

  const renewed = await step(
    "Renew the consent",
    `
    mutation UpdateLink($input: UpdateLinkInput!) {
      updateLink(input: $input) {
        link
        attempt { id status }
      }
    }`,
    {
      input: {
        connectionId,
        clientRedirectUrl: "https://app.example.com/return?attempt={attemptId}",
        applicationName: "Countess",
      },
    },
  );
  await visitBank(String(at(renewed, "updateLink.link")), { decision: "consent" });
  await stepUntil(
    "Is the consent renewed?",
    `
    query Attempt($id: ID!) {
      linkAttempt(id: $id) { status error }
    }`,
    { id: at(renewed, "updateLink.attempt.id") },
    (data) => at(data, "linkAttempt.status") === "COMPLETED",
  );

  await step(
    "Disconnect the bank",
    `
    mutation Disconnect($connectionId: ID!) {
      deleteConnection(input: { connectionId: $connectionId }) {
        deletedId
        task { id status }
      }
    }`,
    { connectionId },
  );
  await stepUntil(
    "It is gone when the stack no longer shows it",
    `
    query Gone($connectionId: ID!) {
      connection(id: $connectionId) { status }
    }`,
    { connectionId },
    (data) => at(data, "connection") === null,
  );

  await step(
    "Delete the user",
    `
    mutation DeleteUser($psuId: ID!) {
      deletePaymentServiceUser(input: { psuId: $psuId }) {
        deletedId
        task { id status }
      }
    }`,
    { psuId },
  );
  await stepUntil(
    "They are gone, too",
    `
    query UserGone($psuId: ID!) {
      paymentServiceUser(id: $psuId) { name }
    }`,
    { psuId },
    (data) => at(data, "paymentServiceUser") === null,
  );

  say(`\nAll ${steps} steps went as expected.`);
}

try {
  await journey();
} catch (error) {
  process.stderr.write(`\nThe demo met a surprise. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
