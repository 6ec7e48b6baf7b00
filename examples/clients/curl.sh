#!/usr/bin/env bash
# A query, a mutation and a stream with nothing but curl. GATEWAY is the URL of /graphql, TOKEN a user's token.
#   ./curl.sh banks | createLink USER_ID CONNECTOR_ID | watch ATTEMPT_ID
set -euo pipefail

send() { # accept, body
  curl --silent --show-error --no-buffer "$GATEWAY" \
    --header "authorization: Bearer $TOKEN" --header "content-type: application/json" --header "accept: $1" --data "$2"
}

case "${1:-}" in
  banks)
    send application/json '{"query": "{ viewer { paymentServiceUser { id connections { id status } } } connectors { nodes { id name } } }"}'
    ;;
  createLink)
    send application/json '{
      "query": "mutation ($psuId: ID!, $connectorId: ID!) { createLink(input: { psuId: $psuId, connectorId: $connectorId, applicationName: \"Countess\", clientRedirectUrl: \"https://app.example.com/return\" }) { link attempt { id } } }",
      "variables": {"psuId": "'"$2"'", "connectorId": "'"$3"'"}
    }'
    ;;
  watch)
    send text/event-stream '{
      "query": "subscription ($id: ID!) { linkAttemptChanged(id: $id) { status error } }",
      "variables": {"id": "'"$2"'"}
    }'
    ;;
  *)
    sed -n 's/^#   //p' "$0" >&2
    exit 2
    ;;
esac
