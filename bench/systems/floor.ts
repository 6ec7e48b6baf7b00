/** The floor as a system: bench/floor.ts, in one of its kinds. */
import { startProgram } from "./program.ts";
import { inOwnSchema, type System } from "./system.ts";

export type FloorKind = { readonly how: "request" | "dispatch"; readonly connections: number };

/** The fastest of these is the floor. */
export const floorKinds = [64, 256].flatMap((connections) =>
  (["request", "dispatch"] as const).map((how): FloorKind => ({ how, connections })),
);

/** Mostly the fastest: for checks, and where not the floor but its neighbour is looked at. */
export const usualFloor = (delayMs: number): FloorKind => ({
  how: "dispatch",
  connections: delayMs === 0 ? 64 : 256,
});

export const toFloor = ({ how, connections }: FloorKind): System => ({
  ...inOwnSchema,
  name: "floor",
  async start({ url, clientId, clientSecret }) {
    const args = ["bench/floor.ts", url, clientId, clientSecret, String(connections), how];
    const command = [process.execPath, "--max-semi-space-size=64", ...args];
    const { ready, ...program } = await startProgram<{ url: string }>("The floor", "first", command);
    return { ...program, url: ready.url, headers: {} };
  },
});
