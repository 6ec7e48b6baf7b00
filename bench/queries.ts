/** The queries that are measured, as floor and gateway know them, by name. */
const banks = "connections { status accounts { name balances { amount { decimal currency } } } }";

export const queries = {
  /** A page of users: one call. */
  Flat: "query Flat { paymentServiceUsers(first: 20) { nodes { psuId name createdAt } } }",
  /** One user with everything: 9 calls in 4 steps. */
  One: `query One($psuId: ID!) { paymentServiceUser(id: $psuId) { name ${banks} } }`,
  /** 20 users down to balances: 143 calls. */
  Tree: `query Tree { paymentServiceUsers(first: 20) { nodes { name ${banks} } } }`,
} as const;

export type QueryName = keyof typeof queries;
