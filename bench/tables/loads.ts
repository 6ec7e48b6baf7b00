/** The gateway against the floor: each query, with one, ten and fifty callers, over a stack that is fast or slow. */
import { compareAnswers } from "../measure/answers.ts";
import { type Figures, toMedians } from "../measure/figures.ts";
import { type LoadName, measure, measureInTurn } from "../measure/load.ts";
import { fixed, type Print, printHead, toRow, whole } from "../measure/table.ts";
import { mix, type QueryName } from "../queries.ts";
import { type FloorKind, floorKinds, toFloor } from "../systems/floor.ts";
import { toGateway } from "../systems/gateway.ts";
import type { Session } from "../systems/session.ts";
import { type Stack, startStack } from "../systems/stack.ts";
import type { System } from "../systems/system.ts";

export type Settings = {
  readonly session: Session;
  readonly rounds: number;
  readonly warmUpS: number;
  readonly seconds: number;
  readonly queries: readonly LoadName[];
  readonly callers: readonly number[];
  /** Of the stack's responses, in milliseconds. */
  readonly delays: readonly number[];
  /** Undefined: the fastest is found. */
  readonly floor: FloorKind | undefined;
};

/** The queries that a load sends. */
export const toQueries = (loads: readonly LoadName[]): readonly QueryName[] => [
  ...new Set(loads.flatMap((load) => (load === "Mixed" ? mix : [load]))),
];

/** @throws when a system answers wrong. Afterwards the stack answers all of these queries from memory. */
export async function prepare(systems: readonly System[], stack: Stack, { session, queries }: Settings): Promise<void> {
  const findings = await compareAnswers(systems, toQueries(queries), { stack, session });
  const wrong = findings.filter(({ verdict }) => verdict === "wrong").map(({ text }) => text);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

/** The floor that was chosen, or else the fastest of its kinds. */
export async function findFloor(stack: Stack, settings: Settings): Promise<FloorKind> {
  if (settings.floor !== undefined) return settings.floor;
  const { session, warmUpS, seconds } = settings;
  const found: { readonly kind: FloorKind; readonly perSecond: number }[] = [];
  for (const kind of floorKinds) {
    const floor = toFloor(kind);
    if (found.length === 0) await prepare([floor], stack, { ...settings, queries: ["Tree"] });
    await using target = await floor.start(stack, session);
    const load = { name: "Tree", callers: 10, warmUpS, seconds } as const;
    found.push({ kind, perSecond: (await measure(floor, target, load, stack)).perSecond });
  }
  const [best] = found.toSorted((a, b) => b.perSecond - a.perSecond);
  if (best === undefined) throw new Error("There is no floor.");
  return best.kind;
}

const columns = [
  ...["query", "callers", "queries/s", "of the floor", "median ms", "of the floor", "p99 : median", "the floor's"],
  ...["processor ms", "of the floor", "calls", "peak MB", "of the floor"],
];

/** @param profile a folder for processor profiles of the gateway: then the floor is not measured. */
export async function printLoads(print: Print, settings: Settings, profile?: string): Promise<void> {
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  for (const delayMs of settings.delays) {
    await using upstream = await startStack(delayMs);
    const stack = upstream.ready;
    const kind = await findFloor(stack, settings);
    const floor = toFloor(kind);
    await prepare([floor, toGateway()], stack, settings);
    print(
      `\nThe stack answers after ${delayMs} ms; the floor uses \`${kind.how}\` over ${kind.connections} connections.\n`,
    );
    printHead(print, columns);
    const systems = [toGateway({ flags }), ...(profile === undefined ? [floor] : [])];
    for (const name of settings.queries) {
      for (const callers of settings.callers) {
        const load = { name, callers, warmUpS: settings.warmUpS, seconds: settings.seconds };
        const [own = [], floors = []] = await measureInTurn(systems, load, { ...settings, stack });
        print(toLoadRow(name, callers, toMedians(own), toMedians(floors)));
      }
    }
  }
}

function toLoadRow(name: LoadName, callers: number, own: Figures, floor: Figures): string {
  return toRow([
    name,
    callers,
    whole(own.perSecond),
    fixed(own.perSecond / floor.perSecond),
    fixed(own.medianMs),
    fixed(own.medianMs / floor.medianMs),
    fixed(own.p99Ms / own.medianMs),
    fixed(floor.p99Ms / floor.medianMs),
    fixed(own.cpuMs),
    fixed(own.cpuMs / floor.cpuMs),
    Number.isNaN(floor.calls) ? own.calls.toFixed(1) : `${own.calls.toFixed(1)} of ${floor.calls.toFixed(1)}`,
    whole(own.peakMb),
    fixed(own.peakMb / floor.peakMb),
  ]);
}
