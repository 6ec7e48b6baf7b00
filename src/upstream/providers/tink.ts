/** What Tink says of an account and of a payment, and what it needs. */
import type { AccountKind, MappedAccount } from "./account-details.ts";
import { toAmount, toScaled } from "./amount.ts";
import type { MappedPayment } from "./payment-details.ts";
import type { Provider, RawRow } from "./provider.ts";
import { at, firstText, firstWord, toDay, toMoment, toText, toTime } from "./raw.ts";

export const tink: Provider = {
  canLink: true,
  needs: ["COUNTRY", "LOCALE"],
  account: accountOf,
  payment: paymentOf,
  linkErrorCode: (error) => firstWord(error.replace(/^got an error from tink: /, "")),
};

function accountOf(raw: RawRow, defaultAsset: string | null): MappedAccount {
  const amountOf = (name: string) => {
    const amount = at(raw, "balances", name, "amount");
    const decimal = toScaled(at(amount, "value", "unscaledValue"), at(amount, "value", "scale"));
    return toAmount(decimal, toText(at(amount, "currencyCode")), defaultAsset);
  };
  return {
    kind: kindOf(toText(at(raw, "type"))),
    available: amountOf("available"),
    limit: amountOf("creditLimit"),
    refreshedAt: toTime(at(raw, "dates", "lastRefreshed")),
  };
}

function kindOf(type: string | null): AccountKind {
  if (type === null || type === "UNDEFINED") return "UNKNOWN";
  return kinds.get(type) ?? "OTHER";
}

/** Its other types, such as DIGITAL_WALLET and EXTERNAL, are of no kind that we name. */
const kinds: ReadonlyMap<string, AccountKind> = new Map(
  (["CHECKING", "SAVINGS", "CREDIT_CARD", "LOAN", "MORTGAGE", "INVESTMENT", "PENSION"] as const).map((kind) => [
    kind,
    kind,
  ]),
);

function paymentOf(raw: RawRow): MappedPayment {
  const occurredOn = toDay(at(raw, "dates", "transaction"));
  return {
    isPending: isPendingOf(at(raw, "status")),
    description: firstText(
      at(raw, "descriptions", "display"),
      at(raw, "descriptions", "original"),
      at(raw, "descriptions", "detailed", "unstructured"),
    ),
    bookedOn: toDay(at(raw, "dates", "booked")) ?? toDay(at(raw, "bookedDateTime")),
    valueOn: toDay(at(raw, "dates", "value")) ?? toDay(at(raw, "valueDateTime")),
    // A payment whose day is known did not occur when it was booked.
    occurredAt:
      toMoment(at(raw, "transactionDateTime")) ?? (occurredOn === null ? toMoment(at(raw, "bookedDateTime")) : null),
  };
}

/** Any other status says nothing. */
function isPendingOf(status: unknown): boolean | null {
  if (status === "PENDING") return true;
  return status === "BOOKED" ? false : null;
}
