/** The whole journey of a front end: from a new user to their bank's payments, and back to nothing. */
import { ExplainedError } from "../explained-error.ts";
import { at, type DemoClient, expect, type Json, listAt, RefusedError, say, shortenIds, toDuration } from "./client.ts";
import { type DemoConnector, type Residence, toResidence } from "./connector.ts";
import { createUser } from "./user.ts";

export type Journey = {
  readonly client: DemoClient;
  readonly connector: DemoConnector;
  /** Where they differ from what the provider takes by default. */
  readonly residence: Partial<Residence>;
  readonly redirectUrl: string;
  /** Gives consent in the user's place; `null`: a person does, at the printed link. */
  readonly visit: ((link: string) => Promise<string>) | null;
  /** How long a person may take. */
  readonly consentWithinMs: number;
  /** How long anything else may take. */
  readonly withinMs: number;
  /** Called as soon as the user is there. */
  readonly onCreated: (psuId: string) => void;
};

/** From the user to the payments of their bank. */
export async function connectBank(
  journey: Journey,
): Promise<{ readonly psuId: string; readonly connectionId: string }> {
  const { client, connector, onCreated } = journey;
  const psuId = await createUser(client, { ...toResidence(connector), ...journey.residence });
  onCreated(psuId);
  await asProvider(connector, () =>
    client.step(
      "Forward them to the provider",
      `
      mutation Forward($psuId: ID!, $connectorId: ID!) {
        forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) {
          connector { name }
        }
      }`,
      { psuId, connectorId: connector.id },
    ),
  );
  await consent(journey, psuId);
  await awaitAccounts(journey, psuId);
  const connected = await client.step(
    "The bank's accounts and balances",
    `
    query Banks($id: ID!) {
      paymentServiceUser(id: $id) {
        connections { id status dataUpdatedAt connector { name } }
        accounts {
          name
          balances { amount { decimal currency formatted(locale: "en-GB") } }
        }
      }
    }`,
    { id: psuId },
  );
  await showPayments(journey, psuId);
  return { psuId, connectionId: String(at(connected, "paymentServiceUser.connections.0.id")) };
}

async function consent({ client, connector, ...journey }: Journey, psuId: string): Promise<void> {
  const { redirectUrl, visit, consentWithinMs } = journey;
  const linked = await asProvider(connector, () =>
    client.step(
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
          connectorId: connector.id,
          clientRedirectUrl: redirectUrl,
          applicationName: "Countess",
          idempotencyKey: "first-link",
        },
      },
    ),
  );
  const link = String(at(linked, "createLink.link"));
  const returnUrl = String(at(linked, "createLink.attempt.clientRedirectUrl"));
  if (redirectUrl !== returnUrl) say("   The gateway has put the attempt's own id into the redirect URL.");
  const until = Date.now() + consentWithinMs;
  let seen = 0;
  let lastReminder = Date.now();

  /** Powens can leave an attempt PENDING for ever that has led to a connection. */
  async function isConnected(): Promise<boolean> {
    const title = "Is there a connection?";
    seen += (await countConnections(client, title, psuId)) > 0 ? 1 : 0;
    if (seen === 3) say("The attempt is still PENDING, but its connection is there: the demo goes on with that.");
    else if (Date.now() - lastReminder >= 60_000) {
      lastReminder = Date.now();
      say(`Still PENDING. ${toDuration(Math.max(0, until - Date.now()))} are left.`);
    }
    return seen === 3;
  }

  await client.follow(
    "What becomes of the attempt, live",
    `
    subscription Attempt($id: ID!) {
      linkAttemptChanged(id: $id) { status error }
    }`,
    { id: at(linked, "createLink.attempt.id") },
    {
      withinMs: consentWithinMs,
      ...(visit === null && { everyMs: 5000 }),
      isOver: (data) => (data === null ? isConnected() : isCompleted(data)),
      async meanwhile() {
        if (visit === null) {
          say(`\nNow it is your turn. Open this link in a browser, sign in at the bank and consent:\n\n  ${link}\n`);
          say(`The bank sends you back to ${shortenIds(returnUrl)}, where nothing needs to be: come back here then.`);
          say(`The demo waits for ${toDuration(consentWithinMs)} (--wait). Ctrl-C ends it and deletes the user.\n`);
          return;
        }
        say("\nThe user visits the bank, signs in, chooses accounts and consents …");
        const redirectedTo = await visit(link);
        say(`… and comes back at ${shortenIds(redirectedTo)}\n`);
        expect(redirectedTo === returnUrl, "the user comes back at the redirect URL");
      },
    },
  );
}

