/** What happens to a connection later: by itself, on a schedule, or by hand over HTTP. */

import { ApiError, invalid, notFound } from "./http/api-error.ts";
import { empty, errorResponse, type HttpResponse, json } from "./http/response.ts";
import { type Connection, toWireConnection } from "./models/connection.ts";
import type { Micros } from "./time.ts";
import type { World } from "./world.ts";

/** When each event happens, counted from the consent. */
export type Scenario = {
  /** An event warns that the consent will end, of providers that announce it. Default two minutes. */
  readonly warningMs?: number;
  /** The consent ends: the connection is in error, and an event is sent. Default five minutes. */
  readonly endMs?: number;
};

/**
 * Runs the scenario for every consent that a user gives from now on. A renewed consent starts it anew, and what was
 * still to come of the former one is dropped.
 */
export function startScenario(world: World, { warningMs = 120_000, endMs = 300_000 }: Scenario): Disposable {
  /** When the last consent was given that the scenario was started for, or that it found. */
  const consents = new WeakMap<Connection, Micros>();
  for (const connection of world.connections) consents.set(connection, connection.consentedAt);
  let isStopped = false;

  function schedule(connection: Connection): void {
    const consent = connection.consentedAt;
    consents.set(connection, consent);
    const after = (ms: number, run: () => void) => {
      const elapsedMs = (world.now() - consent) / 1000;
      world.clock.after(Math.max(0, ms - elapsedMs), () => {
        const isSame = connection.status === "ACTIVE" && connection.consentedAt === consent;
        if (!isStopped && isSame && world.connections.includes(connection)) run();
      });
    };
    if (world.announcesExpiry(connection)) {
      after(warningMs, () => world.announceExpiry(connection, null, consent + endMs * 1000));
    }
    after(endMs, () => world.disturbConnection(connection, "reauthentication"));
  }

  // A new connection has no event of its own, but its first data has.
  const subscription = world.onEvent(() => {
    for (const connection of world.connections) {
      if (consents.get(connection) !== connection.consentedAt) schedule(connection);
    }
  });
  return {
    [Symbol.dispose]() {
      isStopped = true;
      subscription[Symbol.dispose]();
    },
  };
}

const steps: Readonly<Record<string, (world: World, connection: Connection) => void>> = {
  sync: (world, connection) => world.syncConnection(connection),
  expire(world, connection) {
    if (!world.announcesExpiry(connection)) throw invalid("Only Plaid announces that a consent ends");
    world.announceExpiry(connection, null);
  },
  reauthenticate: (world, connection) => world.disturbConnection(connection, "reauthentication"),
  disconnect: (world, connection) => world.disturbConnection(connection, "end"),
  interrupt: (world, connection) => world.disturbConnection(connection, "outage"),
};

/** `POST /sandbox/connections/{connectionID}/{step}`, without a token; `null` for any other path. */
export function respondToScenarioStep(world: World, method: string, pathname: string): HttpResponse | null {
  const [, id = "", name = ""] = /^\/sandbox\/connections\/([^/]+)\/([a-z]+)$/.exec(pathname) ?? [];
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step === undefined) return null;
  if (method !== "POST") return empty(405, { allow: "POST" });
  const connection = world.connections.find(({ connectionID }) => encodeURIComponent(connectionID) === id);
  if (connection === undefined) return errorResponse(notFound("connection"));
  try {
    step(world, connection);
  } catch (error) {
    if (error instanceof ApiError) return errorResponse(error);
    throw error;
  }
  return json(200, { data: toWireConnection(connection) });
}
