/** Two checkouts of the gateway beside each other, pair by pair: how a piece written by hand is judged. */
import { resolve } from "node:path";
import { type Figures, median, toMedians } from "../measure/figures.ts";
import { measureInTurn } from "../measure/load.ts";
import { fixed, type Print, printHead, toRow, whole } from "../measure/table.ts";
import { toFloor, usualFloor } from "../systems/floor.ts";
import { toGateway } from "../systems/gateway.ts";
import { startStack } from "../systems/stack.ts";
import { prepare, type Settings } from "./loads.ts";

const columns = [
  ...["query", "callers", "queries/s", "other's", "ratio, round by round", "median"],
  ...["processor ms", "other's", "ratio, round by round", "median"],
];

/** @param checkout the folder of the other one, with its packages installed. */
export async function printAgainst(print: Print, settings: Settings, checkout: string): Promise<void> {
  const systems = [toGateway(), toGateway({ name: "other", checkout: resolve(checkout) })];
  for (const delayMs of settings.delays) {
    await using upstream = await startStack(delayMs);
    const stack = upstream.ready;
    await prepare([toFloor(settings.floor ?? usualFloor(delayMs)), ...systems], stack, settings);
    print(`\nThe stack answers after ${delayMs} ms. A ratio is this checkout's figure for each of the other's.\n`);
    printHead(print, columns);
    for (const name of settings.queries) {
      for (const callers of settings.callers) {
        const load = { name, callers, warmUpS: settings.warmUpS, seconds: settings.seconds };
        const [own = [], other = []] = await measureInTurn(systems, load, { ...settings, stack });
        const cells = (key: "perSecond" | "cpuMs", show: (value: number) => string) => {
          const ratios = own.map(
            (one, round) => one[key] / ((other[round] as Figures | undefined)?.[key] ?? Number.NaN),
          );
          return [
            show(toMedians(own)[key]),
            show(toMedians(other)[key]),
            ratios.map(fixed).join(" "),
            fixed(median(ratios)),
          ];
        };
        print(toRow([name, callers, ...cells("perSecond", whole), ...cells("cpuMs", fixed)]));
      }
    }
  }
}
