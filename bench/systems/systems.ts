/** All systems, by the names that the command line has for them. */
import { ExplainedError } from "../../src/cli/explained-error.ts";
import { toGateway } from "./gateway.ts";
import { mercurius, toNamedPeer, yoga } from "./peers.ts";
import type { System } from "./system.ts";
import { tailcall } from "./tailcall.ts";

export const systemNames = ["floor", "gateway", "yoga", "mercurius", "tailcall"] as const;
export type SystemName = (typeof systemNames)[number];

export type Choice = {
  /** Undefined: all. */
  readonly names: readonly SystemName[] | undefined;
  /** The command of a further peer. */
  readonly peer: string | undefined;
};

/** What stands beside the floor, which is always there. */
export type Chosen = {
  readonly systems: readonly System[];
  /** A sentence on each that does not run here. */
  readonly missing: readonly string[];
};

const byName: Readonly<Record<Exclude<SystemName, "floor">, System>> = {
  gateway: toGateway(),
  yoga,
  mercurius,
  tailcall,
};

/** @throws when one was asked for by name and does not run here. */
export function chooseSystems({ names, peer }: Choice): Chosen {
  const asked = (names ?? systemNames).flatMap((name) => (name === "floor" ? [] : [byName[name]]));
  const all = [...asked, ...(peer === undefined ? [] : [toNamedPeer(peer)])];
  const checked = all.map((system) => ({ system, missing: system.missing }));
  const missing = checked.flatMap((one) => (one.missing === null ? [] : [one.missing]));
  if (names !== undefined && missing.length > 0) throw new ExplainedError(missing.join("\n"));
  return { systems: checked.filter((one) => one.missing === null).map(({ system }) => system), missing };
}
