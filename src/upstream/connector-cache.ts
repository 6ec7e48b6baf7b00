/** A short cache of connectors, which nearly every page of a front end names. */
import { LRUCache } from "lru-cache";
import type { Connector } from "./wire-types.ts";

export type KnownConnectors = {
  get(id: string): Connector | undefined;
  set(id: string, connector: Connector): void;
};

/** How long a change of a connector may go unnoticed. Operators rarely change them. */
const ttlMs = 10_000;
/** A stack has a handful. */
const maxEntries = 1000;

/** Absence is not cached: a new connector is visible at once. */
export function createKnownConnectors(): KnownConnectors {
  return new LRUCache<string, Connector>({ max: maxEntries, ttl: ttlMs });
}
