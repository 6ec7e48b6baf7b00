/** All systems, by the names that the command line has for them. */
import { type FloorKind, toFloor } from "./floor.ts";
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

/**
 * The systems that were asked for and run here, the floor first, and a sentence on each of the others.
 * @throws when one was asked for by name and does not run here.
 */
export function chooseSystems({ names, peer }: Choice, floor: FloorKind) {
  const byName: Readonly<Record<SystemName, System>> = {
    floor: toFloor(floor),
    gateway: toGateway(),
    yoga,
    mercurius,
    tailcall,
  };
  const asked = (names ?? systemNames).map((name) => byName[name]);
  const others = asked.filter((system) => system !== byName.floor);
  const all = [byName.floor, ...others, ...(peer === undefined ? [] : [toNamedPeer(peer)])];
  const checked = all.map((system) => ({ system, missing: system.missing }));
  const missing = checked.flatMap((one) => (one.missing === null ? [] : [one.missing]));
  if (names !== undefined && missing.length > 0) throw new Error(missing.join("\n"));
  return { systems: checked.filter((one) => one.missing === null).map(({ system }) => system), missing };
}
