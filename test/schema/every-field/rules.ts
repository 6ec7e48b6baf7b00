/** Who may see each field, and what each argument takes: one rule for everything in the schema. */

import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isObjectType,
} from "graphql";
import { parseGlobalId } from "../../../src/schema/global-id.ts";
import { toSchema } from "../../../src/schema/index.ts";

/**
 * Who may see what a field answers. At the roots `own`: the viewer's PSU and what hangs from it; `open`: every
 * caller. Anywhere `operator`: refused to PSUs. Below the roots `value`: a plain part of its parent, whose rule it
 * shares; `way`: leads to other objects. `*` stands for a noun.
 */
type FieldRule = "own" | "open" | "operator" | "value" | "way";

export const fieldRules: Readonly<Record<string, Partial<Record<FieldRule, string>>>> = {
  Query: {
    own: "viewer node nodes _entities paymentServiceUser connection linkAttempt account accounts payment payments task",
    open: "connector connectors",
    operator: "paymentServiceUsers _service",
  },
  Mutation: {
    // In an order in which one PSU can do all of them.
    own: "addBankAccount forwardBankAccount createLink updateLink deleteConnection deletePaymentServiceUserConnector forwardPaymentServiceUser deletePaymentServiceUser",
    operator: "createPaymentServiceUser",
  },
  Subscription: { own: "connectionChanged linkAttemptChanged taskChanged" },
  Node: { value: "id" },
  _Service: { operator: "sdl" },
  Viewer: { value: "subject scopes", way: "paymentServiceUser" },
  PaymentServiceUser: {
    value: "id psuId name createdAt metadata",
    way: "contactDetails address connections accounts totals bankAccounts linkAttempts payments",
  },
  BankAccount: {
    value: "id bankAccountId name iban accountNumber swiftBicCode country createdAt metadata",
    way: "paymentServiceUser accounts",
  },
  ContactDetails: { value: "email phoneNumber locale" },
  Address: { value: "streetName streetNumber city region postalCode country" },
  Connector: { value: "id connectorId reference name provider createdAt canLink needs capabilities isBeingRemoved" },
  BankConnection: {
    value:
      "id connectionId status error createdAt updatedAt dataUpdatedAt requiredAction consentExpiresAt isStale metadata",
    way: "paymentServiceUser connector accounts",
  },
  BankConnectionChange: { value: "kind connectionId at reason", way: "connection" },
  LinkAttempt: {
    value: "id attemptId status error clientRedirectUrl createdAt isExpired",
    way: "paymentServiceUser connector",
  },
  Account: {
    value:
      "id accountId reference name officialName mask type kind isLiability refreshedAt provider defaultAsset createdAt metadata",
    way: "available limit connector connection paymentServiceUser balances balanceHistory payments",
    operator: "raw",
  },
  Total: { value: "currency asset", way: "assets liabilities net" },
  Balance: { value: "createdAt lastUpdatedAt", way: "amount account" },
  Money: { value: "asset currency scale amount decimal formatted" },
  Payment: {
    value:
      "id paymentId reference type typeText status statusText scheme schemeText direction createdAt metadata isPending description bookedOn valueOn occurredAt",
    way: "amount initialAmount counterparty category adjustments connector sourceAccount destinationAccount paymentServiceUser",
  },
  Counterparty: { value: "name logoUrl website" },
  PaymentCategory: { value: "name detailed source" },
  PaymentAdjustment: { value: "id status statusText createdAt", way: "amount", operator: "raw" },
  Task: { value: "id taskId status error createdAt updatedAt", way: "connector" },
  PageInfo: { value: "hasNextPage hasPreviousPage startCursor endCursor" },
  "*Page": { way: "edges nodes pageInfo" },
  "*Edge": { value: "cursor", way: "node" },
  LinkPayload: { value: "link", way: "attempt" },
  AddBankAccountPayload: { way: "bankAccount" },
  ForwardBankAccountPayload: { operator: "task" },
  DeletePayload: { value: "deletedId", way: "task" },
  ForwardPaymentServiceUserPayload: { way: "paymentServiceUser connector" },
  CreatePaymentServiceUserPayload: { operator: "paymentServiceUser" },
};

