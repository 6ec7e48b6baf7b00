/** The name and the row of every noun, so that types can refer to each other without importing each other. */

import type * as wire from "../upstream/wire-types.ts";
import { builder } from "./builder.ts";
import type { AccountBalance } from "./loaders/balance.ts";
import type { OwnedBankAccount } from "./loaders/bank-account.ts";
import type { Connection } from "./loaders/bank-connection.ts";

export const PaymentServiceUser = builder.objectRef<wire.PaymentServiceUser>("PaymentServiceUser");
/** Its base alone where it comes with an account. */
export const Connector = builder.objectRef<wire.ConnectorBase | wire.Connector>("Connector");
export const BankConnection = builder.objectRef<Connection>("BankConnection");
export const BankAccount = builder.objectRef<OwnedBankAccount>("BankAccount");
export const LinkAttempt = builder.objectRef<wire.LinkAttempt>("LinkAttempt");
export const Account = builder.objectRef<wire.Account>("Account");
export const Balance = builder.objectRef<AccountBalance>("Balance");
export const Payment = builder.objectRef<wire.Payment>("Payment");
export const Task = builder.objectRef<wire.Task>("Task");
