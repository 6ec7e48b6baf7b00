/** What a recording starts from: a user with a linked bank, a user with a name only, and ids of nothing. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Placeholders } from "./placeholders.ts";
import type { StackRequest } from "./stack-client.ts";
import { type Users, usersPath } from "./users.ts";

/** The connector that the recording is made at. */
export type ConnectorChoice = { readonly id: string; readonly provider: string };

export type Fixture = {
  readonly values: Placeholders;
  /** Ids of the first user's connections, accounts and payments. */
  readonly rows: readonly string[];
};

export type FixtureOptions = {
  readonly connector: ConnectorChoice;
  /** Goes through the link, or has a person do it; `null`: without a link. */
  readonly consent: ((link: string) => Promise<void>) | null;
  /** Where the bank sends that person. */
  readonly redirectUrl: string;
  readonly signal: AbortSignal;
};

const linkLimitMs = 10 * 60_000;
const dataLimitMs = 3 * 60_000;
const pauseMs = 500;

const linked = {
  name: "Fixture",
  contactDetails: { email: "a@example.com", locale: "fr_FR" },
  address: { country: "FR" },
  metadata: { k: "v" },
};

const created = z.object({ data: z.string() });
const link = z.object({ attemptID: z.string(), link: z.string() });
const attempt = z.object({ data: z.object({ status: z.string() }) });
const listOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object({ cursor: z.object({ data: z.array(z.object(shape)) }) });
const connections = listOf({ connectionID: z.string() });
const rows = listOf({ id: z.string(), psuID: z.string().optional() });

/** @throws {Error} with one line that says what did not work. */
export async function makeFixture(users: Users, options: FixtureOptions): Promise<Fixture> {
  const { connector, consent, redirectUrl, signal } = options;

  async function call<Body>(what: string, request: StackRequest, shape: z.ZodType<Body>): Promise<Body> {
    signal.throwIfAborted();
    const response = await users.send(request).catch((error: Error) => {
      throw new Error(`${what}: ${error.message}`);
    });
    const read = shape.safeParse(response.text === "" ? null : toValue(response.text));
    if (response.status < 300 && read.success) return read.data;
    throw new Error(`${what} was answered with ${response.status}${toReason(response.text)}`);
  }

  async function untilSome<Row>(what: string, limitMs: number, read: () => Promise<readonly Row[]>) {
    for (const end = performance.now() + limitMs; performance.now() < end; ) {
      const found = await read();
      if (found.length > 0) return found;
      await pause(pauseMs, undefined, { signal });
    }
    throw new Error(`${what} within ${limitMs / 60_000} minutes`);
  }

  const make = async (body: object) => {
    const request = { method: "POST", path: usersPath, body: JSON.stringify(body) };
    return (await call("Creating a user", request, created)).data;
  };
  const a = await make(linked);
  const b = await make({ name: "Bare" });
  const at = `${usersPath}/${a}/connectors/${connector.id}`;
  await call("Forwarding a user to the connector", { method: "POST", path: `${at}/forward` }, z.null());
  const unknown = { Provider: connector.provider, Reference: randomUUID() };
  const ofNothing = { ConnectorID: fromBase64Json(connector.id), Reference: "nothing" };
  const values = new Map([
    ["A", a],
    ["AUpper", a.toUpperCase()],
    ["ADense", a.replaceAll("-", "")],
    ["B", b],
    ["C", connector.id],
    ["K", randomUUID()],
    ["unknownC", toBase64Json(unknown)],
    ["unknownAccount", toBase64Json(ofNothing)],
    ["unknownPayment", toBase64Json({ ...ofNothing, Type: "PAY-IN" })],
    ["unknownTask", toBase64Json(ofNothing)],
  ]);
  if (consent === null) return { values, rows: [] };

  const body = JSON.stringify({ applicationName: "Recorder", clientRedirectURL: redirectUrl });
  const made = await call("Creating a link", { method: "POST", path: `${at}/create-link`, body }, link);
  await consent(made.link);
  await untilSome("The link was not completed", linkLimitMs, async () => {
    const path = `${at}/link-attempts/${made.attemptID}`;
    const { status } = (await call("Reading the attempt", { method: "GET", path }, attempt)).data;
    if (status !== "pending" && status !== "completed") throw new Error(`The link was not completed: it is ${status}`);
    return status === "completed" ? [status] : [];
  });
  const found = await untilSome("The link brought no connection", dataLimitMs, async () => {
    return (await call("Reading connections", { method: "GET", path: `${at}/connections` }, connections)).cursor.data;
  });
  const filter = JSON.stringify({ $match: { psu_id: a } });
  const ids = (noun: string) => async () => {
    const request = { method: "GET", path: `/api/payments/v3/${noun}?pageSize=100`, body: filter };
    const { data } = (await call(`Reading ${noun}`, request, rows)).cursor;
    // A stack that has lost its filter shows other people's.
    return data.filter(({ psuID }) => psuID === a).map(({ id }) => id);
  };
  const accounts = await untilSome("The connection brought no accounts", dataLimitMs, ids("accounts"));
  const payments = await untilSome("The connection brought no payments", dataLimitMs, ids("payments"));
  values.set("N", found[0]?.connectionID ?? "");
  values.set("account", accounts[0] ?? "");
  values.set("payment", payments[0] ?? "");
  return { values, rows: [...found.map(({ connectionID }) => connectionID), ...accounts, ...payments] };
}

function toValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The service's own words, where it has any. */
function toReason(text: string): string {
  const read = z.object({ errorMessage: z.string() }).safeParse(text === "" ? null : toValue(text));
  return read.success ? `: ${read.data.errorMessage}` : "";
}

const toBase64Json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const fromBase64Json = (text: string): unknown => toValue(Buffer.from(text, "base64url").toString());
