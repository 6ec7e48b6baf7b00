/** The REST API below `/api/payments/v3`: routes, ids, and what each answers. */

import { ApiError, internal, notFound } from "../http/api-error.ts";
import { empty, errorResponse, type HttpResponse, json, redirect, text } from "../http/response.ts";
import { isEncodedId, toUuid } from "../ids.ts";
import * as list from "../lists/list.ts";
import type { Attempt } from "../model.ts";
import type { World } from "../world.ts";
import { listBalances } from "./balance-history.ts";
import { readLinkBody, readPerson } from "./validation.ts";
import * as wire from "./wire-format.ts";

export type RestRequest = {
  readonly method: string;
  /** Below `/api/payments/v3`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  /** Where the sandbox is reached: links start with it. */
  readonly origin: string;
};

type Call = RestRequest & { readonly param: (name: string) => string };
type Route = {
  readonly method: string;
  readonly pattern: readonly string[];
  readonly run: (call: Call) => HttpResponse;
};

export type Rest = {
  /** What the route wants of a token; `null` for a public or unknown route. */
  scopeOf(method: string, path: string): "payments:read" | "payments:write" | null;
  respond(request: RestRequest): HttpResponse;
};

const user = "/payment-service-users/:psu";
const userAt = `${user}/connectors/:connector`;

