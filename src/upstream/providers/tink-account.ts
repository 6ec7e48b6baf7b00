/** What Tink says of an account. */
import type { Account } from "../wire-types.ts";
import type { AccountDetails, AccountKind } from "./account-shape.ts";
import { toAmount, toScaled } from "./amount.ts";
import { at, toText, toTime } from "./raw.ts";

export function readTinkAccount({ raw, defaultAsset }: Account): AccountDetails {
  const amountOf = (name: string) => {
    const amount = at(raw, "balances", name, "amount");
    const decimal = toScaled(at(amount, "value", "unscaledValue"), at(amount, "value", "scale"));
    return toAmount(decimal, toText(at(amount, "currencyCode")), defaultAsset);
  };
  return {
    kind: kindOf(toText(at(raw, "type"))),
    officialName: null,
    mask: null,
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
