/** The shape of what people know an account by, the same for all providers. */
import type { Amount } from "./amount.ts";

export type AccountKind =
  | "CHECKING"
  | "SAVINGS"
  | "CREDIT_CARD"
  | "LOAN"
  | "MORTGAGE"
  | "INVESTMENT"
  | "PENSION"
  | "OTHER"
  /** The provider does not say. */
  | "UNKNOWN";

/** `null` where the provider does not say. */
export type AccountDetails = {
  readonly kind: AccountKind;
  readonly officialName: string | null;
  /** The last characters of its number. */
  readonly mask: string | null;
  readonly available: Amount | null;
  readonly limit: Amount | null;
  /** RFC 3339: when the bank was last read for the account. */
  readonly refreshedAt: string | null;
};

export const noDetails: AccountDetails = {
  kind: "UNKNOWN",
  officialName: null,
  mask: null,
  available: null,
  limit: null,
  refreshedAt: null,
};
