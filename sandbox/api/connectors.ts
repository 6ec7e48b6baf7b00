/** Routes of connectors. */
import { notFound } from "../http/api-error.ts";
import { json } from "../http/response.ts";
import { listPage } from "../lists/list.ts";
import { connectorColumns, toWireConnector } from "../models/connector.ts";
import type { World } from "../world.ts";
import type { Routes } from "./rest-request.ts";

export function addConnectorRoutes({ on }: Routes, world: World): void {
  on("GET", "/connectors", (call) => json(200, listPage(world.connectors, connectorColumns, call, toWireConnector)));

  on("GET", "/connectors/:connector/config", (call) => {
    const connector = world.connector(call.encodedID("connector"));
    if (connector === undefined) throw notFound("cannot get connector config");
    return json(200, { data: connector.config });
  });
}
