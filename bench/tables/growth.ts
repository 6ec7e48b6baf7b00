/** How the cost of a call of the stack grows: with callers, with the stack's delay, with calls of a query, with a list. */
import type { WorldSize } from "../../sandbox/seed/uniform-world.ts";
import { toMedians } from "../measure/figures.ts";
import { measureInTurn } from "../measure/load.ts";
import { fixed, type Print, printHead, toRow, whole } from "../measure/table.ts";
import { walk } from "../measure/walk.ts";
import type { WalkName } from "../queries.ts";
import { toFloor, usualFloor } from "../systems/floor.ts";
import { toGateway } from "../systems/gateway.ts";
import { startStack } from "../systems/stack.ts";
import { prepare, type Settings } from "./loads.ts";

const sizes: readonly { readonly perUser: number; readonly size: WorldSize }[] = [
  { perUser: 4, size: { people: 1000, connectionsEach: 1, accountsEach: 1 } },
  { perUser: 12, size: { people: 1000, connectionsEach: 3, accountsEach: 3 } },
];

/** One user of 2,000 accounts and 100,000 payments. */
const long: WorldSize = { people: 1, connectionsEach: 1, accountsEach: 2000, paymentsEach: 50 };
const lists: readonly { readonly list: WalkName; readonly mostPages: number }[] = [
  { list: "accounts", mostPages: Number.POSITIVE_INFINITY },
  { list: "payments", mostPages: 50 },
];

export async function printGrowth(print: Print, settings: Settings): Promise<void> {
  const { session, warmUpS, seconds } = settings;
  print("\nEach query is for random users out of 1,000. Beside each figure of the gateway stands the floor's.\n");
  printHead(print, [
    ...["query", "calls", "stack's delay, ms", "callers", "queries/s", "floor's", "median ms", "floor's"],
    ...["processor ms", "floor's", "calls/s", "floor's", "processor µs a call", "floor's", "of the floor"],
  ]);
  for (const { size } of sizes) {
    for (const delayMs of settings.delays) {
      await using upstream = await startStack(delayMs, size);
      const stack = upstream.ready;
      const floor = toFloor(settings.floor ?? usualFloor(delayMs));
      const systems = [toGateway(), floor];
      await prepare([floor, toGateway()], stack, settings);
      for (const name of settings.queries) {
        for (const callers of settings.callers) {
          const found = await measureInTurn(systems, { name, callers, warmUpS, seconds }, { ...settings, stack });
          const both = found.map(toMedians);
          const [own, other] = both.map(({ cpuMs, calls }) => (cpuMs * 1000) / calls);
          print(
            toRow([
              name,
              fixed(both[1]?.calls ?? Number.NaN),
              delayMs,
              callers,
              ...both.map(({ perSecond }) => whole(perSecond)),
              ...both.map(({ medianMs }) => fixed(medianMs)),
              ...both.map(({ cpuMs }) => fixed(cpuMs)),
              ...both.map(({ perSecond, calls }) => whole(perSecond * calls)),
              ...[own, other].map((us) => whole(us ?? Number.NaN)),
              fixed((own ?? Number.NaN) / (other ?? Number.NaN)),
            ]),
          );
        }
      }
    }
  }

  print("\nOne user of 2,000 accounts and 100,000 payments, read by one caller in pages of 100:\n");
  printHead(print, [
    ...["list", "stack's delay, ms", "pages", "rows", "pages/s", "median ms a page", "of the first tenth"],
    ...["of the last tenth", "processor ms a page", "calls a page", "processor µs a call"],
  ]);
  for (const delayMs of settings.delays) {
    await using upstream = await startStack(delayMs, long);
    const stack = upstream.ready;
    for (const { list, mostPages } of lists) {
      await using target = await toGateway().start(stack, session);
      const found = await walk(target, stack, { list, mostPages, warmUpS, seconds });
      print(
        toRow([
          list,
          delayMs,
          found.pages,
          found.rows,
          whole(found.perSecond),
          fixed(found.medianMs),
          fixed(found.firstMs),
          fixed(found.lastMs),
          fixed(found.cpuMs),
          fixed(found.calls),
          whole((found.cpuMs * 1000) / found.calls),
        ]),
      );
    }
  }
}