export function createRest(world: World): Rest {
  const routes: Route[] = [];
  const on = (method: string, path: string, run: (call: Call) => HttpResponse) =>
    routes.push({ method, pattern: path.slice(1).split("/"), run });

  const uuidOf = (call: Call, name: string): string => {
    const id = toUuid(call.param(name));
    if (id === undefined) throw new ApiError("INVALID_ID", "invalid UUID format");
    return id;
  };
  const encodedOf = (call: Call, name: string): string => {
    const id = call.param(name);
    if (!isEncodedId(id)) throw new ApiError("INVALID_ID", "illegal base64 data or malformed JSON");
    return id;
  };
  const checkUserAndConnector = (psuID: string, connectorID: string) => {
    if (world.person(psuID) === undefined) throw notFound("cannot get payment service user");
    if (world.connector(connectorID) === undefined) throw notFound("cannot get connector");
  };

  on("POST", "/payment-service-users", ({ body }) => json(201, { data: world.createPerson(readPerson(body)).id }));
  on("GET", "/payment-service-users", (call) =>
    json(200, list.listPage(world.people, list.personColumns, call, wire.toWirePerson)),
  );
  on("GET", user, (call) => {
    const person = world.person(uuidOf(call, "psu"));
    if (person === undefined) throw notFound("cannot get payment service user");
    return json(200, { data: wire.toWirePerson(person) });
  });
  on("DELETE", user, (call) => json(202, { data: { taskID: world.deletions.person(uuidOf(call, "psu")) } }));

  on("GET", `${user}/connections`, (call) => {
    const psuID = uuidOf(call, "psu");
    const rows = world.connections.filter((row) => row.psuID === psuID);
    return json(200, list.listPage(rows, list.connectionColumns, call, wire.toWireConnection));
  });
  on("GET", `${userAt}/connections`, (call) => {
    const connectorID = encodedOf(call, "connector");
    const psuID = uuidOf(call, "psu");
    const rows = world.connections.filter((row) => row.psuID === psuID && row.connectorID === connectorID);
    return json(200, list.listPage(rows, list.connectionColumns, call, wire.toWireConnection));
  });

  on("DELETE", userAt, (call) => {
    const taskID = world.deletions.fromConnector(uuidOf(call, "psu"), encodedOf(call, "connector"));
    return json(202, { data: { taskID } });
  });
  on("POST", `${userAt}/forward`, (call) => {
    world.forward(uuidOf(call, "psu"), encodedOf(call, "connector"));
    return empty(204);
  });
  on("POST", `${userAt}/create-link`, (call) => {
    const psuID = uuidOf(call, "psu");
    const connectorID = encodedOf(call, "connector");
    const key = readKey(call.query.get("Idempotency-Key") || null);
    const made = world.links.create({ psuID, connectorID, key, ...readLinkBody(call.body) });
    return json(201, { attemptID: made.attemptID, link: `${call.origin}/bank/${made.token}` });
  });
  on("POST", `${userAt}/connections/:connection/update-link`, (call) => {
    const psuID = uuidOf(call, "psu");
    const connectorID = encodedOf(call, "connector");
    const key = readKey(call.query.get("Idempotency-Key"));
    const relinks = call.param("connection");
    const made = world.links.create({ psuID, connectorID, key, relinks, ...readLinkBody(call.body) });
    return json(201, { attemptID: made.attemptID, link: `${call.origin}/bank/${made.token}` });
  });
  on("DELETE", `${userAt}/connections/:connection`, (call) => {
    const psuID = uuidOf(call, "psu");
    const taskID = world.deletions.connection(psuID, encodedOf(call, "connector"), call.param("connection"));
    return json(202, { data: { taskID } });
  });

  on("GET", `${userAt}/link-attempts`, (call) => {
    const psuID = uuidOf(call, "psu");
    const connectorID = encodedOf(call, "connector");
    const isTheirs = (row: Attempt) => row.psuID === psuID && row.connectorID === connectorID;
    const page = () => list.listPage(world.attempts.filter(isTheirs), list.attemptColumns, call, wire.toWireAttempt);
    // The request is read before its user is looked up.
    const answer = page();
    checkUserAndConnector(psuID, connectorID);
    return json(200, answer);
  });
  on("GET", `${userAt}/link-attempts/:attempt`, (call) => {
    const psuID = uuidOf(call, "psu");
    const connectorID = encodedOf(call, "connector");
    const id = uuidOf(call, "attempt");
    checkUserAndConnector(psuID, connectorID);
    // The attempt of anybody: only its existence is checked.
    const attempt = world.attempts.find((row) => row.id === id);
    if (attempt === undefined) throw notFound("cannot get payment service users link attempt");
    return json(200, { data: wire.toWireAttempt(attempt) });
  });

  on("GET", "/accounts", (call) =>
    json(
      200,
      list.listPage(world.accounts, list.accountColumns, call, (row) =>
        wire.toWireAccount(row, world.connector(row.connectorID)),
      ),
    ),
  );
  on("GET", "/accounts/:account", (call) => {
    const account = world.account(encodedOf(call, "account"));
    if (account === undefined) throw notFound("cannot get account");
    return json(200, { data: wire.toWireAccount(account, world.connector(account.connectorID)) });
  });
  on("GET", "/accounts/:account/balances", (call) =>
    json(200, listBalances(world, call.param("account"), call.query, call.body)),
  );

  on("GET", "/payments", (call) =>
    json(
      200,
      list.listPage(world.payments, list.paymentColumns, call, (row) =>
        wire.toWirePayment(row, world.connector(row.connectorID)),
      ),
    ),
  );
  on("GET", "/payments/:payment", (call) => {
    const id = encodedOf(call, "payment");
    const payment = world.payments.find((row) => row.id === id);
    if (payment === undefined) throw notFound("cannot get payment");
    return json(200, { data: wire.toWirePayment(payment, world.connector(payment.connectorID)) });
  });

  on("GET", "/connectors", (call) =>
    json(200, list.listPage(world.connectors, list.connectorColumns, call, wire.toWireConnector)),
  );
  on("GET", "/connectors/:connector/config", (call) => {
    const connector = world.connector(encodedOf(call, "connector"));
    if (connector === undefined) throw notFound("cannot get connector config");
    return json(200, { data: connector.config });
  });
  on("GET", "/tasks/:task", (call) => {
    const task = world.task(encodedOf(call, "task"));
    if (task === undefined) throw notFound("cannot get task");
    return json(200, { data: wire.toWireTask(task) });
  });

  // Where Tink and Powens send the browser back to: public, any method, whatever follows the connector.
  const complete = (call: Call): HttpResponse => {
    const location = world.links.complete(encodedOf(call, "connector"), call.query);
    return call.query.get("noRedirect") === "true" ? empty(204) : redirect(307, location);
  };
  const publicPattern = "/connectors/open-banking/:connector/:rest";

  function find(method: string, path: string) {
    const segments = path.replace(/\/$/, "").slice(1).split("/");
    const open = matchPath(publicPattern.slice(1).split("/"), segments);
    if (open !== null) return { run: complete, params: open, isPublic: true };
    const matches = routes.flatMap((route) => {
      const params = matchPath(route.pattern, segments);
      return params === null ? [] : [{ ...route, params }];
    });
    const route = matches.find((match) => match.method === method);
    if (route !== undefined) return { run: route.run, params: route.params, isPublic: false };
    return matches.length === 0 ? null : { allow: matches.map((match) => match.method).join(", ") };
  }

  return {
    scopeOf(method, path) {
      const found = find(method, path);
      if (found === null || found.run === undefined || found.isPublic) return null;
      return method === "GET" ? "payments:read" : "payments:write";
    },
    respond(request) {
      const found = find(request.method, request.path);
      if (found === null) return text(404, "404 page not found\n");
      if (found.run === undefined) return empty(405, { allow: found.allow });
      const param = (name: string): string => found.params.get(name) ?? "";
      try {
        return found.run({ ...request, param });
      } catch (error) {
        return errorResponse(error instanceof ApiError ? error : internal());
      }
    },
  };
}

function readKey(key: string | null): string | null {
  if (key === null) return null;
  const id = toUuid(key);
  if (id === undefined) throw new ApiError("INVALID_ID", "parsing idempotency key (need uuid)");
  return id;
}

/** The parts of a path that the pattern names, or `null` when the path is another. */
function matchPath(pattern: readonly string[], segments: readonly string[]): ReadonlyMap<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params = new Map<string, string>();
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] ?? "";
    if (!part.startsWith(":")) {
      if (part !== segment) return null;
      continue;
    }
    if (segment === "") return null;
    try {
      params.set(part.slice(1), decodeURIComponent(segment));
    } catch {
      return null;
    }
  }
  return params;
}
