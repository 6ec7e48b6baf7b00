/**
 * `npm run bench`: the gateway against a floor written by hand, and what subscribers and a start cost. The options choose
 * other tables, and restrict what is measured: docs/performance.md lists them. It prints, and writes nothing but with
 * `--record`, which measures all and writes RESULTS.md.
 */
import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { readOrExit } from "../src/cli/command.ts";
import { guardRun } from "../test/support/guard.ts";
import type { LoadName } from "./measure/load.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { measureSubscriptions, subscriptionDefaults, toSubscriptionTable } from "./subscriptions.ts";
import { canPin, leaveFirstProcessor } from "./systems/program.ts";
import { createSession, type Session } from "./systems/session.ts";
import { printAgainst } from "./tables/against.ts";
import { printCheck } from "./tables/check.ts";
import { printGrowth } from "./tables/growth.ts";
import { printLoads, type Settings } from "./tables/loads.ts";
import { printPeers } from "./tables/peers.ts";
import { printStart } from "./tables/start.ts";

const apart: readonly LoadName[] = ["FlatApart", "OneApart", "TreeApart"];
const shared: readonly LoadName[] = ["Flat", "One", "Tree"];

const usual = { queries: apart, callers: [10], delays: [0], rounds: 5, warmUpS: 5, seconds: 4, floor: undefined };
const loads = { ...usual, callers: [1, 10, 50], delays: [0, 10], rounds: 3 };
const kindsOfLoads = [
  { title: "Callers apart", queries: [...apart, "Mixed"] },
  { title: "Callers with the same query", queries: shared },
] as const;

function toMachine(): string {
  const [{ model = "unknown" } = {}] = cpus();
  const pinned = canPin ? "what is measured alone on the first" : "nothing pinned";
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  const day = new Date().toISOString().slice(0, 10);
  return `${cpus().length} processors (${model.trim()}), ${pinned}; ${memory}; Node ${process.versions.node}; ${day}.`;
}

const lines: string[] = [];
function print(line: string): void {
  lines.push(line);
  process.stdout.write(`${line}\n`);
}
function begin(title: string, { rounds, seconds, warmUpS }: Settings): void {
  const times = rounds === 1 ? "One round" : `Medians of ${rounds} rounds`;
  print(`\n## ${title}\n\n${times} of ${seconds} s, behind ${warmUpS} s of warm-up.`);
}

/** Returns whether what it checks is right. */
async function run(options: Options, session: Session): Promise<boolean> {
  const { peers, growth, check, record, against, profile, chosen } = options;
  const toSettings = (defaults: Omit<Settings, "session">): Settings => ({ ...defaults, ...options.settings, session });
  const isPlain = record || (!(peers || growth || check) && against === undefined);
  print(toMachine());
  const isRight = !check || (await printCheck(print, toSettings({ ...usual, queries: [...shared, ...apart] }), chosen));
  if (isPlain) {
    for (const { title, queries } of kindsOfLoads) {
      const settings = toSettings({ ...loads, queries });
      const asked = settings.queries.filter((name) => queries.some((one) => one === name));
      if (asked.length === 0) continue;
      begin(title, settings);
      await printLoads(print, { ...settings, queries: asked }, profile);
    }
  }
  if (peers || record) {
    begin("Peers", toSettings(usual));
    await printPeers(print, toSettings(usual), chosen);
  }
  if (against !== undefined) {
    begin("Against another checkout", toSettings(usual));
    await printAgainst(print, toSettings(usual), against);
  }
  if (growth || record) {
    const settings = toSettings({ ...loads, queries: ["OneApart", "TreeApart"], rounds: 1 });
    begin("Growth", settings);
    await printGrowth(print, settings);
  }
  if (isPlain && profile === undefined) {
    if (options.subscriptions) {
      print("\n## Subscribers\n");
      print(toSubscriptionTable(subscriptionDefaults, await measureSubscriptions(subscriptionDefaults)));
    }
    print("\n## Start");
    await printStart(print, toSettings(loads));
  }
  return isRight;
}

const options = readOrExit(usage, readOptions);
guardRun();
leaveFirstProcessor();
using session = await createSession();
if (!(await run(options, session))) process.exitCode = 1;
if (options.record) {
  const [head] = (await readFile("bench/RESULTS.md", "utf8")).split("<!-- measured -->");
  await writeFile("bench/RESULTS.md", `${head}<!-- measured -->\n\n${lines.join("\n")}\n`);
}