/** Of types that every caller may see: their values choose no PSU. */
export const isOpen = (coordinate: string) => coordinate.startsWith("Connector.");

export const user = "PaymentServiceUser.id PaymentServiceUser.psuId";
export const connector = "Connector.id Connector.connectorId";
export const connection = "BankConnection.id";
const attempt = "LinkAttempt.id";
const account = "Account.id Account.accountId";
const payment = "Payment.id Payment.paymentId";
const task = "Task.id Task.taskId";
const anyNode = `PaymentServiceUser.id Connector.id ${connection} ${attempt} Account.id Payment.id Task.id BankAccount.id`;
const anyEntity = `PaymentServiceUser.id Connector.id ${connection} Account.id`;
const page = { first: "plain", after: "cursor" };
const link = { clientRedirectUrl: "plain", applicationName: "plain", idempotencyKey: "key" };

/**
 * What an argument or a field of an input takes: values of the fields named here, by which it chooses; a `cursor`;
 * a `key` that its caller makes up; an `input` object; or `plain`, which names nothing.
 */
export const givenRules: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Query.node": { id: anyNode },
  "Query.nodes": { ids: anyNode },
  "Query._entities": { representations: anyEntity },
  "Query.paymentServiceUser": { id: user },
  "Query.paymentServiceUsers": { ...page, filter: "input" },
  "Query.connector": { id: connector },
  "Query.connectors": { ...page, filter: "input" },
  "Query.connection": { id: connection },
  "Query.linkAttempt": { id: attempt },
  "Query.account": { id: account },
  "Query.accounts": { ...page, filter: "input" },
  "Query.payment": { id: payment },
  "Query.payments": { ...page, filter: "input" },
  "Query.task": { id: task },
  "PaymentServiceUser.connections": { connectorIds: connector, statuses: "BankConnection.status" },
  "PaymentServiceUser.linkAttempts": { ...page, connectorId: connector, statuses: "LinkAttempt.status" },
  "PaymentServiceUser.payments": { ...page, filter: "input" },
  "Account.balances": { asset: "Money.asset" },
  "Account.balanceHistory": { ...page, asset: "Money.asset", from: "Balance.createdAt", to: "Balance.createdAt" },
  "Account.payments": { ...page, filter: "input" },
  "Money.formatted": { locale: "plain" },
  "Mutation.createPaymentServiceUser": { input: "input" },
  "Mutation.forwardPaymentServiceUser": { input: "input" },
  "Mutation.deletePaymentServiceUser": { input: "input" },
  "Mutation.deletePaymentServiceUserConnector": { input: "input" },
  "Mutation.addBankAccount": { input: "input" },
  "Mutation.forwardBankAccount": { input: "input" },
  "Mutation.createLink": { input: "input" },
  "Mutation.updateLink": { input: "input" },
  "Mutation.deleteConnection": { input: "input" },
  "Subscription.connectionChanged": { psuId: user, connectorId: connector },
  "Subscription.linkAttemptChanged": { id: attempt },
  "Subscription.taskChanged": { id: task },
  PaymentServiceUserFilter: { ids: user, metadata: "PaymentServiceUser.metadata" },
  ConnectorFilter: { provider: "Connector.provider", name: "Connector.name", canLink: "Connector.canLink" },
  AccountFilter: {
    psuId: user,
    connectorId: connector,
    connectionId: connection,
    type: "Account.type",
    name: "Account.name",
    reference: "Account.reference",
    defaultAsset: "Account.defaultAsset",
    metadata: "Account.metadata",
  },
  PaymentFilter: {
    psuId: user,
    connectorId: connector,
    connectionId: connection,
    accountId: account,
    sourceAccountId: account,
    destinationAccountId: account,
    types: "Payment.type",
    statuses: "Payment.status",
    schemes: "Payment.scheme",
    asset: "Money.asset",
    minAmount: "plain",
    maxAmount: "plain",
    createdFrom: "Payment.createdAt",
    reference: "Payment.reference",
    metadata: "Payment.metadata",
    not: "input",
  },
  AddBankAccountInput: {
    psuId: user,
    name: "plain",
    iban: "plain",
    accountNumber: "plain",
    swiftBicCode: "plain",
    country: "plain",
    metadata: "plain",
  },
  ForwardBankAccountInput: { bankAccountId: "BankAccount.id", connectorId: connector },
  CreateLinkInput: { psuId: user, connectorId: connector, ...link },
  UpdateLinkInput: { connectionId: connection, ...link },
  DeleteConnectionInput: { connectionId: connection },
  ForwardPaymentServiceUserInput: { psuId: user, connectorId: connector },
  DeletePaymentServiceUserConnectorInput: { psuId: user, connectorId: connector },
  DeletePaymentServiceUserInput: { psuId: user },
  CreatePaymentServiceUserInput: { name: "plain", contactDetails: "input", address: "input", metadata: "plain" },
  ContactDetailsInput: { email: "plain", phoneNumber: "plain", locale: "plain" },
  AddressInput: {
    streetName: "plain",
    streetNumber: "plain",
    city: "plain",
    region: "plain",
    postalCode: "plain",
    country: "plain",
  },
};

