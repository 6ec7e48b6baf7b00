/** Routes that create links to a bank, follow their attempts, and take the browser back. */
import { z } from "zod";
import { ApiError, invalid, notFound } from "../http/api-error.ts";
import { faultOfUuid, isUrl } from "../http/formats.ts";
import { check, optionalText, readJsonBody } from "../http/request-body.ts";
import { empty, json, redirect } from "../http/response.ts";
import { toUuid } from "../ids.ts";
import { listPage } from "../lists/list.ts";
import { type Attempt, attemptColumns, toWireAttempt } from "../models/attempt.ts";
import type { World } from "../world.ts";
import { type Routes, userOnConnectorPath } from "./rest-request.ts";

const linkBody = z.object({ applicationName: optionalText, clientRedirectURL: optionalText });

export function addLinkRoutes({ on, onPublic }: Routes, world: World): void {
  const checkUserAndConnector = (psuID: string, connectorID: string) => {
    if (world.person(psuID) === undefined) throw notFound("cannot get payment service user");
    if (world.connector(connectorID) === undefined) throw notFound("cannot get connector");
  };

  on("POST", `${userOnConnectorPath}/create-link`, (call) => {
    const psuID = call.uuid("psu");
    const connectorID = call.encodedID("connector");
    const key = readKey(call.query.get("Idempotency-Key") || null);
    const body = readLinkBody(call.body, "PaymentServiceUserCreateLinkRequest");
    const made = world.links.create({ psuID, connectorID, key, ...body });
    return json(201, { attemptID: made.attemptID, link: `${call.origin}/bank/${made.token}` });
  });

  on("POST", `${userOnConnectorPath}/connections/:connection/update-link`, (call) => {
    const psuID = call.uuid("psu");
    const connectorID = call.encodedID("connector");
    const key = readKey(call.query.get("Idempotency-Key"));
    const relinks = call.param("connection");
    const body = readLinkBody(call.body, "PaymentServiceUserUpdateLinkRequest");
    const made = world.links.create({ psuID, connectorID, key, relinks, ...body });
    return json(201, { attemptID: made.attemptID, link: `${call.origin}/bank/${made.token}` });
  });

  on("GET", `${userOnConnectorPath}/link-attempts`, (call) => {
    const psuID = call.uuid("psu");
    const connectorID = call.encodedID("connector");
    const isTheirs = (row: Attempt) => row.psuID === psuID && row.connectorID === connectorID;
    // The request is read before its user is looked up.
    const rows = world.attempts.filter(isTheirs);
    const page = listPage("payment service users link attempts", rows, attemptColumns, call, toWireAttempt);
    checkUserAndConnector(psuID, connectorID);
    return json(200, page);
  });

  on("GET", `${userOnConnectorPath}/link-attempts/:attempt`, (call) => {
    const psuID = call.uuid("psu");
    const connectorID = call.encodedID("connector");
    const id = call.uuid("attempt");
    checkUserAndConnector(psuID, connectorID);
    // The service checks only that the attempt exists, not whose it is.
    const attempt = world.attempts.find((row) => row.id === id);
    if (attempt === undefined) throw notFound("cannot get payment service users link attempt");
    return json(200, { data: toWireAttempt(attempt) });
  });

  // Where Tink and Powens send the browser back to, whatever follows the connector.
  onPublic("/connectors/open-banking/:connector/*", (call) => {
    const location = world.links.complete(call.encodedID("connector"), call.query);
    return call.query.get("noRedirect") === "true" ? empty(204) : redirect(307, location);
  });
}

function readLinkBody(body: string, type: string) {
  const { applicationName, clientRedirectURL } = readJsonBody(body, linkBody, type);
  if (clientRedirectURL === null || clientRedirectURL === "") throw invalid("ClientRedirectURL is a required field");
  check(clientRedirectURL, isUrl, "ClientRedirectURL must be a valid URL");
  return { applicationName: applicationName ?? "", clientRedirectURL };
}

function readKey(key: string | null): string | null {
  if (key === null) return null;
  const id = toUuid(key);
  if (id === undefined) throw new ApiError("INVALID_ID", `parsing idempotency key (need uuid): ${faultOfUuid(key)}`);
  return id;
}
