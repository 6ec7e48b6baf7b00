/** The gateway beside its peers: floor, gateway and peers in one run. */
import { type Figures, toMedians } from "../measure/figures.ts";
import { measureInTurn } from "../measure/load.ts";
import { fixed, type Print, printHead, toRow, whole } from "../measure/table.ts";
import { toFloor } from "../systems/floor.ts";
import { startStack } from "../systems/stack.ts";
import type { Chosen } from "../systems/systems.ts";
import { findFloor, prepare, type Settings } from "./loads.ts";

export async function printPeers(print: Print, settings: Settings, chosen: Chosen): Promise<void> {
  for (const delayMs of settings.delays) {
    await using upstream = await startStack(delayMs);
    const stack = upstream.ready;
    const kind = await findFloor(stack, settings);
    const systems = [toFloor(kind), ...chosen.systems];
    await prepare(systems, stack, settings);
    const loads = settings.queries.flatMap((name) =>
      settings.callers.map((callers) => ({
        name,
        callers,
        warmUpS: settings.warmUpS,
        seconds: settings.seconds,
      })),
    );
    const found: (readonly Figures[])[] = [];
    for (const load of loads)
      found.push((await measureInTurn(systems, load, { ...settings, stack })).map((rounds) => toMedians(rounds)));

    const titles = loads.map(({ name, callers }) => `${name}, ${callers === 1 ? "1 caller" : `${callers} callers`}`);
    print(
      `\nThe stack answers after ${delayMs} ms; the floor uses \`${kind.how}\` over ${kind.connections} connections.`,
    );
    for (const sentence of chosen.missing) print(sentence);
    print("");
    printHead(print, ["", ...titles.flatMap((title) => [`${title}: queries/s`, "of the floor", "processor ms"])]);
    for (const [at, { name }] of systems.entries()) {
      const cells = found.flatMap((figures) => {
        const [own, floor] = [figures[at], figures[0]];
        if (own === undefined || floor === undefined) return [];
        return [whole(own.perSecond), fixed(own.perSecond / floor.perSecond), fixed(own.cpuMs)];
      });
      print(toRow([name, ...cells]));
    }
    const gateway = systems.findIndex(({ name }) => name === "gateway");
    if (gateway === -1) continue;
    print("\nThe gateway's queries/s for each one of theirs:\n");
    printHead(print, ["gateway :", ...titles]);
    for (const [at, { name }] of systems.entries()) {
      if (at === gateway) continue;
      const ratios = found.map((all) => fixed((all[gateway]?.perSecond ?? 0) / (all[at]?.perSecond ?? 0)));
      print(toRow([name, ...ratios]));
    }
  }
}
