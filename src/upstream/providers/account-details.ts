/** The shape of what people know an account by, the same for all providers. */
import type { Amount } from "./amount.ts";
import { type Checks, toAmountOrNull, toOneOf, toTextOrNull, toTimeOrNull } from "./checks.ts";

const accountKinds = [
  "CHECKING",
  "SAVINGS",
  "CREDIT_CARD",
  "LOAN",
  "MORTGAGE",
  "INVESTMENT",
  "PENSION",
  "OTHER",
  /** The provider does not say. */
  "UNKNOWN",
] as const;

export type AccountKind = (typeof accountKinds)[number];

/** `null` where the provider does not say. */
export type AccountDetails = {
  readonly kind: AccountKind;
  readonly officialName: string | null;
  /** The last characters of its number: of a longer text, the last four. */
  readonly mask: string | null;
  readonly available: Amount | null;
  readonly limit: Amount | null;
  /** RFC 3339: when the bank was last read for the account. */
  readonly refreshedAt: string | null;
};

/** What a mapper returns: what it leaves out, the provider does not say. */
export type MappedAccount = Partial<AccountDetails>;

export const accountChecks: Checks<AccountDetails> = {
  kind: toOneOf(accountKinds, "UNKNOWN"),
  officialName: toTextOrNull,
  // No bank's whole number is to be shown.
  mask: (value) => toTextOrNull(value)?.slice(-4) ?? null,
  available: toAmountOrNull,
  limit: toAmountOrNull,
  refreshedAt: toTimeOrNull,
};

/** Whether its balance is what the user owes. */
export function isLiability(kind: AccountKind): boolean {
  return kind === "CREDIT_CARD" || kind === "LOAN" || kind === "MORTGAGE";
}
