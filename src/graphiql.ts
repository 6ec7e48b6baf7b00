/** What GraphiQL opens with: a tab that explains itself and runs as it stands. */
export const exampleTab = {
  query: `# Press the run button (Ctrl-Enter) and choose an operation. Nothing needs to be filled in for the first two.
#
# A payment service user (PSU) connects banks; each connection brings accounts, each account balances and payments.

# 1. Everybody, from the user down to the balances: one operation, batched into few REST calls.
query Everybody {
  paymentServiceUsers(first: 5) {
    nodes {
      name
      connections {
        status
        connector { name }
        dataUpdatedAt
        accounts {
          name
          balances { amount { decimal currency formatted(locale: "en") } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}

# 2. The providers that a bank can be connected by. Copy the id of one for the operations below.
query Connectors {
  connectors { nodes { id name provider } }
}

# 3. A new user, who can connect a bank once they are known to the provider. Copy the user's id as well.
mutation CreateUser {
  createPaymentServiceUser(
    input: {
      name: "Ada Lovelace"
      contactDetails: { email: "ada@example.com", locale: "en-GB" }
      address: { country: "GB" }
    }
  ) {
    paymentServiceUser { id name }
  }
}

# 4. Both ids into the variables below, then: open the \`link\` in a new browser tab and visit the bank.
mutation ConnectBank($psuId: ID!, $connectorId: ID!) {
  forwardPaymentServiceUser(input: { psuId: $psuId, connectorId: $connectorId }) {
    connector { name }
  }
  createLink(
    input: {
      psuId: $psuId
      connectorId: $connectorId
      clientRedirectUrl: "http://localhost:4000/graphql?attempt={attemptId}"
      applicationName: "GraphiQL"
    }
  ) {
    link
    attempt { id status }
  }
}

# 5. What became of it. The attempt's id is in the answer of 4.
query Attempt($attemptId: ID!) {
  linkAttempt(id: $attemptId) {
    status
    error
    paymentServiceUser {
      connections { status accounts { name balances { amount { formatted } } } }
    }
  }
}
`,
  variables: `{
  "psuId": "",
  "connectorId": "",
  "attemptId": ""
}
`,
};
