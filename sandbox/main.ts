/**
 * `npm run sandbox -- --port 4010 --host 127.0.0.1 --script`: the sandbox by itself, for any HTTP client. In a container,
 * `--origin` is the address that browsers use; `--webhook` and `--webhook-secret` send its events from the start.
 */
import { parseArgs } from "node:util";
import { startSandbox } from "./server.ts";

const usage = `npm run sandbox -- [options]

  --port <number>            default 4010
  --host <address>           default 127.0.0.1
  --origin <url>             where browsers reach it; else where it listens
  --webhook <url>            send events there from the start
  --webhook-secret <secret>  sign them with this secret
  --script                   consents are warned of after two minutes, and end after five
  --help                     print this
`;

function readOptions() {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "4010" },
        host: { type: "string", default: "127.0.0.1" },
        origin: { type: "string" },
        webhook: { type: "string" },
        "webhook-secret": { type: "string" },
        script: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message.split(". ")[0]}. --help has all options.\n`);
    process.exit(1);
  }
}

const values = readOptions();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`--port must be a number from 0 to 65535, not "${values.port}"\n`);
  process.exit(1);
}

const { host, origin, webhook: endpoint, "webhook-secret": secret } = values;
const sandbox = await startSandbox({
  port,
  host,
  ...(origin !== undefined && { origin }),
  ...(endpoint !== undefined && { webhooks: { endpoint, ...(secret !== undefined && { secret }) } }),
  ...(values.script && { scenario: {} }),
}).catch((error: Error) => {
  process.stderr.write(`The sandbox could not start: ${error.message}\n`);
  process.exit(1);
});

process.stdout.write(`Sandbox of the Formance Connectivity API

  FORMANCE_API_URL=${sandbox.url}
  FORMANCE_CLIENT_ID=${sandbox.clientId}
  FORMANCE_CLIENT_SECRET=${sandbox.clientSecret}

Get a token, then use it:

  TOKEN=$(curl -s ${sandbox.url}/api/auth/oauth/token -u ${sandbox.clientId}:${sandbox.clientSecret} \\
    -d grant_type=client_credentials -d 'scope=payments:read payments:write webhooks:read webhooks:write' \\
    | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s '${sandbox.url}/api/payments/v3/payment-service-users?pageSize=3' -H "Authorization: Bearer $TOKEN"

Have its events sent to you, signed, and again until you take them:

  curl -s ${sandbox.url}/api/webhooks/configs -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{"endpoint":"http://localhost:4000/webhooks/formance","eventTypes":["payments.open_banking_user_link_status"]}'

Play what happens to a connection, by its connectionID: fresh data, a consent that ends in a week (Plaid), a bank that
asks to sign in again, or does not respond for a while, or ends access:

  curl -s -X POST ${sandbox.url}/sandbox/connections/$CONNECTION_ID/sync
  curl -s -X POST ${sandbox.url}/sandbox/connections/$CONNECTION_ID/expire
  curl -s -X POST ${sandbox.url}/sandbox/connections/$CONNECTION_ID/reauthenticate
  curl -s -X POST ${sandbox.url}/sandbox/connections/$CONNECTION_ID/interrupt
  curl -s -X POST ${sandbox.url}/sandbox/connections/$CONNECTION_ID/disconnect

${
  values.script
    ? "The script is on: a consent that a user gives ends after five minutes; Plaid warns of it after two."
    : "With --script it happens by itself: a consent that a user gives ends after five minutes; Plaid warns of it after two."
}

Everything is lost when it stops (Ctrl-C).
`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    sandbox[Symbol.asyncDispose]().then(() => process.exit(0));
  });
}
