/**
 * A gateway with a field from a CRM, a sign-in and a provider of its own. From the checkout: `npm run extended`. Without
 * FORMANCE_API_URL it serves a sandbox; without CRM_URL a stand-in is started beside it.
 */
import { randomBytes } from "node:crypto";
import { createGateway } from "open-banking-graphql-gateway";
import { createCrm } from "./crm.ts";
import { startCrmService } from "./crm-service.ts";
import { extendWithCustomers } from "./customers.ts";
import { acme } from "./provider.ts";
import { createSessions } from "./sessions.ts";

const { CRM_URL, CRM_KEY = randomBytes(16).toString("hex"), API_KEY = randomBytes(16).toString("hex") } = process.env;
await using running = new AsyncDisposableStack();
const url = CRM_URL ?? running.use(await startCrmService(CRM_KEY)).url;
const sessions = createSessions({ apiKey: API_KEY });

const gateway = running.use(
  await createGateway({
    extend: extendWithCustomers(createCrm({ url, key: CRM_KEY })),
    authenticate: sessions.authenticate,
    providers: { acme },
  }),
);
const stopped = new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
const address = await gateway.listen();
process.stdout.write(`
Users, and what the CRM knows of them:

  curl ${address}/graphql -H 'authorization: ApiKey ${API_KEY}' -H 'content-type: application/json' \\
    -d '{"query": "{ paymentServiceUsers(first: 3) { nodes { name customer { segment adviser } } } }"}'
`);
await stopped;
