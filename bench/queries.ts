/** The measured queries by name, the same for floor and gateway. */
const banks = "connections { status accounts { name balances { amount { decimal currency } } } }";

export const queries = {
  /** A page of users: one call. */
  Flat: "query Flat { paymentServiceUsers(first: 20) { nodes { psuId name createdAt } } }",
  /** One user with everything: 9 calls in 3 steps. */
  One: `query One($psuId: ID!) { paymentServiceUser(id: $psuId) { name ${banks} } }`,
  /** 20 users down to balances: 143 calls in 3 steps. */
  Tree: `query Tree { paymentServiceUsers(first: 20) { nodes { name ${banks} } } }`,
  /** The same three for random users out of 1,000: mostly not those of the other callers at the moment. */
  FlatApart: `query FlatApart($ids: [ID!]) {
    paymentServiceUsers(first: 20, filter: { ids: $ids }) { nodes { psuId name createdAt } }
  }`,
  OneApart: `query OneApart($psuId: ID!) { paymentServiceUser(id: $psuId) { name ${banks} } }`,
  TreeApart: `query TreeApart($ids: [ID!]) { paymentServiceUsers(first: 20, filter: { ids: $ids }) { nodes { name ${banks} } } }`,
} as const;

export type QueryName = keyof typeof queries;

const toWalk = (list: string, fields: string) =>
  `query Walk($psuId: ID!, $after: String) {
    page: ${list}(first: 100, after: $after, filter: { psuId: $psuId }) {
      nodes { id ${fields} }
      pageInfo { endCursor hasNextPage }
    }
  }`;

/** A page of all that one user has. */
export const walks = {
  accounts: toWalk("accounts", "name"),
  payments: toWalk("payments", "amount { decimal currency }"),
} as const;

export type WalkName = keyof typeof walks;

/** The mix of a front end: four small queries, three of one user, one tree. */
export const mix: readonly QueryName[] = [
  "Flat",
  "OneApart",
  "Flat",
  "OneApart",
  "TreeApart",
  "Flat",
  "OneApart",
  "Flat",
];

const usersOfTree = 20;

/** All variables of a query, of which each request takes a random one. */
export function toVariables(query: QueryName, psuIds: readonly string[]): readonly object[] {
  if (query === "One") return [{ psuId: psuIds[0] }];
  if (query === "OneApart") return psuIds.map((psuId) => ({ psuId }));
  if (query !== "FlatApart" && query !== "TreeApart") return [{}];
  return Array.from({ length: psuIds.length / usersOfTree }, (_, at) => ({
    ids: psuIds.slice(at * usersOfTree, (at + 1) * usersOfTree),
  }));
}
