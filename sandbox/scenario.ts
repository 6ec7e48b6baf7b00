/** What happens to a connection later: by itself, after a script, or played by hand over HTTP. */

import { notFound } from "./http/api-error.ts";
import { empty, errorResponse, type HttpResponse, json } from "./http/response.ts";
import { type Connection, toWireConnection } from "./models/connection.ts";
import type { Micros } from "./time.ts";
import type { World } from "./world.ts";

/** When what happens, counted from the consent. */
export type Scenario = {
  /** An event tells that the consent will end. Default two minutes. */
  readonly warningMs?: number;
  /** The consent ends: the connection is in error, and an event tells. Default five minutes. */
  readonly endMs?: number;
};

/**
 * Plays the script for every consent that a user gives from now on: a new connection's, and again a renewed one's, of
 * which the rest of the former life is dropped. First data comes without a script. All providers warn, though of the
 * real ones only Plaid does.
 */
export function startScenario(world: World, { warningMs = 120_000, endMs = 300_000 }: Scenario): Disposable {
  /** When the consent was given whose life is played, or was played before. */
  const consents = new WeakMap<Connection, Micros>();
  for (const connection of world.connections) consents.set(connection, connection.updatedAt);
  let isOver = false;

  function play(connection: Connection): void {
    const consent = connection.updatedAt;
    consents.set(connection, consent);
    const after = (ms: number, happen: () => void) => {
      const gone = (world.now() - consent) / 1000;
      world.clock.after(Math.max(0, ms - gone), () => {
        const isSame = connection.status === "ACTIVE" && connection.updatedAt === consent;
        if (!isOver && isSame && world.connections.includes(connection)) happen();
      });
    };
    after(warningMs, () => world.announceExpiry(connection, "PENDING_EXPIRATION", consent + endMs * 1000));
    after(endMs, () => world.breakConnection(connection, endReason));
  }

  // No event tells of a new connection, but its first data comes with some.
  const listening = world.onEvent(() => {
    for (const connection of world.connections) {
      if (consents.get(connection) !== connection.updatedAt) play(connection);
    }
  });
  return {
    [Symbol.dispose]() {
      isOver = true;
      listening[Symbol.dispose]();
    },
  };
}

const endReason = "The consent has ended. Sign in again to renew it.";

const steps: Readonly<Record<string, (world: World, connection: Connection) => void>> = {
  sync: (world, connection) => world.syncConnection(connection),
  expire: (world, connection) => world.announceExpiry(connection, "PENDING_EXPIRATION"),
  disconnect: (world, connection) => world.breakConnection(connection, endReason),
};

/** `POST /sandbox/connections/{connectionID}/{sync|expire|disconnect}`, for anybody; `null` for any other path. */
export function respondToScenarioStep(world: World, method: string, pathname: string): HttpResponse | null {
  const [, id = "", name = ""] = /^\/sandbox\/connections\/([^/]+)\/([a-z]+)$/.exec(pathname) ?? [];
  const play = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (play === undefined) return null;
  if (method !== "POST") return empty(405, { allow: "POST" });
  const connection = world.connections.find(({ connectionID }) => encodeURIComponent(connectionID) === id);
  if (connection === undefined) return errorResponse(notFound("connection"));
  play(world, connection);
  return json(200, { data: toWireConnection(connection) });
}
