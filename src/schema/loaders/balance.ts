/** Reads the balances of accounts. */

import { badUserInput } from "../../errors.ts";
import { UpstreamError } from "../../upstream/errors.ts";
import { allRows } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { toTime } from "../input.ts";
import { defineLoader, loadEach } from "../loader.ts";
import { loadPage, type PageArgs } from "../pagination.ts";

export type AccountBalance = wire.Balance & { readonly account: wire.Account };

/**
 * The newest row of each asset in an account's history. The history is newest first and an asset that has not moved
 * for long may stand at its end, so it is read whole; with an asset given, its first row is enough.
 */
const newestRows = defineLoader<readonly wire.Balance[]>("balancesByAccount", (keys, { upstream }) =>
  loadEach(
    keys,
    (key) => {
      const [accountId, asset] = readKey(key);
      const check = (page: wire.Page<wire.Balance>) => balancesOf(accountId, asset, page);
      if (asset === null) return allRows((page) => upstream.balances(accountId, page).then(check)).then(toNewest);
      return upstream.balances(accountId, { pageSize: 1 }, { asset }).then((page) => check(page).data.slice(0, 1));
    },
    [],
  ),
);

/** Throws unless all rows are of the account and, if there is one, of the asset. */
function balancesOf(accountId: string, asset: string | null, page: wire.Page<wire.Balance>): wire.Page<wire.Balance> {
  if (page.data.some((row) => row.accountID !== accountId || (asset !== null && row.asset !== asset))) {
    throw new UpstreamError("malformed", "the list holds balances of others");
  }
  return page;
}

/** An account's id holds no space. */
const toKey = (accountId: string, asset: string | null) => (asset === null ? accountId : `${accountId} ${asset}`);

function readKey(key: string): readonly [string, string | null] {
  const at = key.indexOf(" ");
  return at === -1 ? [key, null] : [key.slice(0, at), key.slice(at + 1)];
}

function toNewest(rows: readonly wire.Balance[]): readonly wire.Balance[] {
  if (rows.length < 2) return rows; // most accounts have one asset, and many have one amount of it
  const newest = new Map<string, wire.Balance>();
  for (const row of rows) {
    if (!newest.has(row.asset)) newest.set(row.asset, row);
  }
  const all = [...newest.values()];
  return all.length < 2 ? all : all.sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

export function balancesByAccount(
  context: Context,
  account: wire.Account,
  asset: string | null,
): Promise<AccountBalance[]> {
  checkAsset(asset);
  return newestRows.load(context, toKey(account.id, asset)).then((rows) => rows.map((row) => ({ ...row, account })));
}

export function loadBalanceHistory(
  context: Context,
  account: wire.Account,
  args: PageArgs & {
    readonly asset?: string | null | undefined;
    readonly from?: unknown;
    readonly to?: unknown;
  },
) {
  const asset = args.asset ?? null;
  checkAsset(asset);
  const from = args.from == null ? null : toTime(args.from, "from");
  const to = args.to == null ? null : toTime(args.to, "to");
  if (from !== null && to !== null && Date.parse(from) > Date.parse(to)) {
    throw badUserInput("`from` must not be after `to`.", "from");
  }
  const query = { asset: asset ?? undefined, from: from ?? undefined, to: to ?? undefined };
  return loadPage(context, ["Account.balanceHistory", account.id, query], args, async (request) => {
    const page = balancesOf(account.id, asset, await context.upstream.balances(account.id, request, query));
    return { ...page, data: page.data.map((row) => ({ ...row, account })) };
  });
}

/** The service takes an empty asset for none and would answer with all of them. */
function checkAsset(asset: string | null): void {
  if (asset?.trim() === "") throw badUserInput("`asset` must not be empty.", "asset");
}
