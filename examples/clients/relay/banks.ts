import { graphql } from "relay-runtime";

/** One bank, read again by its global id: Relay writes the query with `node`. In a component: `useRefetchableFragment`. */
export const bankStatus = graphql`
  fragment banks_bank on BankConnection @refetchable(queryName: "banksBankQuery") {
    status
    requiredAction
    connector { name }
  }
`;

export const banksQuery = graphql`
  query banksQuery($userId: ID!) {
    paymentServiceUser(id: $userId) {
      connections { id ...banks_bank }
    }
  }
`;

/** What is told goes into the store under the attempt's id, and so to every component that shows it. */
export const attemptChanged = graphql`
  subscription banksAttemptSubscription($id: ID!) {
    linkAttemptChanged(id: $id) { id status error }
  }
`;
