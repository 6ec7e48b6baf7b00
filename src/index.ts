/** The public library: how a program starts the gateway, and extends its graph (docs/extending.md). */

export type { Credentials, OwnAuthenticate, OwnViewer } from "./auth/own-authenticate.ts";
export type { Viewer } from "./auth/viewer.ts";
export { ConfigError } from "./config/config.ts";
export {
  badUserInput,
  conflict,
  type ErrorCode,
  forbidden,
  notFound,
  unauthenticated,
} from "./errors.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export type { RequestPlugin } from "./http/plugins.ts";
export { ownedBy } from "./schema/builder.ts";
export type { Context } from "./schema/context.ts";
export {
  callElsewhere,
  defineOwnLoader as defineLoader,
  free,
  type OwnCall,
  type OwnCostOptions,
  type OwnCosts,
  ownClientError as clientError,
  perBatch,
  perRow,
} from "./schema/elsewhere.ts";
export type { Builder, Extend } from "./schema/extension.ts";
export { toKey } from "./schema/global-id.ts";
export type { Loader } from "./schema/loader.ts";
export { psuById } from "./schema/loaders/payment-service-user.ts";
export { textOf } from "./schema/plugins/text-arguments.ts";
export {
  Account,
  Balance,
  BankAccount,
  BankConnection,
  Connector,
  LinkAttempt,
  Payment,
  PaymentServiceUser,
  Task,
} from "./schema/refs.ts";
export type { AccountDetails, AccountKind, MappedAccount } from "./upstream/providers/account-details.ts";
export { type Amount, type Decimal, toAmount, toDecimal, toScaled } from "./upstream/providers/amount.ts";
export type {
  Counterparty,
  MappedCategory,
  MappedPayment,
  PaymentCategory,
  PaymentDetails,
} from "./upstream/providers/payment-details.ts";
export { plaid } from "./upstream/providers/plaid.ts";
export { powens } from "./upstream/providers/powens.ts";
export type { ConnectorNeed, Provider, RawRow } from "./upstream/providers/provider.ts";
export {
  at,
  firstText,
  firstWord,
  toDay,
  toHttpsUrl,
  toItems,
  toMoment,
  toText,
  toTime,
} from "./upstream/providers/raw.ts";
export { tink } from "./upstream/providers/tink.ts";
