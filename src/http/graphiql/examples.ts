/** The tabs that GraphiQL opens with: operations that explain themselves, one a tab. */

/** `variables`: what the page fills in, as it knows it: ids of the stack at hand, and its own address. */
export type Example = {
  readonly name: string;
  readonly document: string;
  readonly variables: readonly ("psuId" | "connectorId" | "attemptId" | "redirectUrl")[];
};

export const examples: readonly Example[] = [
  {
    name: "Everybody",
    variables: [],
    document: `# Press the run button. Each tab is an example.
#
# A payment service user (PSU) connects banks.
# Each connection brings accounts, and each
# account has balances and payments.
#
# Everybody, from the user down to the balances:
# one operation, gathered into few REST calls.
query Everybody {
  paymentServiceUsers(first: 5) {
    nodes {
      name
      totals {
        currency
        net { formatted(locale: "en") }
      }
      connections {
        status
        connector { name }
        dataUpdatedAt
        accounts {
          name kind mask isLiability
          balances {
            amount {
              decimal
              formatted(locale: "en")
            }
          }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  },
  {
    name: "Connectors",
    variables: [],
    document: `# By which providers can a bank be connected?
query Connectors {
  connectors(filter: { canLink: true }) {
    nodes { name id provider needs }
  }
}
`,
  },
  {
    name: "CreateUser",
    variables: [],
    document: `# A new user, whose id goes into the next tabs.
mutation CreateUser {
  createPaymentServiceUser(
    input: {
      name: "Ada Lovelace"
      contactDetails: { locale: "en_GB" }
      address: { country: "GB" }
    }
  ) {
    paymentServiceUser { id name }
  }
}
`,
  },
  {
    name: "ConnectBank",
    variables: ["psuId", "connectorId", "redirectUrl"],
    document: `# The user becomes known to the provider, and gets
# a link to the bank. It leads back to here, with
# the tab of the attempt in front.
#
# "psuId" is an id from CreateUser, "connectorId"
# one from Connectors. For a user who is known
# there, the first part is a CONFLICT, and the
# link is made all the same.
mutation ConnectBank(
  $psuId: ID!
  $connectorId: ID!
  $redirectUrl: URL!
) {
  forwardPaymentServiceUser(
    input: { psuId: $psuId, connectorId: $connectorId }
  ) {
    connector { name }
  }
  createLink(
    input: {
      psuId: $psuId
      connectorId: $connectorId
      applicationName: "GraphiQL"
      clientRedirectUrl: $redirectUrl
    }
  ) {
    link
    attempt { id status }
  }
}
`,
  },
  {
    name: "WatchAttempt",
    variables: ["attemptId"],
    document: `# What becomes of the attempt, as it happens: run
# this, visit the bank in another browser tab, and
# watch PENDING turn COMPLETED.
#
# "attemptId" is an id from ConnectBank.
subscription WatchAttempt($attemptId: ID!) {
  linkAttemptChanged(id: $attemptId) {
    status
    error
    connector { name }
  }
}
`,
  },
  {
    name: "Accounts",
    variables: ["psuId"],
    document: `# What the bank has shared, some seconds later.
#
# Payments have no sign: "direction" says which
# way the money went.
query Accounts($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
    name
    connections { status }
    accounts {
      name kind
      balances { amount { formatted } }
      payments(first: 3) {
        nodes {
          direction isPending bookedOn description
          counterparty { name }
          category { name }
          amount { formatted }
        }
      }
    }
  }
}
`,
  },
];
