import { LRUCache } from "lru-cache";
import type { Connector } from "./wire-types.ts";

/** Connectors that the service has answered with lately, by id. */
export type KnownConnectors = {
  get(id: string): Connector | undefined;
  set(id: string, connector: Connector): void;
};

/**
 * So long a connector that was renamed or removed in the stack is still as it was before. Operators set connectors up
 * and then leave them alone, while nearly every page of a front end names some.
 */
const keptMs = 10_000;
/** A stack has a handful. */
const mostKept = 1000;

/** Never remembers that one is missing: a new connector is seen at once. */
export function createKnownConnectors(): KnownConnectors {
  return new LRUCache<string, Connector>({ max: mostKept, ttl: keptMs });
}
