/** Routes of a user's bank connections. */
import { json } from "../http/response.ts";
import { listPage } from "../lists/list.ts";
import { connectionColumns, toWireConnection } from "../models/connection.ts";
import type { World } from "../world.ts";
import { type Routes, userOnConnectorPath, userPath } from "./rest-request.ts";

export function addConnectionRoutes({ on }: Routes, world: World): void {
  on("GET", `${userPath}/connections`, (call) => {
    const psuID = call.uuid("psu");
    const rows = world.connections.filter((row) => row.psuID === psuID);
    return json(200, listPage("open banking connections", rows, connectionColumns, call, toWireConnection));
  });

  on("GET", `${userOnConnectorPath}/connections`, (call) => {
    const connectorID = call.encodedID("connector");
    const psuID = call.uuid("psu");
    const rows = world.connections.filter((row) => row.psuID === psuID && row.connectorID === connectorID);
    return json(200, listPage("open banking connections", rows, connectionColumns, call, toWireConnection));
  });

  on("DELETE", `${userOnConnectorPath}/connections/:connection`, (call) => {
    const psuID = call.uuid("psu");
    const taskID = world.deletions.connection(psuID, call.encodedID("connector"), call.param("connection"));
    return json(202, { data: { taskID } });
  });
}
