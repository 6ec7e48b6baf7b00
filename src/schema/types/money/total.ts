/** What a PSU has and owes in each currency. */

import { balanceMissing } from "../../../errors.ts";
import { orMalformed } from "../../../upstream/errors.ts";
import { isLiability } from "../../../upstream/providers/account-details.ts";
import { orMapperError } from "../../../upstream/providers/mapper.ts";
import { builder, ownedBy } from "../../builder.ts";
import type { Context } from "../../context.ts";
import { toGlobalId } from "../../global-id.ts";
import { accountsByPsu } from "../../loaders/account.ts";
import { balancesByAccount } from "../../loaders/balance.ts";
import { Money, toUnit } from "./money.ts";

type Total = {
  readonly psuId: string;
  readonly currency: string;
  readonly asset: string;
  readonly assets: bigint;
  readonly liabilities: bigint;
};

export const Total = builder.objectRef<Total>("Total").implement({
  description: "What a PSU has and owes in one currency, over all of its connected accounts.",
  authScopes: ownedBy(({ psuId }) => psuId),
  fields: (t) => ({
    currency: t.exposeString("currency", { description: 'The currency of all its amounts: "EUR".' }),
    asset: t.exposeString("asset", {
      description: 'The currency with the finest scale that any of the accounts has: "EUR/2".',
    }),
    assets: t.field({
      type: Money,
      description: "What is on all accounts but the liabilities. An overdrawn one counts as less than nothing.",
      resolve: ({ asset, assets }) => ({ asset, amount: assets }),
    }),
    liabilities: t.field({
      type: Money,
      description:
        "What is owed on credit cards, loans and mortgages (`Account.isLiability`), as a positive number. Negative only where more was paid back than was owed.",
      resolve: ({ asset, liabilities }) => ({ asset, amount: liabilities }),
    }),
    net: t.field({
      type: Money,
      description: "`assets` less `liabilities`.",
      resolve: ({ asset, assets, liabilities }) => ({ asset, amount: assets - liabilities }),
    }),
  }),
});

/** A part of a sum: exactly one of the two is not zero, unless the balance is. */
type Part = { readonly asset: string; readonly assets: bigint; readonly liabilities: bigint };

/** @throws where the balance of any account is not known, or its kind cannot be read: a sum would be wrong. */
export async function loadTotals(context: Context, psuId: string): Promise<readonly Total[]> {
  const { providers } = context;
  const accounts = await accountsByPsu.load(context, psuId);
  const own = accounts.filter(({ type }) => orMalformed(type, "type of an account") === "INTERNAL");
  const balances = await Promise.all(own.map((account) => balancesByAccount(context, account, null)));
  const missing = own.filter((_account, index) => balances[index]?.length === 0);
  if (missing.length > 0) throw balanceMissing(missing.map(({ id }) => toGlobalId("Account", id)));
  const parts = balances.flat().map(({ account, asset, balance }): Part => {
    return isLiability(orMapperError(providers.accountDetailsOf(account).kind))
      ? { asset, assets: 0n, liabilities: providers.owedSignOf(account) * balance }
      : { asset, assets: balance, liabilities: 0n };
  });
  const byCurrency = Map.groupBy(parts, ({ asset }) => toUnit(asset).currency);
  return [...byCurrency]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, some]) => ({ psuId, currency, ...toSum(some) }));
}

function toSum(parts: readonly Part[]): Part {
  const scaleOf = ({ asset }: Part) => toUnit(asset).scale;
  const finest = parts.reduce((a, b) => (scaleOf(b) > scaleOf(a) ? b : a));
  const sum = (amountOf: (part: Part) => bigint) =>
    parts.reduce((total, part) => total + amountOf(part) * 10n ** BigInt(scaleOf(finest) - scaleOf(part)), 0n);
  return {
    asset: finest.asset,
    assets: sum(({ assets }) => assets),
    liabilities: sum(({ liabilities }) => liabilities),
  };
}
