/** Bank accounts of PSUs: the type, and the mutations that add and forward one. */

import { z } from "zod";
import { doneButUnread } from "../../errors.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder, ownedBy } from "../builder.ts";
import { calls, load } from "../cost.ts";
import { anyConnectorId, anyPsuId, toBankAccountKey, toGlobalId, toKey } from "../global-id.ts";
import * as input from "../input.ts";
import { loadNodes } from "../loader.ts";
import { accountById } from "../loaders/account.ts";
import { findOwnBankAccount, loadBankAccount, loadNumber, type OwnedBankAccount } from "../loaders/bank-account.ts";
import { loadPsu, toOwnPsu } from "../loaders/payment-service-user.ts";
import { Account, BankAccount, PaymentServiceUser, Task } from "../refs.ts";

const masked = "All but its ends is masked, unless the stack sends it whole and you are an operator who may write.";

builder.node(BankAccount, {
  description:
    "An account at a bank that was noted for a PSU by its numbers, such as to be paid to. No data is read from it.",
  authScopes: ownedBy(({ psuId }) => psuId),
  id: { resolve: ({ psuId, id }) => toBankAccountKey(psuId, id) },
  loadManyWithoutCache: loadNodes(loadBankAccount),
  fields: (t) => ({
    bankAccountId: t.exposeString("id", { description: "The upstream's own id, a UUID." }),
    paymentServiceUser: t.field({
      type: PaymentServiceUser,
      semanticNonNull: true,
      // Read already: the row was found through it.
      resolve: ({ psuId }, _args, context) => loadPsu(context, psuId),
    }),
    name: t.exposeString("name", { description: "Whose account it is, or what you call it." }),
    iban: t.string({
      nullable: true,
      description: masked,
      extensions: load("bankAccountNumbers"),
      resolve: (row, _args, context) => loadNumber(context, row, "iban"),
    }),
    accountNumber: t.string({
      nullable: true,
      description: masked,
      extensions: load("bankAccountNumbers"),
      resolve: (row, _args, context) => loadNumber(context, row, "accountNumber"),
    }),
    swiftBicCode: t.string({
      nullable: true,
      description: "The bank's BIC.",
      extensions: load("bankAccountNumbers"),
      resolve: (row, _args, context) => loadNumber(context, row, "swiftBicCode"),
    }),
    country: t.exposeString("country", { nullable: true, description: "ISO 3166-1, two letters." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    metadata: t.expose("metadata", { type: "Metadata", description: "Notes of your own." }),
    accounts: t.field({
      type: [Account],
      description:
        "The accounts that connectors have made of it, after `forwardBankAccount`; of a PSU, those that name it.",
      extensions: load("accountById", { of: "account" }),
      resolve: async ({ relatedAccounts }, _args, context) => {
        const rows = await Promise.all(relatedAccounts.map(({ accountID }) => accountById.load(context, accountID)));
        return rows.filter((row) => row !== null);
      },
    }),
  }),
});

const AddBankAccountInput = builder.inputType("AddBankAccountInput", {
  description: "Whose bank account, and its numbers: an IBAN, an account number, or both.",
  fields: (t) => ({
    psuId: t.id({ required: true, description: anyPsuId }),
    name: t.string({ required: true, description: "From 1 to 1000 characters." }),
    iban: t.string({ description: "Spaces may stand in it; its check digits must fit." }),
    accountNumber: t.string({ description: "Letters and digits." }),
    swiftBicCode: t.string({ description: "The bank's BIC: 8 to 11 letters and digits." }),
    country: t.string({ description: 'ISO 3166-1, two letters: "FR".' }),
    metadata: t.field({ type: "Metadata", description: "Notes of your own." }),
  }),
});

const newBankAccount = z
  .object({
    name: input.filledText(1000),
    iban: input.optional(input.iban),
    accountNumber: input.optional(input.accountNumber),
    swiftBicCode: input.optional(input.swiftBicCode),
    country: input.optional(input.country),
    metadata: input.optional(input.metadata),
  })
  .refine(({ iban, accountNumber }) => iban !== undefined || accountNumber !== undefined, {
    path: ["iban"],
    message: "must be given, or an account number",
  });

type Added = { readonly psuId: string; readonly bankAccountId: string };

const AddBankAccountPayload = builder.objectRef<Added>("AddBankAccountPayload").implement({
  description: "The bank account that was added.",
  authScopes: ownedBy(({ psuId }) => psuId),
  fields: (t) => ({
    bankAccount: t.field({
      type: BankAccount,
      description: "As the stack has it now.",
      extensions: calls(["bankAccount"]),
      resolve: async ({ psuId, bankAccountId }, _args, { upstream }): Promise<OwnedBankAccount> => {
        try {
          return { ...(await upstream.bankAccount(bankAccountId)), psuId };
        } catch (error) {
          const message = "The bank account was added, but could not be read back.";
          throw doneButUnread(error, message, toGlobalId("BankAccount", toBankAccountKey(psuId, bankAccountId)));
        }
      },
    }),
  }),
});

const ForwardBankAccountInput = builder.inputType("ForwardBankAccountInput", {
  description: "Which bank account is to be made known to which connector.",
  fields: (t) => ({
    bankAccountId: t.id({ required: true, description: "The bank account's global id." }),
    connectorId: t.id({ required: true, description: anyConnectorId }),
  }),
});

type Forwarded = { readonly psuId: string; readonly taskId: string };

const ForwardBankAccountPayload = builder.objectRef<Forwarded>("ForwardBankAccountPayload").implement({
  description:
    "A forward that the stack has begun. When it is done, the bank account's `accounts` have one of that connector.",
  authScopes: ownedBy(({ psuId }) => psuId),
  fields: (t) => ({
    task: t.field({
      type: Task,
      nullable: true,
      description: "The work of forwarding. For operators; null for a PSU, since the task does not say whose it is.",
      extensions: calls(["task"]),
      resolve: ({ taskId }, _args, { upstream, viewer }) => (viewer.psuId === null ? upstream.task(taskId) : null),
    }),
  }),
});

builder.mutationFields((t) => ({
  addBankAccount: t.field({
    type: AddBankAccountPayload,
    description:
      "Notes a bank account of a PSU. Not idempotent: after a lost answer, read `bankAccounts` of the PSU first.",
    authScopes: { write: true },
    extensions: calls(["paymentServiceUsers", "createBankAccount", "addBankAccount"]),
    args: { input: t.arg({ type: AddBankAccountInput, required: true }) },
    resolve: async (_root, args, context) => {
      const psuId = toOwnPsu(context, args.input.psuId);
      const account: wire.NewBankAccount = input.checkInput(newBankAccount, args.input, "input");
      await loadPsu(context, psuId, "input.psuId");
      // The id is the one that was just created: the service would take anybody's, from its owner.
      const bankAccountId = await context.upstream.createBankAccount(account);
      try {
        await context.upstream.addBankAccount(psuId, bankAccountId);
      } catch (error) {
        const message =
          "The bank account was created, but may not have been added to the user: read `bankAccounts` of the user before you try again.";
        throw doneButUnread(error, message, toGlobalId("BankAccount", toBankAccountKey(psuId, bankAccountId)));
      }
      return { psuId, bankAccountId };
    },
  }),
  forwardBankAccount: t.field({
    type: ForwardBankAccountPayload,
    description:
      "Makes a PSU's bank account known to a connector, once. The task fails where the connector cannot do that, as those of open banking.",
    authScopes: { write: true },
    extensions: calls(["paymentServiceUsers", "forwardBankAccount"]),
    args: { input: t.arg({ type: ForwardBankAccountInput, required: true }) },
    resolve: async (_root, args, context) => {
      const connectorId = toKey("Connector", args.input.connectorId, "input.connectorId");
      const { psuId, bankAccountId } = await findOwnBankAccount(context, args.input.bankAccountId);
      const taskId = await context.upstream.forwardBankAccount(psuId, bankAccountId, connectorId);
      return { psuId, taskId };
    },
  }),
}));
