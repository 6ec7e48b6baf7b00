import { graphql } from "relay-runtime";

/**
 * The compiler knows a connection by its shape and not by its name: `PaymentPage` passes as it is, without a setting.
 * In a component: `usePaginationFragment(paymentsOfUser, user)`.
 */
export const paymentsOfUser = graphql`
  fragment payments_user on PaymentServiceUser
  @refetchable(queryName: "paymentsPageQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 15 }, cursor: { type: "String" }) {
    payments(first: $count, after: $cursor) @connection(key: "payments_payments") {
      edges {
        node {
          id
          amount { formatted(locale: "en-GB") }
          createdAt
        }
      }
    }
  }
`;

export const paymentsQuery = graphql`
  query paymentsQuery($userId: ID!) {
    paymentServiceUser(id: $userId) {
      ...payments_user
    }
  }
`;
