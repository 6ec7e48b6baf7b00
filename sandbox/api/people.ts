/** Routes of payment service users. */
import { notFound } from "../http/api-error.ts";
import { empty, json } from "../http/response.ts";
import { listPage } from "../lists/list.ts";
import { type Person, personColumns, readPersonBody, toWirePerson } from "../models/person.ts";
import type { World } from "../world.ts";
import { type Routes, userOnConnectorPath, userPath } from "./rest-request.ts";

export function addPersonRoutes({ on }: Routes, world: World): void {
  on("POST", "/payment-service-users", ({ body }) => json(201, { data: world.createPerson(readPersonBody(body)).id }));

  const toWire = (person: Person) => toWirePerson(person, world.bankAccounts.idsOf(person.id));

  on("GET", "/payment-service-users", (call) =>
    json(200, listPage("payment service users", world.people, personColumns, call, toWire)),
  );

  on("GET", userPath, (call) => {
    const person = world.person(call.uuid("psu"));
    if (person === undefined) throw notFound("cannot get payment service user");
    return json(200, { data: toWire(person) });
  });

  on("DELETE", userPath, (call) => json(202, { data: { taskID: world.deletions.person(call.uuid("psu")) } }));

  on("DELETE", userOnConnectorPath, (call) => {
    const taskID = world.deletions.fromConnector(call.uuid("psu"), call.encodedID("connector"));
    return json(202, { data: { taskID } });
  });

  on("POST", `${userOnConnectorPath}/forward`, (call) => {
    world.forward(call.uuid("psu"), call.encodedID("connector"));
    return empty(204);
  });
}