function isCompleted(data: Json): boolean {
  const status = at(data, "linkAttemptChanged.status");
  if (status === "EXITED") {
    const error = at(data, "linkAttemptChanged.error");
    throw new ExplainedError(`The user left the bank without consent${error === null ? "" : `: ${String(error)}`}.`);
  }
  return status === "COMPLETED";
}

async function countConnections(client: DemoClient, title: string, id: string): Promise<number> {
  const operation = "query Connections($id: ID!) { paymentServiceUser(id: $id) { connections { id } } }";
  return listAt(await client.send(title, operation, { id }), "paymentServiceUser.connections").length;
}

/** What comes after the accounts comes within this time, or the demo goes on without. */
const restWithinMs = 15_000;

/**
 * The first accounts come seconds after a connection, and no event of Powens' or Tink's tells of them; balances and
 * payments come after those, and an account may have none.
 */
async function awaitAccounts({ client, withinMs }: Journey, psuId: string): Promise<void> {
  const title = "The new connection and its first data, live";
  const operation = `query First($id: ID!) {
    paymentServiceUser(id: $id) {
      connections { id }
      accounts { balances { amount { decimal } } }
      payments(first: 1) { nodes { id } }
    }
  }`;
  let firstAt: number | null = null;
  await client.follow(
    title,
    `
    subscription Banks($psuId: ID!) {
      connectionChanged(psuId: $psuId) { kind at connection { status requiredAction } }
    }`,
    { psuId },
    {
      withinMs,
      everyMs: 2000,
      async isOver() {
        const data = await client.send(title, operation, { id: psuId });
        const user = at(data, "paymentServiceUser");
        const accounts = listAt(user, "accounts");
        if (listAt(user, "connections").length === 0 || accounts.length === 0) return false;
        firstAt ??= Date.now();
        const hasBalances = accounts.some((account) => listAt(account, "balances").length > 0);
        const hasAll = hasBalances && listAt(user, "payments.nodes").length > 0;
        return hasAll || Date.now() - firstAt > restWithinMs;
      },
    },
  );
}

async function showPayments({ client, visit }: Journey, id: string): Promise<void> {
  const title = "The latest payments";
  const shown = await client.step(
    title,
    `
    query Payments($id: ID!) {
      paymentServiceUser(id: $id) {
        payments(first: 3) {
          nodes { type status amount { formatted } createdAt }
          pageInfo { hasNextPage }
        }
      }
    }`,
    { id },
  );
  if (visit === null && listAt(shown, "paymentServiceUser.payments.nodes").length === 0) {
    say("There are none yet: the stack reads them after the accounts, at the pace of its connector.");
  }
}

/** Renews the consent and disconnects the bank, with the user's part played by `visit`. */
export async function renewAndDisconnect(
  { client, redirectUrl, withinMs }: Journey,
  visit: (link: string) => Promise<string>,
  { psuId, connectionId }: { readonly psuId: string; readonly connectionId: string },
): Promise<void> {
  const renewed = await client.step(
    "Renew the consent",
    `
    mutation UpdateLink($input: UpdateLinkInput!) {
      updateLink(input: $input) {
        link
        attempt { id status }
      }
    }`,
    { input: { connectionId, clientRedirectUrl: redirectUrl, applicationName: "Countess" } },
  );
  await client.follow(
    "Is the consent renewed?",
    `
    subscription Attempt($id: ID!) {
      linkAttemptChanged(id: $id) { status error }
    }`,
    { id: at(renewed, "updateLink.attempt.id") },
    {
      withinMs,
      isOver: isCompleted,
      meanwhile: async () => void (await visit(String(at(renewed, "updateLink.link")))),
    },
  );
  await client.follow(
    "Disconnect the bank: it is gone when the stack no longer shows it",
    `
    subscription Banks($psuId: ID!) {
      connectionChanged(psuId: $psuId) { kind connectionId }
    }`,
    { psuId },
    {
      withinMs,
      isOver: (data) => at(data, "connectionChanged.kind") === "DELETED",
      async meanwhile() {
        await client.step(
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
    },
  );
}

/** What the provider refuses is about the user, or about what it is set up for. */
async function asProvider<Result>({ name, provider }: DemoConnector, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== "BAD_USER_INPUT") throw error;
    const way = "Other values can be given with --country, --locale, --redirect-url and --connector.";
    throw new ExplainedError(`${name} (${provider}) refuses the user or the link. ${error.message} ${way}`);
  }
}
