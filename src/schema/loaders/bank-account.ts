/** Reads bank accounts of PSUs. A row does not say whose it is: it is read only through the row of its PSU. */

import type { Viewer } from "../../auth/viewer.ts";
import { notFound } from "../../errors.ts";
import { type MaskedName, maskNumber } from "../../upstream/account-numbers.ts";
import { orNull } from "../../upstream/client.ts";
import { allRows } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { anyOf, maySee, rowsOf } from "../filter.ts";
import { parseBankAccountKey, toKey } from "../global-id.ts";
import { defineLoader, inKeyOrder, loadEach, maxKeysPerFilter } from "../loader.ts";
import { psuById } from "./payment-service-user.ts";

/** Without numbers, which only the single row has. */
export type OwnedBankAccount = Omit<wire.BankAccount, "iban" | "accountNumber" | "swiftBicCode"> & {
  readonly psuId: string;
};

/** Of ids that a PSU's row has named, never of a client's. */
const bankAccountById = defineLoader<wire.BankAccount | null>(
  "bankAccountById",
  async (ids, { upstream }) => {
    const filter = anyOf("id", ids);
    const rows = await allRows(async (page) => rowsOf(filter, await upstream.bankAccounts(page)), filter);
    return inKeyOrder(ids, rows, (row) => row.id);
  },
  { maxKeys: maxKeysPerFilter },
);

/** As above. */
const bankAccountNumbers = defineLoader<wire.BankAccount | null>("bankAccountNumbers", (ids, { upstream }) =>
  loadEach(ids, async (id) => {
    const row = await orNull(upstream.bankAccount(id));
    return row?.id === id ? row : null;
  }),
);

export async function loadBankAccounts(context: Context, psu: wire.PaymentServiceUser): Promise<OwnedBankAccount[]> {
  if (!maySee(context.viewer, psu.id)) return [];
  const rows = await Promise.all(psu.bankAccountIDs.map((id) => bankAccountById.load(context, id)));
  return rows.filter((row) => row !== null).map((row) => ({ ...row, psuId: psu.id }));
}

export async function loadBankAccount(context: Context, key: string): Promise<OwnedBankAccount | null> {
  const own = await findOwn(context, key);
  const row = own === null ? null : await bankAccountById.load(context, own.bankAccountId);
  return own === null || row === null ? null : { ...row, psuId: own.psuId };
}

/** The bank account that a mutation names. @throws NOT_FOUND unless it is among its PSU's own. */
export async function findOwnBankAccount(context: Context, id: string) {
  const field = "input.bankAccountId";
  const own = await findOwn(context, toKey("BankAccount", id, field));
  if (own === null) throw notFound(field);
  return own;
}

/** The parts of a key; `null` unless the PSU in it is one that the viewer may see, and has this bank account. */
async function findOwn(context: Context, key: string) {
  const own = parseBankAccountKey(key);
  const psu = await psuById.load(context, own.psuId);
  return psu?.bankAccountIDs.includes(own.bankAccountId) ? own : null;
}

/** What `readsNumbers` means, in descriptions of what a connector noted. */
export const maskedNumbers = "Account numbers in it are masked, unless you are an operator who may write.";

/** Whether a viewer may read account numbers that the stack sends whole. */
export function readsNumbers({ psuId, scopes }: Viewer): boolean {
  return psuId === null && scopes.includes("payments:write");
}

/** A BIC is of a bank, not of a person. */
type NumberName = MaskedName | "swiftBicCode";

/** The service masks numbers; should it not, only operators who may write read them whole. */
export async function loadNumber(context: Context, { id }: OwnedBankAccount, name: NumberName): Promise<string | null> {
  const number = (await bankAccountNumbers.load(context, id))?.[name] ?? null;
  if (number === null || name === "swiftBicCode" || readsNumbers(context.viewer)) return number;
  return maskNumber(name, number);
}
