/** GraphiQL, from the installed package, and the examples that it opens with. */
import { createHash } from "node:crypto";
import type { GraphiQLOptions, Plugin } from "graphql-yoga";

/** GraphiQL, from the installed package: it works without a network, and nothing but its own script runs in it. */
export function createGraphiql() {
  const options: GraphiQLOptions = {
    title: "Open banking",
    defaultQuery: example.query,
    subscriptionsProtocol: "SSE",
  };
  let policy = "";
  return {
    options,
    async render(given?: GraphiQLOptions): Promise<string> {
      // 9 MB that only a first visit loads.
      const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
      const page = renderGraphiQL(Object.assign({ variables: example.variables }, given)); // Yoga's type omits `variables`
      policy ||= toPolicy(page);
      return page;
    },
    plugin: {
      onResponse({ response }) {
        if (response.headers.get("content-type")?.startsWith("text/html") !== true) return;
        response.headers.set("content-security-policy", policy);
      },
    } satisfies Plugin,
  };
}

/** The page is always the same, so its one script can be named by its hash. */
function toPolicy(page: string): string {
  const opening = "<script>";
  const script = page.slice(page.indexOf(opening) + opening.length, page.lastIndexOf("</script>"));
  const hash = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'", // the editor writes its own
    "img-src 'self' data:",
    "font-src data:",
    "worker-src blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** What GraphiQL opens with: operations that explain themselves, and run as they stand on the sandbox. */
export const example = {
  query: `# Press the run button and choose an operation.
# The first three need nothing to be filled in.
#
# A payment service user (PSU) connects banks. Each
# connection brings accounts, and each account has
# balances and payments.

# 1. Everybody, from the user down to the balances:
#    one operation, gathered into few REST calls.
query Everybody {
  paymentServiceUsers(first: 5) {
    nodes {
      name
      totals { currency net { formatted(locale: "en") } }
      connections {
        status
        connector { name }
        dataUpdatedAt
        accounts {
          name kind mask isLiability
          balances {
            amount { decimal formatted(locale: "en") }
          }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}

# 2. By which providers can a bank be connected?
#    Copy the id of Tink into "connectorId" below.
query Connectors {
  connectors(filter: { canLink: true }) {
    nodes { name id provider needs }
  }
}

# 3. A new user. Copy the id into "psuId" below.
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

# 4. The user becomes known to the provider, and gets a
#    link. Copy the attempt's id into "attemptId", run 5,
#    and open the link in a new browser tab.
mutation ConnectBank($psuId: ID!, $connectorId: ID!) {
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
      clientRedirectUrl: "http://localhost:4000/graphql"
    }
  ) {
    link
    attempt { id status }
  }
}

# 5. What becomes of it, as it happens: run this, then
#    visit the bank, and watch PENDING turn COMPLETED.
subscription WatchAttempt($attemptId: ID!) {
  linkAttemptChanged(id: $attemptId) {
    status
    error
    connector { name }
  }
}

# 6. What the bank has shared, some seconds later.
#    Payments have no sign: "direction" says which way
#    the money went.
query Accounts($psuId: ID!) {
  paymentServiceUser(id: $psuId) {
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
  variables: `{
  "connectorId": "",
  "psuId": "",
  "attemptId": ""
}`,
};
