/** `npm run sandbox`: the sandbox by itself, for any HTTP client. */
import { type Sandbox, startSandbox } from "../../sandbox/server.ts";
import { toCommandLine } from "../config/own-package.ts";
import { readArguments } from "./command.ts";
import { ExplainedError } from "./explained-error.ts";
import { onStopSignal } from "./stop-signals.ts";

export const usage = `${toCommandLine("sandbox", "[options]")}

  --port <number>            default 4010
  --host <address>           default 127.0.0.1
  --origin <url>             where browsers reach it, as in a container; else where it listens
  --webhook <url>            send events there from the start
  --webhook-secret <secret>  sign them with this secret
  --script                   consents are warned of after two minutes, and end after five
  --help                     print this
`;

function readOptions(args: readonly string[]) {
  const { values } = readArguments(args, {
    options: {
      port: { type: "string", default: "4010" },
      host: { type: "string", default: "127.0.0.1" },
      origin: { type: "string" },
      webhook: { type: "string" },
      "webhook-secret": { type: "string" },
      script: { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new ExplainedError(`--port must be a number from 0 to 65535, not "${values.port}".`);
  }
  return { ...values, port };
}

export async function run(args: readonly string[]): Promise<void> {
  const { port, host, origin, webhook: endpoint, "webhook-secret": secret, script } = readOptions(args);
  const sandbox = await startSandbox({
    port,
    host,
    ...(origin !== undefined && { origin }),
    ...(endpoint !== undefined && { webhooks: { endpoint, ...(secret !== undefined && { secret }) } }),
    ...(script && { scenario: {} }),
  }).catch((error: Error) => {
    throw new ExplainedError(`The sandbox could not start: ${error.message}`);
  });
  onStopSignal(() => void sandbox[Symbol.asyncDispose]().then(() => process.exit(0)));
  process.stdout.write(toGreeting(sandbox, script));
}

const toGreeting = (sandbox: Sandbox, script: boolean): string => `Sandbox of the Formance Connectivity API

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
  script
    ? "The script is on: a consent that a user gives ends after five minutes; Plaid warns of it after two."
    : "With --script it happens by itself: a consent that a user gives ends after five minutes; Plaid warns of it after two."
}

Everything is lost when it stops (Ctrl-C).
`;
