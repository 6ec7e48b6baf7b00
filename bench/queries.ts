/** The queries that are measured, as floor and gateway know them, by name. */
const banks = "connections { status accounts { name balances { amount { decimal currency } } } }";

export const queries = {
  /** A page of users: one call. */
  Flat: "query Flat { paymentServiceUsers(first: 20) { nodes { psuId name createdAt } } }",
  /** One user with everything: 9 calls in 3 steps. */
  One: `query One($psuId: ID!) { paymentServiceUser(id: $psuId) { name ${banks} } }`,
  /** 20 users down to balances: 143 calls in 3 steps. */
  Tree: `query Tree { paymentServiceUsers(first: 20) { nodes { name ${banks} } } }`,
  /** The same three of other users, out of 1,000: mostly others than anybody else asks for at the moment. */
  FlatApart: `query FlatApart($ids: [ID!]) {
    paymentServiceUsers(first: 20, filter: { ids: $ids }) { nodes { psuId name createdAt } }
  }`,
  OneApart: `query OneApart($psuId: ID!) { paymentServiceUser(id: $psuId) { name ${banks} } }`,
  TreeApart: `query TreeApart($ids: [ID!]) { paymentServiceUsers(first: 20, filter: { ids: $ids }) { nodes { name ${banks} } } }`,
} as const;

export type QueryName = keyof typeof queries;

/** What a front end sends: four small queries, three of one user, one tree. */
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

/** All variables that a query is asked with, of which each request has one by chance. */
export function toVariables(query: QueryName, psuIds: readonly string[]): readonly object[] {
  if (query === "One") return [{ psuId: psuIds[0] }];
  if (query === "OneApart") return psuIds.map((psuId) => ({ psuId }));
  if (query !== "FlatApart" && query !== "TreeApart") return [{}];
  return Array.from({ length: psuIds.length / usersOfTree }, (_, at) => ({
    ids: psuIds.slice(at * usersOfTree, (at + 1) * usersOfTree),
  }));
}
