/** Creating bank accounts, giving them to people, and forwarding them to connectors. */
import { notFound } from "../http/api-error.ts";
import { toAccountId, toTaskId } from "../ids.ts";
import type { BankAccount, BankAccountBody } from "../models/bank-account.ts";
import { createTask, toTaskEvent } from "../models/task.ts";
import { insert } from "../store/store.ts";
import { findConnector, findPerson, nowOf, type SandboxContext } from "./context.ts";

const delayMs = 300;
const stack = "sandbox";
/** Those whose connectors can create bank accounts: none of open banking. */
const creating: ReadonlySet<string> = new Set(["bankingcircle", "column", "increase", "mangopay"]);

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
      const row = get(id);
      if (row === undefined || findPerson(context, psuID) === undefined) {
        throw notFound("failed to add bank account to payment service user");
      }
      row.psuID = psuID;
    },
    forward(psuID, id, connectorID) {
      const row = get(id);
      if (row === undefined) throw notFound("failed to get bank account");
      if (findPerson(context, psuID) === undefined) throw notFound("failed to get payment service user");
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
        const accountID = toAccountId(connectorID, `external-${id}`);
        const end = creating.has(provider)
          ? { status: "SUCCEEDED" as const, createdObjectID: accountID }
          : { status: "FAILED" as const, error: "not implemented" };
        if (end.status === "SUCCEEDED") row.relatedAccounts.push({ accountID, createdAt: nowOf(context) });
        Object.assign(task, end, { updatedAt: nowOf(context) });
        outbox.emit("UPDATED_TASK", toTaskEvent({ ...task, createdAt: null }));
      });
      return taskID;
    },
  };
}
