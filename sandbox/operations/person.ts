/** Creating people, and registering them with a provider. */
import { invalid, notFound } from "../http/api-error.ts";
import { createPerson, type Person, type PersonBody } from "../models/person.ts";
import { insert, pair } from "../store/store.ts";
import { findConnector, findPerson, nowOf, type SandboxContext } from "./context.ts";
import { checkProviderCoverage } from "./provider-coverage.ts";

export type People = {
  createPerson(body: PersonBody): Person;
  forward(psuID: string, connectorID: string): void;
  isForwarded(psuID: string, connectorID: string): boolean;
};

export function createPeople(context: SandboxContext): People {
  const { store } = context;
  const isForwarded = (psuID: string, connectorID: string) => store.forwarded.has(pair(psuID, connectorID));
  return {
    isForwarded,
    createPerson({ bankAccountIDs, name, ...given }) {
      const known = bankAccountIDs.map((one) => store.bankAccounts.find((row) => row.id === one.toLowerCase()));
      if (known.includes(undefined)) throw notFound("cannot create payment service user: bank account");
      const id = context.random.uuid();
      const person = createPerson({ id, name: name ?? "", createdAt: nowOf(context), ...given });
      insert(store.people, person);
      for (const row of known) if (row !== undefined) row.psuID = id;
      return person;
    },
    forward(psuID, connectorID) {
      if (isForwarded(psuID, connectorID))
        throw invalid("user already exists on this connector: validation error: validation error");
      const person = findPerson(context, psuID);
      if (person === undefined) throw notFound();
      const connector = findConnector(context, connectorID);
      if (connector === undefined) throw notFound("connector not found");
      checkProviderCoverage(connector, person, "", "forward");
      store.forwarded.add(pair(psuID, connectorID));
    },
  };
}
