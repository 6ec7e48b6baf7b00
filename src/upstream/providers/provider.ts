/** What the gateway knows of a provider: the shape of the built-in ones and of one's own. */
import type { MappedAccount } from "./account-details.ts";
import type { MappedPayment } from "./payment-details.ts";

export const connectorNeeds = ["COUNTRY", "LOCALE", "APPLICATION_NAME"] as const;
export type ConnectorNeed = (typeof connectorNeeds)[number];

/**
 * The row that a provider sent, as the service stores it. No number in it was ever rounded: one that loses no digit as a
 * double is a `number`, any other integer a `bigint`, and what remains a raw JSON value (`JSON.isRawJSON`) with its own
 * digits. `toDecimal` reads all three. Own mappers get it frozen.
 */
export type RawRow = Readonly<Record<string, unknown>>;

/**
 * What the service's plugin of a provider means. Each member may be left out; then the gateway shows what the service
 * itself says. A mapper reads one row, at once, and nothing else: what it returns is kept for as long as the row is. What
 * is wrong in it is an error of the field that shows it, and so is what it throws.
 */
export type Provider = {
  /** Whether users can link a bank by it, which no capability of a connector says. Default: no. */
  readonly canLink?: boolean;
  /** What it refuses a user or a link without. Default: nothing. */
  readonly needs?: readonly ConnectorNeed[];
  /**
   * Whether the balance that the service stores of a credit card, a loan or a mortgage is positive where the user owes.
   * Default: it is negative.
   */
  readonly owedIsPositive?: boolean;
  /**
   * Whether the service notes in a connection when its data came (`dataUpdatedAt`). Default: no, and before it has, the
   * accounts' `refreshedAt` and the connection's `updatedAt` say it.
   */
  readonly notesSyncTime?: boolean;
  /**
   * @param raw as it was when the account was first stored: the service does not write it again.
   * @param defaultAsset the asset that the account is kept in, such as `EUR/2`: `toAmount` takes it.
   */
  readonly account?: (raw: RawRow, defaultAsset: string | null) => MappedAccount;
  /** @param raw of the payment's newest state. Without `isPending`, a payment of the status PENDING is pending. */
  readonly payment?: (raw: RawRow) => MappedPayment;
  /**
   * The provider's code in the error of a link attempt, one word such as `USER_CANCELLED`: users are shown nothing else
   * of it. Default: the word alone, or the one before a colon.
   */
  readonly linkErrorCode?: (error: string) => string | null;
};
