/** Creating bank accounts, giving them to people, and forwarding them to connectors. */
import { invalid, notFound } from "../http/api-error.ts";
import { toTaskId } from "../ids.ts";
import { createAccount, toAccountEvent } from "../models/account.ts";
import type { BankAccount, BankAccountBody } from "../models/bank-account.ts";
import type { BankAccountCreator, Connector } from "../models/connector.ts";
import type { Metadata } from "../models/metadata.ts";
import type { Person } from "../models/person.ts";
import { createTask, toTaskEvent } from "../models/task.ts";
import { insert, insertAccount } from "../store/store.ts";
import { findConnector, findPerson, nowOf, type SandboxContext } from "./context.ts";

const delayMs = 300;
const stack = "sandbox";
const namespace = "com.formance.spec/owner/";

type Made = { readonly reference: string; readonly name: string; readonly metadata: Metadata | null; raw: object };

/** What a connector makes of a bank account, whose numbers it is given whole. */
const makers: Readonly<Record<BankAccountCreator, (row: BankAccount, owner: Person) => Made>> = {
  bankingcircle(row, owner) {
    const metadata = { ...row.metadata, ...toOwnerMetadata(owner) };
    const { id, name, accountNumber, iban, swiftBicCode, country } = row;
    const raw = { id, name, accountNumber, iban, swiftBicCode, country, metadata, relatedAccounts: [] };
    return { reference: id, name, metadata, raw };
  },
  column({ id, name, accountNumber }) {
    const metadata = { "com.column.spec/account_number": accountNumber ?? "", "com.column.spec/type": "checking" };
    return { reference: `cpty_${id}`, name, metadata, raw: { id: `cpty_${id}`, name, account_number: accountNumber } };
  },
  dummypay: ({ id }) => ({ reference: `dummypay-${id}`, name: "dummypay-account", metadata: null, raw: {} }),
};

const canCreate = (provider: Connector["provider"]): provider is BankAccountCreator => provider in makers;

/** What the service adds to a bank account as it forwards it. */
function toOwnerMetadata({ address, contactDetails }: Person): Metadata {
  const { streetName = null, streetNumber = null, city = null, region = null, postalCode = null } = address ?? {};
  const { email = null, phoneNumber = null } = contactDetails ?? {};
  const addressLine1 = streetName === null || streetNumber === null ? streetName : `${streetNumber} ${streetName}`;
  const all = { addressLine1, streetName, streetNumber, city, region, postalCode, email, phoneNumber };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === null ? [] : [[namespace + key, value]])),
  );
}

export type BankAccounts = {
  /** Newest first. */
  readonly all: readonly BankAccount[];
  get(id: string): BankAccount | undefined;
  create(body: BankAccountBody): BankAccount;
  idsOf(psuID: string): readonly string[];
  /** Does not check whose the bank account is: it takes it. */
  add(psuID: string, id: string): void;
  /** Does not check that the bank account is the PSU's. Returns the task's id. */
  forward(psuID: string, id: string, connectorID: string): string;
};

export function createBankAccounts(context: SandboxContext): BankAccounts {
  const { store, clock, random, outbox } = context;
  const get = (id: string) => store.bankAccounts.find((row) => row.id === id);

  /** Stores the connector's account, which does not say whose it is. Returns its id. */
  function create(row: BankAccount, owner: Person, connectorID: string, provider: BankAccountCreator): string {
    const made = makers[provider](row, owner);
    const { createdAt } = row;
    const account = createAccount({ connectorID, createdAt, type: "EXTERNAL", ...made, raw: { ...made.raw } });
    insertAccount(store, account);
    outbox.emit("SAVED_ACCOUNT", toAccountEvent(account, provider));
    row.relatedAccounts.push({ accountID: account.id, connectorID, createdAt });
    return account.id;
  }

  return {
    all: store.bankAccounts,
    get,
    create({ name, ...given }) {
      const id = random.uuid();
      const row = { id, createdAt: nowOf(context), psuID: null, relatedAccounts: [], name: name ?? "", ...given };
      insert<BankAccount>(store.bankAccounts, row);
      return row;
    },
    idsOf: (psuID) => store.bankAccounts.filter((row) => row.psuID === psuID).map(({ id }) => id),
    add(psuID, id) {
      const what = "failed to add bank account to payment service user";
      const row = get(id);
      if (row === undefined) throw notFound(what);
      if (findPerson(context, psuID) === undefined) throw invalid(`${what}: value not found`); // a foreign key's refusal
      row.psuID = psuID;
    },
    forward(psuID, id, connectorID) {
      const row = get(id);
      if (row === undefined) throw notFound("failed to get bank account");
      const owner = findPerson(context, psuID);
      if (owner === undefined) throw notFound("failed to get payment service user");
      const connector = findConnector(context, connectorID);
      if (connector === undefined) throw notFound("connector");
      const { provider, reference } = connector;
      const taskID = toTaskId(connectorID, `create-bank-account-${stack}-${provider}-${reference}-${id}`);
      const known = store.tasks.get(taskID);
      if (known !== undefined) {
        Object.assign(known, { status: "PROCESSING", error: null, updatedAt: nowOf(context) });
        return taskID;
      }
      const task = createTask({ id: taskID, connectorID, createdAt: nowOf(context) });
      store.tasks.set(taskID, task);
      clock.after(delayMs, () => {
        const accountID = canCreate(provider) ? create(row, owner, connectorID, provider) : null;
        const end =
          accountID === null
            ? { status: "FAILED" as const, error: "not implemented" }
            : { status: "SUCCEEDED" as const, createdObjectID: accountID };
        Object.assign(task, end, { updatedAt: nowOf(context) });
        outbox.emit("UPDATED_TASK", toTaskEvent({ ...task, createdAt: null }));
      });
      return taskID;
    },
  };
}
