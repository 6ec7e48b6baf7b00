/** The service's endpoints, one method each: path, body and the shape of the response. */
import type { z } from "zod";
import { createKnownConnectors, type KnownConnectors } from "./connector-cache.ts";
import { UpstreamError } from "./errors.ts";
import type { Numbers } from "./exact-json.ts";
import type { PageRequest } from "./pages.ts";
import { createKnownPayments, type KnownPayments } from "./payment-cache.ts";
import type { Call, CallContext, CallScope } from "./transport/call.ts";
import type { Deadline } from "./transport/deadline.ts";
import type { Permit, Reservation } from "./transport/fair-admission.ts";
import { createTransport, type Transport, type TransportOptions, type TransportState } from "./transport/transport.ts";
import * as wire from "./wire-types.ts";

/** The span and the asset of a balance history; times in RFC 3339. */
export type BalanceQuery = {
  readonly asset?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

export type UpstreamClient = AsyncDisposable & {
  /** The calls of one operation: they share its deadline and cancellation, and count for it. */
  within(scope: CallScope): Upstream;
  /** Of all operations together. */
  state(): TransportState;
  /** See `ConcurrencyLimiter`. */
  fullForMs(address: string | null): number | null;
};

export function createUpstreamClient(options: TransportOptions): UpstreamClient {
  const transport = createTransport(options);
  const knownConnectors = createKnownConnectors();
  const knownPayments = createKnownPayments();
  return {
    within: (scope) => new Upstream(transport, transport.begin(scope), knownConnectors, knownPayments),
    state: transport.state,
    fullForMs: transport.fullForMs,
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/**
 * The endpoints for one operation. All calls reject with `UpstreamError` and nothing else. A class: each operation has
 * one (docs/decisions/0021-memory-per-stream.md).
 */
export class Upstream {
  readonly #transport: Transport;
  readonly #context: CallContext;
  /** Of all operations together. */
  readonly knownConnectors: KnownConnectors;
  /** Of all operations together. */
  readonly knownPayments: KnownPayments;

  constructor(
    transport: Transport,
    context: CallContext,
    knownConnectors: KnownConnectors,
    knownPayments: KnownPayments,
  ) {
    this.#transport = transport;
    this.#context = context;
    this.knownConnectors = knownConnectors;
    this.knownPayments = knownPayments;
  }

  /** Of the operation, for calls of other services, too. */
  get deadline(): Deadline {
    return this.#context.deadline;
  }

  /** See `ConcurrencyLimiter`. */
  reserve(reservation: Reservation): Permit {
    return this.#transport.reserve(reservation, this.#context);
  }

  /** Not idempotent: the service honours no key here. Returns the new PSU's id. */
  createPaymentServiceUser(body: wire.NewPaymentServiceUser) {
    const shape = wire.dataOf(wire.id);
    return this.#post("createPaymentServiceUser", users, shape, body);
  }

  paymentServiceUsers(page: PageRequest) {
    return this.#list("paymentServiceUsers", users, wire.paymentServiceUser, page);
  }

  paymentServiceUser(psuId: string) {
    return this.#get("paymentServiceUser", user(psuId), wire.paymentServiceUser);
  }

  /** Irreversible and asynchronous: returns the id of the task, which also removes accounts, payments, connections. */
  deletePaymentServiceUser(psuId: string) {
    return this.#remove("deletePaymentServiceUser", user(psuId));
  }

  /** All connectors of one PSU, or one connector. */
  connections(psuId: string, connectorId: string | null, page: PageRequest) {
    const owner = connectorId === null ? user(psuId) : userAt(psuId, connectorId);
    return this.#list("connections", `${owner}/connections`, wire.bankConnection, page);
  }

  deletePaymentServiceUserConnector(psuId: string, connectorId: string) {
    return this.#remove("deletePaymentServiceUserConnector", userAt(psuId, connectorId));
  }

  /** A second forward of the same PSU fails as `invalid`. */
  forwardPaymentServiceUser(psuId: string, connectorId: string): Promise<void> {
    const path = `${userAt(psuId, connectorId)}/forward`;
    return this.#post("forwardPaymentServiceUser", path, null, null);
  }

  /**
   * The key becomes the attempt's id, and the attempt is upserted by it without a check of its owner: it must be an
   * id that only this PSU can produce, and never one whose attempt has ended (that puts it back to pending).
   */
  createLink(psuId: string, connectorId: string, attemptId: string, body: wire.LinkRequest) {
    return this.#link("createLink", `${userAt(psuId, connectorId)}/create-link`, attemptId, body);
  }

  /** As `createLink`. The service does not check that the connection is the PSU's. */
  updateLink(psuId: string, connectorId: string, connectionId: string, attemptId: string, body: wire.LinkRequest) {
    const path = `${connectionAt(psuId, connectorId, connectionId)}/update-link`;
    return this.#link("updateLink", path, attemptId, body);
  }

  /** The service does not check that the connection is the PSU's. Returns a task id that later deletes share. */
  deleteConnection(psuId: string, connectorId: string, connectionId: string) {
    return this.#remove("deleteConnection", connectionAt(psuId, connectorId, connectionId));
  }

  linkAttempts(psuId: string, connectorId: string, page: PageRequest) {
    return this.#list("linkAttempts", `${userAt(psuId, connectorId)}/link-attempts`, wire.linkAttempt, page);
  }

  /** The service does not check that the attempt is the PSU's: compare `psuID` and `connectorID`. */
  linkAttempt(psuId: string, connectorId: string, attemptId: string) {
    const path = `${userAt(psuId, connectorId)}/link-attempts/${segment(attemptId)}`;
    return this.#get("linkAttempt", path, wire.linkAttempt);
  }

  /** Not idempotent. Returns the id of a bank account that is nobody's yet. */
  createBankAccount(body: wire.NewBankAccount) {
    const shape = wire.dataOf(wire.id);
    return this.#post("createBankAccount", bankAccounts, shape, body);
  }

  /** The service does not check whose the bank account is, and takes it from the PSU that had it. */
  addBankAccount(psuId: string, bankAccountId: string): Promise<void> {
    const path = bankAccountOf(psuId, bankAccountId);
    return this.#send({ name: "addBankAccount", method: "POST", path, body: null, shape: null, isIdempotent: true });
  }

  /** The service does not check that the bank account is the PSU's. Returns a task id that later forwards share. */
  async forwardBankAccount(psuId: string, bankAccountId: string, connectorId: string): Promise<string> {
    const path = `${bankAccountOf(psuId, bankAccountId)}/forward`;
    const shape = wire.dataOf(wire.taskReference);
    return (await this.#post("forwardBankAccount", path, shape, { connectorID: connectorId })).taskID;
  }

  /** Without numbers. */
  bankAccounts(page: PageRequest) {
    return this.#list("bankAccounts", bankAccounts, wire.bankAccount, page);
  }

  bankAccount(bankAccountId: string) {
    return this.#get("bankAccount", `${bankAccounts}/${segment(bankAccountId)}`, wire.bankAccount);
  }

  accounts(page: PageRequest) {
    return this.#list("accounts", `${payments}/accounts`, wire.account, page, {}, "any");
  }

  account(accountId: string) {
    return this.#get("account", `${payments}/accounts/${segment(accountId)}`, wire.account, "any");
  }

  /** A history: for each asset one row per change of its amount, newest first. */
  balances(accountId: string, page: PageRequest, query: BalanceQuery = {}) {
    const path = `${payments}/accounts/${segment(accountId)}/balances`;
    return this.#list("balances", path, wire.balance, page, query, "integers");
  }

  payments(page: PageRequest) {
    return this.#list("payments", `${payments}/payments`, wire.payment, page, {}, "any");
  }

  /** With its adjustments. The service checks no owner: compare `psuID`. */
  payment(paymentId: string) {
    return this.#get("payment", `${payments}/payments/${segment(paymentId)}`, wire.paymentInFull, "any");
  }

  connectors(page: PageRequest) {
    return this.#list("connectors", `${payments}/connectors`, wire.connector, page);
  }

  task(taskId: string) {
    return this.#get("task", `${payments}/tasks/${segment(taskId)}`, wire.task);
  }

  /** Resolves when the service reports that it is healthy. */
  health(): Promise<void> {
    const path = "/api/payments/_healthcheck";
    return this.#send({ name: "health", method: "GET", path, body: null, shape: null, isProbe: true });
  }

  /** The service's version, such as `v3.3.0`. */
  async version(): Promise<string> {
    const path = "/api/payments/_info";
    const call = { name: "version", method: "GET", path, body: null, shape: wire.info, isProbe: true } as const;
    return (await this.#send(call)).version;
  }

  #send<Data>(call: Call<Data>): Promise<Data> {
    return this.#transport.send(call, this.#context);
  }

  #post<Data>(name: string, path: string, shape: z.ZodType<Data> | null, body: object | null): Promise<Data> {
    return this.#send({ name, method: "POST", path, body: body && JSON.stringify(body), shape });
  }

  /** A single object. */
  #get<Data>(name: string, path: string, row: z.ZodType<Data>, numbers: Numbers = "small"): Promise<Data> {
    return this.#send({ name, method: "GET", path, body: null, shape: wire.dataOf(row), numbers });
  }

  #list<Row>(
    name: string,
    path: string,
    row: z.ZodType<Row>,
    page: PageRequest,
    query = {},
    numbers: Numbers = "small",
  ): Promise<wire.Page<Row>> {
    const search = toSearch("cursor" in page ? { cursor: page.cursor } : { ...query, pageSize: page.pageSize });
    const body = "filter" in page && page.filter !== undefined ? JSON.stringify(page.filter) : null;
    return this.#send({ name, method: "GET", path: path + search, body, shape: wire.listOf(row), numbers });
  }

  async #remove(name: string, path: string): Promise<string> {
    const shape = wire.dataOf(wire.taskReference);
    return (await this.#send({ name, method: "DELETE", path, body: null, shape })).taskID;
  }

  /** The same key twice makes one attempt. */
  #link(name: string, path: string, attemptId: string, body: wire.LinkRequest) {
    const search = toSearch({ "Idempotency-Key": attemptId });
    const call = { name, method: "POST", path: path + search, shape: wire.link, isIdempotent: true } as const;
    return this.#send({ ...call, body: JSON.stringify(body) });
  }
}

