/** `npm run demo`: the whole journey of a front end, over HTTP and WebSocket, against a fresh sandbox and gateway. */
import { createClient } from "graphql-ws";
import { pino } from "pino";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { start } from "../app.ts";
import { readConfig } from "../config/config.ts";

// Each step prints its operation and its answer; the first surprise ends it with a non-zero exit.
await using server = await start(readConfig({ PORT: "0", LOG_LEVEL: "silent" }), pino({ level: "silent" }));

type Json = string | number | boolean | null | { readonly [name: string]: Json } | readonly Json[];
let steps = 0;
const sockets = createClient({ url: `${server.url.replace("http", "ws")}/graphql` });

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
  report(title, operation, variables);
  say(`→ ${JSON.stringify(data, null, 2)}`);
  return data;
}

/** Follows a subscription until a message is as expected, for ten seconds at the most; prints each message. */
async function follow(
  title: string,
  operation: string,
  variables: Record<string, unknown>,
  isLast: (data: Json) => boolean,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Json> {
  report(title, operation, variables);
  const messages = sockets.iterate<Json>({ query: operation, variables });
  const deadline = setTimeout(() => messages.return?.(), 10_000);
  try {
    const first = await messages.next();
    const rest = meanwhile();
    for (let message = first; !message.done; message = await messages.next()) {
      const { data, errors } = message.value;
      if (errors !== undefined || data == null) throw new Error(`The stream has errors: ${JSON.stringify(errors)}`);
      say(`→ ${JSON.stringify(data, null, 2)}`);
      if (isLast(data)) {
        await rest;
        return data;
      }
    }
    throw new Error(`"${title}" did not come true within ten seconds.`);
  } finally {
    clearTimeout(deadline);
    await messages.return?.();
  }
}

function report(title: string, operation: string, variables: object): void {
  steps += 1;
  const text = operation.trim().replaceAll(new RegExp(`^${/^\n?( *)/.exec(operation)?.[1]}`, "gm"), "");
  say(`\n${steps}. ${title}\n${text}\n   with ${JSON.stringify(variables)}`);
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

  await follow(
    "What becomes of the attempt, live",
    `
    subscription Attempt($id: ID!) {
      linkAttemptChanged(id: $id) { status error }
    }`,
    { id: attemptId },
    (data) => at(data, "linkAttemptChanged.status") === "COMPLETED",
    async () => {
      say("\nThe user visits the bank, signs in, chooses accounts and consents …");
      const { redirectedTo } = await visitBank(link, { decision: "consent" });
      say(`… and comes back at ${redirectedTo}\n`);
      expect(
        redirectedTo === at(linked, "createLink.attempt.clientRedirectUrl"),
        "the user comes back at the redirect URL",
      );
    },
  );

  await follow(
    "The new connection and its first data, live",
    `
    subscription Banks($psuId: ID!) {
      connectionChanged(psuId: $psuId) { kind at connection { status requiredAction } }
    }`,
    { psuId },
    (data) => at(data, "connectionChanged.kind") === "DATA_SYNCED",
  );

  const connected = await step(
    "The bank's accounts and balances",
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
  await follow(
    "Is the consent renewed?",
    `
    subscription Attempt($id: ID!) {
      linkAttemptChanged(id: $id) { status error }
    }`,
    { id: at(renewed, "updateLink.attempt.id") },
    (data) => at(data, "linkAttemptChanged.status") === "COMPLETED",
    async () => {
      await visitBank(String(at(renewed, "updateLink.link")), { decision: "consent" });
    },
  );

  await follow(
    "Disconnect the bank: it is gone when the stack no longer shows it",
    `
    subscription Banks($psuId: ID!) {
      connectionChanged(psuId: $psuId) { kind connectionId }
    }`,
    { psuId },
    (data) => at(data, "connectionChanged.kind") === "DELETED",
    async () => {
      await step(
        "Disconnect",
        `
        mutation Disconnect($connectionId: ID!) {
          deleteConnection(input: { connectionId: $connectionId }) {
            deletedId
            task { id status }
          }
        }`,
        { connectionId },
      );
    },
  );

  const deleted = await step(
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
  await follow(
    "The stack works on it",
    `
    subscription Task($id: ID!) {
      taskChanged(id: $id) { status error }
    }`,
    { id: at(deleted, "deletePaymentServiceUser.task.id") },
    (data) => at(data, "taskChanged.status") === "SUCCEEDED",
  );
  const gone = await step(
    "They are gone, too",
    `
    query UserGone($psuId: ID!) {
      paymentServiceUser(id: $psuId) { name }
    }`,
    { psuId },
  );
  expect(at(gone, "paymentServiceUser") === null, "the user is gone");

  say(`\nAll ${steps} steps went as expected.`);
}

try {
  await journey();
} catch (error) {
  process.stderr.write(`\nThe demo met a surprise. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await sockets.dispose();
}
