/** The REST API below `/api/payments/v3`, put together from the routes of each noun. */
import { createRouter, type Router } from "../http/router.ts";
import type { World } from "../world.ts";
import { addAccountRoutes } from "./accounts.ts";
import { addBankAccountRoutes } from "./bank-accounts.ts";
import { addConnectionRoutes } from "./connections.ts";
import { addConnectorRoutes } from "./connectors.ts";
import { addLinkRoutes } from "./links.ts";
import { addPaymentRoutes } from "./payments.ts";
import { addPersonRoutes } from "./people.ts";
import type { RestRequest } from "./rest-request.ts";
import { addTaskRoutes } from "./tasks.ts";

const withoutSlash = (path: string): string => path.replace(/\/$/, "");

export function createRest(world: World): Pick<Router<RestRequest>, "scopeOf" | "respond"> {
  const router = createRouter<RestRequest>("payments");
  addPersonRoutes(router, world);
  addBankAccountRoutes(router, world);
  addConnectionRoutes(router, world);
  addLinkRoutes(router, world);
  addAccountRoutes(router, world);
  addPaymentRoutes(router, world);
  addConnectorRoutes(router, world);
  addTaskRoutes(router, world);
  return {
    scopeOf: (method, path) => router.scopeOf(method, withoutSlash(path)),
    respond: (request) => router.respond({ ...request, path: withoutSlash(request.path) }),
  };
}