const payments = "/api/payments/v3";
const users = `${payments}/payment-service-users`;
const user = (psuId: string) => `${users}/${segment(psuId)}`;
const bankAccounts = `${payments}/bank-accounts`;
const bankAccountOf = (psuId: string, bankAccountId: string) =>
  `${user(psuId)}/bank-accounts/${segment(bankAccountId)}`;
const userAt = (psuId: string, connectorId: string) => `${user(psuId)}/connectors/${segment(connectorId)}`;
const connectionAt = (psuId: string, connectorId: string, connectionId: string) =>
  `${userAt(psuId, connectorId)}/connections/${segment(connectionId)}`;

/** A lookup by id, with `null` instead of an error when the service has no such thing. */
export function orNull<Value>(lookup: Promise<Value>): Promise<Value | null> {
  return lookup.catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
}

export function isNotFound(error: unknown): boolean {
  return error instanceof UpstreamError && error.kind === "not-found";
}

/** One segment of a path. Dots alone would climb out of it, in a proxy or in the service. */
function segment(value: string): string {
  if ((value === "" || value[0] === ".") && /^\.*$/.test(value)) throw new UpstreamError("not-found", "no such id");
  return encodeURIComponent(value);
}

function toSearch(parameters: Readonly<Record<string, string | number | undefined>>): string {
  let search = "";
  for (const name in parameters) {
    const value = parameters[name];
    if (value !== undefined) search += `${search === "" ? "?" : "&"}${name}=${encodeURIComponent(value)}`;
  }
  return search;
}
