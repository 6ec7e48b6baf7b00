/** The worlds that the bench's stack can have: uniform ones of any size, and one of edges. */
import type { Account } from "../sandbox/models/account.ts";
import type { Balance } from "../sandbox/models/balance.ts";
import type { Connection } from "../sandbox/models/connection.ts";
import type { Person } from "../sandbox/models/person.ts";
import type { WorldSize } from "../sandbox/seed/uniform-world.ts";
import { createWorld, type World } from "../sandbox/world.ts";

/** By default each user has 9 calls: the user, the connections, the accounts, and the balances of 6 accounts. */
export const usualSize: WorldSize = { people: 1000, connectionsEach: 2, accountsEach: 3 };

/** `edges`, or a size as text: users, connections of each, accounts of each connection, payments of each account. */
export function toWorld(text: string): World {
  if (text === "edges") return createEdges();
  const [people = 0, connectionsEach = 0, accountsEach = 0, paymentsEach = 2] = text.split(",").map(Number);
  return createWorld({ size: { people, connectionsEach, accountsEach, paymentsEach } });
}

export const toSizeText = ({ people, connectionsEach, accountsEach, paymentsEach = 2 }: WorldSize): string =>
  [people, connectionsEach, accountsEach, paymentsEach].join();

/** By the name of the account that has it. */
const edgeAmounts: Readonly<Record<string, { readonly asset: string; readonly amount: bigint }>> = {
  "Twenty digits": { asset: "ETH/18", amount: 12_345_678_901_234_567_891n },
  "Beyond a double": { asset: "EUR/2", amount: 2n ** 53n + 1n },
  "No scale": { asset: "JPY", amount: 120n },
  "Negative cents": { asset: "EUR/2", amount: -5n },
};

/**
 * Three users. The first has two accounts at each of two connectors, the second the same, and all four connections have
 * one id. The third has one connection, with 130 accounts.
 */
function createEdges(): World {
  const world = createWorld({ size: { people: 3, connectionsEach: 2, accountsEach: 130 } });
  const connections = world.connections as Connection[];
  const accounts = world.accounts as Account[];
  const [first, second, third] = world.people;
  const surplus = connections.findIndex(({ psuID }) => psuID === third?.id);
  const [gone] = connections.splice(surplus, 1);
  const counts = Map.groupBy(accounts, ({ psuID, connectorID }) => `${psuID} ${connectorID}`);
  const isKept = (account: Account) =>
    account.psuID === third?.id
      ? account.connectorID !== gone?.connectorID
      : (counts.get(`${account.psuID} ${account.connectorID}`) ?? []).indexOf(account) < 2;
  accounts.splice(0, accounts.length, ...accounts.filter(isKept));
  for (const row of [...connections, ...accounts])
    if (row.psuID !== third?.id) Object.assign(row, { connectionID: "4711" });

  const accountsOf = (user: Person | undefined) =>
    connections
      .filter(({ psuID }) => psuID === user?.id)
      .flatMap(({ psuID, connectorID }) =>
        accounts.filter((account) => account.psuID === psuID && account.connectorID === connectorID),
      );
  for (const [at, account] of accountsOf(second).entries()) Object.assign(account, { name: `Other ${at + 1}` });
  const own = accountsOf(first);
  for (const [at, [name, edge]] of Object.entries(edgeAmounts).entries()) {
    const account = own[at];
    if (account === undefined) throw new Error("The first user has too few accounts.");
    Object.assign(account, { name });
    const history = world.balances(account.id) as Balance[];
    const [newest, , oldest] = history;
    if (newest === undefined || oldest === undefined) throw new Error("There is no history.");
    history.splice(0, history.length, { ...newest, ...edge }, { ...oldest, asset: edge.asset, amount: 7n });
  }
  return world;
}
