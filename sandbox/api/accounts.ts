/** Routes of accounts and their balances. */
import { notFound } from "../http/api-error.ts";
import { json } from "../http/response.ts";
import { listPage } from "../lists/list.ts";
import { type Account, accountColumns, toWireAccount } from "../models/account.ts";
import type { World } from "../world.ts";
import { listBalances } from "./balance-history.ts";
import type { Routes } from "./rest-request.ts";

export function addAccountRoutes({ on }: Routes, world: World): void {
  const toWire = (account: Account) => toWireAccount(account, world.connector(account.connectorID));

  on("GET", "/accounts", (call) => json(200, listPage("accounts", world.accounts, accountColumns, call, toWire)));

  on("GET", "/accounts/:account", (call) => {
    const account = world.account(call.encodedID("account"));
    if (account === undefined) throw notFound("cannot get account");
    return json(200, { data: toWire(account) });
  });

  on("GET", "/accounts/:account/balances", (call) =>
    json(200, listBalances(world, call.param("account"), call.query, call.body)),
  );
}
