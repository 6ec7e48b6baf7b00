/**
 * Link attempts, and the provider's session behind each: which bank the user chose, what was granted, and how the
 * outcome reaches the stack. Tink and Powens send the browser through the stack's own redirect URL; Plaid sends it
 * straight to the client and notifies the stack later, by webhook.
 */

import { internal, notFound } from "../http/api-error.ts";
import { type Attempt, createAttempt } from "../models/attempt.ts";
import { type Connection, createConnectionID } from "../models/connection.ts";
import type { Connector } from "../models/connector.ts";
import type { Product } from "../models/product.ts";
import { insert, pair } from "../store/store.ts";
import { type Micros, second } from "../time.ts";
import { type NextStep, openConnection, scheduleNextStep } from "./connection.ts";
import { findAttempt, findConnection, findConnector, findPerson, nowOf, type SandboxContext } from "./context.ts";
import { checkProviderCoverage } from "./provider-coverage.ts";

const linkLifetime: Micros = 30 * 60 * second;
/** From the end of the visit to the provider's webhook, which Plaid and Powens send. */
const webhookDelayMs = 1500;

export type Grant = {
  readonly bankID: string;
  readonly connectionID: string;
  readonly products: readonly Product[];
  /** What the bank does some time later. */
  readonly nextStep: NextStep;
};

/** One link, from its creation until it is used up. */
export type Session = {
  readonly token: string;
  readonly attempt: Attempt;
  readonly connector: Connector;
  readonly applicationName: string;
  /** The connection to renew; null for a new one. */
  readonly relinks: Connection | null;
  /** How many banks may be linked. */
  readonly maxConnections: number;
  readonly signedInTo: Set<string>;
  readonly grants: Grant[];
};

type OwnSession = Session & { readonly randomized: string; readonly expiresAt: Micros; isSpent: boolean };

export type LinkRequest = {
  readonly applicationName: string;
  readonly clientRedirectURL: string;
  readonly psuID: string;
  readonly connectorID: string;
  /** The attempt's id, when the caller chooses it. */
  readonly key: string | null;
  readonly relinks?: string;
};

export type Links = {
  create(request: LinkRequest): { readonly attemptID: string; readonly token: string };
  find(token: string): Session | "unknown" | "used" | "expired";
  /** Records that the user shares these products of a bank. */
  grant(session: Session, bankID: string, products: readonly Product[], nextStep?: NextStep): void;
  /** The user is done; returns where the browser goes next. */
  finish(session: Session): string;
  /** The user gives no consent. */
  cancel(session: Session): string;
  /** The bank refuses the user. */
  refuse(session: Session): string;
  /** The stack's redirect URL was called; returns where it sends the browser. */
  complete(connectorID: string, query: URLSearchParams): string;
};

