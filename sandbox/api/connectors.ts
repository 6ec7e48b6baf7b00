/** Routes of connectors. */
import { notFound } from "../http/api-error.ts";
import { json } from "../http/response.ts";
import { listPage } from "../lists/list.ts";
import {
  type Connector,
  capabilities,
  configSchemas,
  connectorColumns,
  toWireConfig,
  toWireConnector,
} from "../models/connector.ts";
import type { World } from "../world.ts";
import type { Routes } from "./rest-request.ts";

export function addConnectorRoutes({ on, onPublic }: Routes, world: World): void {
  function find(connectorID: string): Connector {
    const connector = world.connector(connectorID);
    if (connector === undefined) throw notFound("get connector");
    return connector;
  }

  on("GET", "/connectors", (call) =>
    json(200, listPage("connectors", world.connectors, connectorColumns, call, toWireConnector)),
  );

  on("GET", "/connectors/configs", () => json(200, { data: configSchemas }));

  on("GET", "/connectors/capabilities", () => json(200, { data: capabilities }));

  on("DELETE", "/connectors/:connector", (call) => {
    const connector = find(call.encodedID("connector"));
    return json(202, { data: { taskID: world.deletions.connector(connector) } });
  });

  on("GET", "/connectors/:connector/config", (call) =>
    json(200, { data: toWireConfig(find(call.encodedID("connector"))) }),
  );

  on("GET", "/connectors/:connector/capabilities", (call) =>
    json(200, { data: toWireConnector(find(call.encodedID("connector"))).capabilities }),
  );

  // Where providers send their webhooks: the sandbox's banks need none.
  onPublic("/connectors/webhooks/:connector/*", (call) => {
    call.encodedID("connector");
    throw notFound("webhook config not found");
  });
}