export const schema = toSchema({ federation: true });
export const rootTypes = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];

export const namesIn = (text: string | undefined) => (text ?? "").split(" ").filter((name) => name !== "");
const patternOf = (typeName: string) =>
  typeName in fieldRules ? typeName : typeName.replace(/^(?!PageInfo).+(?=(Page|Edge)$)/, "*");

export function ruleOf(typeName: string, field: string): FieldRule | undefined {
  const ofType = Object.entries(fieldRules[patternOf(typeName)] ?? {}) as [FieldRule, string][];
  return ofType.find(([, names]) => namesIn(names).includes(field))?.[0];
}

/** The rules that are missing, do not fit, or are of nothing, by name. */
export function faultsOf(schema: GraphQLSchema): readonly string[] {
  const faults: string[] = [];
  const met = new Set<string>();
  const checkGiven = (at: string, name: string, type: GraphQLInputType) => {
    const rule = givenRules[at]?.[name];
    const coordinate = `${at}.${name}`;
    met.add(coordinate);
    if (rule === undefined) faults.push(`${coordinate} has no rule`);
    else if (isInputObjectType(getNamedType(type)) !== (rule === "input"))
      faults.push(`${coordinate}: ${rule} does not fit`);
    else if (isId(type) && !rule.includes(".")) faults.push(`${coordinate} takes an id of what?`);
    else if (name === "after" && rule !== "cursor") faults.push(`${coordinate} is no cursor?`);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) checkGiven(type.name, field.name, field.type);
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    const isRoot = ["Query", "Mutation", "Subscription"].includes(type.name);
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const rule = ruleOf(type.name, field.name);
      met.add(coordinate).add(`${patternOf(type.name)}.${field.name}`);
      for (const argument of field.args) checkGiven(coordinate, argument.name, argument.type);
      const fits = isRoot ? ["own", "open"] : isLeafType(getNamedType(field.type)) ? ["value"] : ["way"];
      if (rule === undefined) faults.push(`${coordinate} has no rule`);
      else if (rule !== "operator" && !fits.includes(rule)) faults.push(`${coordinate}: ${rule} does not fit`);
    }
  }
  const ruled = [
    ...Object.entries(fieldRules).flatMap(([type, rules]) =>
      Object.values(rules).flatMap((names) => namesIn(names).map((name) => `${type}.${name}`)),
    ),
    ...Object.entries(givenRules).flatMap(([at, rules]) => Object.keys(rules).map((name) => `${at}.${name}`)),
  ];
  return [...faults, ...ruled.filter((coordinate) => !met.has(coordinate)).map((name) => `${name} is not there`)];
}

/** What routers name an entity by is its id with the type. */
const isRepresentation = (type: GraphQLInputType) => getNamedType(type).name === "_Any";
export const isId = (type: GraphQLInputType) => getNamedType(type).name === "ID" || isRepresentation(type);
export const asGiven = (type: GraphQLInputType, id: unknown) =>
  isRepresentation(type) ? { __typename: typeNameOf(String(id)), id } : id;

export const typeNameOf = (globalId: string) => parseGlobalId(globalId)?.typename ?? "";
