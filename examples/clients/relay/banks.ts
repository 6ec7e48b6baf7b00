import { graphql } from "relay-runtime";

/** One bank, read again by its global id: Relay writes the query with `node`. In a component: `useRefetchableFragment`. */
export const bankStatus = graphql`
  fragment banks_bank on BankConnection @refetchable(queryName: "banksBankQuery") {
    status
    requiredAction
    connector { name }
  }
`;

/**
 * `@throwOnFieldError`: types without the nulls that come with an error only, since a component that reads such a field
 * throws, to the error boundary around it.
 */
export const banksQuery = graphql`
  query banksQuery($userId: ID!) @throwOnFieldError {
    paymentServiceUser(id: $userId) {
      connections { id ...banks_bank }
    }
  }
`;

/** `@catch`: one failing account leaves the others their balances. Each is `{ ok: true, value }` or `{ ok: false, errors }`. */
export const balancesQuery = graphql`
  query banksBalancesQuery($userId: ID!, $locale: String!) @throwOnFieldError {
    paymentServiceUser(id: $userId) {
      accounts {
        name
        balances @catch(to: RESULT) { amount { formatted(locale: $locale) } }
      }
    }
  }
`;

/** What is told goes into the store under the attempt's id, and so to every component that shows it. */
export const attemptChanged = graphql`
  subscription banksAttemptSubscription($id: ID!) {
    linkAttemptChanged(id: $id) { id status error }
  }
`;
