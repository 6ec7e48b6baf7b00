/** `GET /accounts/{id}/balances`: the history of an account's amounts. */

import { invalid } from "../http/api-error.ts";
import { faultOfEncodedId } from "../http/formats.ts";
import { decode, toAccountId, toConnectorId } from "../ids.ts";
import { readPage, toPage } from "../lists/pagination.ts";
import type { Account } from "../models/account.ts";
import { type Balance, toWireBalance } from "../models/balance.ts";
import { fromTimestamp, type Micros, toTimestamp, zeroTime } from "../time.ts";
import type { World } from "../world.ts";

type Options = {
  readonly AccountID?: {
    readonly Reference: string;
    readonly ConnectorID: { Provider: string; Reference: string };
  } | null;
  readonly Asset?: string;
  readonly From?: string;
  readonly To?: string;
};

/** A cursor's account, asset and times win over the path's and the query's. An unknown account has no rows. */
export function listBalances(world: World, accountID: string, query: URLSearchParams, body: string): unknown {
  const fault = faultOfEncodedId(accountID);
  if (fault !== null) throw invalid(fault);
  const options: Options = {
    AccountID: decode(accountID) as NonNullable<Options["AccountID"]>,
    Asset: query.get("asset") ?? "",
    From: toTimestampOf(query.get("from")) ?? zeroTime,
    To: toTimestampOf(query.get("to")) ?? toTimestamp(world.now()),
  };
  const request = readPage({ query, body, options });
  const read = request.options as Options;
  const from = fromTimestamp(read.From ?? zeroTime) ?? null;
  const to = fromTimestamp(read.To ?? zeroTime) ?? null;
  const rows = accountsOf(world, read)
    .flatMap((account) => world.balances(account.id).map((balance) => ({ account, balance })))
    .filter(({ balance }) => isWanted(balance, read.Asset ?? "", from, to));
  return toPage(rows, request, ({ account, balance }) => toWireBalance(balance, account));
}

/** A cursor that names no account reads the histories of all. */
function accountsOf(world: World, { AccountID: key }: Options): readonly Account[] {
  if (key === null || key === undefined) return world.accounts;
  const account = world.account(
    toAccountId(toConnectorId(key.ConnectorID.Provider, key.ConnectorID.Reference), key.Reference),
  );
  return account === undefined ? [] : [account];
}

const isWanted = (row: Balance, asset: string, from: Micros | null, to: Micros | null): boolean =>
  (asset === "" || row.asset === asset) &&
  (from === null || row.lastUpdatedAt >= from) &&
  (to === null || row.createdAt <= to);

function toTimestampOf(value: string | null): string | null {
  if (value === null || value === "") return null;
  const at = fromTimestamp(value);
  if (at === undefined) throw invalid(describeTimeFault(value));
  return at === null ? null : toTimestamp(at);
}

/** The parts of Go's layout. */
const layout = "2006 - 01 - 02 T 15 : 04 : 05 Z07:00".split(" ");

function patternOf(part: string): RegExp {
  if (part === "Z07:00") return /^(?:Z|[+-]\d\d:\d\d)$/;
  if (part === "05") return /^\d\d(?:\.\d+)?/;
  return new RegExp(`^${part.replaceAll(/\d/g, "\\d")}`);
}

/** Go says at which part of its layout it has stopped. */
function describeTimeFault(text: string): string {
  let rest = text;
  for (const part of layout) {
    const [match] = patternOf(part).exec(rest) ?? [];
    if (match === undefined) {
      return `parsing time "${text}" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "${rest}" as "${part}"`;
    }
    rest = rest.slice(match.length);
  }
  return `parsing time "${text}": day out of range`;
}