export function createLinks(context: SandboxContext): Links {
  const { store, clock, outbox, random } = context;
  const sessions = new Map<string, OwnSession>();
  const tokens = new Map<string, string>();
  /** The service completes an attempt once, by a workflow that its id names; a second call changes nothing. */
  const completed = new Set<string>();

  function create(request: LinkRequest) {
    const { psuID, connectorID, applicationName, clientRedirectURL } = request;
    const connector = findConnector(context, connectorID);
    if (connector === undefined) throw notFound("connector not found");
    const person = findPerson(context, psuID);
    if (person === undefined || !store.forwarded.has(pair(psuID, connectorID))) throw notFound();
    const relinks = request.relinks === undefined ? null : findConnection(context, connectorID, request.relinks);
    if (relinks === undefined) throw notFound();

    // Stored before the provider is called, so that its refusal leaves a pending attempt in the list.
    const attempt = upsert(request.key ?? random.uuid(), { psuID, connectorID, clientRedirectURL });
    checkProviderCoverage(connector, person, applicationName, relinks === null ? "create-link" : "update-link");

    const old = tokens.get(attempt.id);
    if (old !== undefined) sessions.delete(old);
    const token = `link-${random.token(32)}`;
    const limit = connector.config["maxConnectionsPerLink"];
    sessions.set(token, {
      token,
      attempt,
      connector,
      applicationName,
      relinks,
      maxConnections: relinks === null && typeof limit === "number" ? limit : 1,
      signedInTo: new Set(),
      grants: [],
      randomized: random.uuid(),
      expiresAt: nowOf(context) + linkLifetime,
      isSpent: false,
    });
    tokens.set(attempt.id, token);
    return { attemptID: attempt.id, token };
  }

  /** By id alone. An existing attempt is pending again but keeps its owner, its age and its redirect URL. */
  function upsert(id: string, fresh: Pick<Attempt, "psuID" | "connectorID" | "clientRedirectURL">): Attempt {
    const known = findAttempt(context, id);
    if (known !== undefined) {
      known.status = "pending";
      known.error = null;
      return known;
    }
    const attempt = createAttempt({ id, ...fresh, createdAt: nowOf(context) });
    insert(store.attempts, attempt);
    return attempt;
  }

  const isAlive = (session: OwnSession) => findAttempt(context, session.attempt.id) === session.attempt;

  function find(token: string) {
    const session = sessions.get(token);
    if (session === undefined || !isAlive(session)) return "unknown";
    if (session.isSpent || session.attempt.status !== "pending") return "used";
    return nowOf(context) > session.expiresAt ? "expired" : session;
  }

  function grant(
    { grants, connector, relinks }: Session,
    bankID: string,
    products: readonly Product[],
    nextStep: NextStep = "none",
  ) {
    const connectionID = relinks?.connectionID ?? createConnectionID(random, connector);
    grants.push({ bankID, connectionID, products, nextStep });
  }

  function end(session: Session, outcome: Readonly<Record<string, string>>, isConsent: boolean): string {
    const own = sessions.get(session.token);
    if (own === undefined) throw notFound("link");
    own.isSpent = true;
    if (own.connector.provider === "plaid") {
      clock.after(webhookDelayMs, () => receivePlaidWebhook(own, isConsent));
      return own.attempt.clientRedirectURL;
    }
    if (own.connector.provider === "powens" && isConsent) {
      clock.after(webhookDelayMs, () => openGranted(own));
    }
    const state = { randomized: own.randomized, attemptID: own.attempt.id };
    const query = new URLSearchParams({ state: toState(state), ...outcome });
    return `/api/payments/v3/connectors/open-banking/${own.connector.id}/redirect?${query}`;
  }

  function openGranted(session: OwnSession) {
    if (!isAlive(session)) return;
    const { psuID, connectorID } = session.attempt;
    for (const { nextStep, ...granted } of session.grants) {
      const connection = openConnection(context, { psuID, connectorID, ...granted });
      scheduleNextStep(context, connection, nextStep);
    }
  }

  /** Only Plaid's webhook leads to an event, and of equal payloads only the first does. */
  function receivePlaidWebhook(session: OwnSession, isConsent: boolean) {
    if (!isAlive(session)) return;
    const { attempt } = session;
    if (isConsent && !completed.has(attempt.id)) {
      completed.add(attempt.id);
      openGranted(session);
    }
    attempt.status = isConsent ? "completed" : "exited";
    attempt.error = isConsent ? null : "exited";
    outbox.emit("OPEN_BANKING_USER_LINK_STATUS", {
      psuID: attempt.psuID,
      connectorID: attempt.connectorID,
      status: attempt.status,
      ...(attempt.error === null ? {} : { error: attempt.error }),
    });
  }

  function complete(connectorID: string, query: URLSearchParams): string {
    const state = fromState(query.get("state"));
    if (state === null) throw internal();
    const attempt = findAttempt(context, state.attemptID);
    if (attempt === undefined) throw notFound("failed to get attempt");
    const session = sessions.get(tokens.get(attempt.id) ?? "");
    const connector = findConnector(context, connectorID);
    if (session === undefined || session.randomized !== state.randomized || connector?.provider === "plaid") {
      return attempt.clientRedirectURL; // the workflow fails on its own; the browser is redirected as usual
    }
    if (completed.has(attempt.id)) return attempt.clientRedirectURL;
    completed.add(attempt.id);
    session.isSpent = true;
    const error = query.get("error");
    if (error === null) {
      attempt.status = "completed";
      if (connector?.provider === "tink") openGranted(session);
    } else {
      const text = ["got an error from tink", error, query.get("message")].filter(Boolean).join(": ");
      attempt.status = "exited";
      attempt.error = connector?.provider === "tink" ? text : error;
    }
    return attempt.clientRedirectURL;
  }

  return {
    create,
    find,
    grant,
    complete,
    finish: (session) => {
      const ids = session.grants.map(({ connectionID }) => connectionID).join(",");
      const name = session.connector.provider === "tink" ? "credentials_id" : "connection_ids";
      return end(session, { [name]: ids }, true);
    },
    cancel: (session) => {
      const isTink = session.connector.provider === "tink";
      const message = "The user left before giving consent.";
      return end(session, isTink ? { error: "USER_CANCELLED", message } : { error: "access_denied" }, false);
    },
    refuse: (session) => {
      const isTink = session.connector.provider === "tink";
      const message = "The bank has refused the sign-in.";
      return end(session, isTink ? { error: "AUTHENTICATION_ERROR", message } : { error: "server_error" }, false);
    },
  };
}

type State = { readonly randomized: string; readonly attemptID: string };

const toState = ({ attemptID, randomized }: State): string =>
  Buffer.from(JSON.stringify({ attemptID, randomized })).toString("base64url");

function fromState(text: string | null): State | null {
  try {
    const value = JSON.parse(Buffer.from(text ?? "", "base64url").toString()) as Partial<State>;
    return typeof value.attemptID === "string" && typeof value.randomized === "string" ? (value as State) : null;
  } catch {
    return null;
  }
}
