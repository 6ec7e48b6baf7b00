/** How long the gateway takes from its start to ready, and its memory at rest. */

import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { median } from "../measure/figures.ts";
import type { Print } from "../measure/table.ts";
import { startGateway } from "../systems/gateway.ts";
import { launch, usage } from "../systems/program.ts";
import { readStartArguments } from "../systems/session.ts";
import { startStack } from "../systems/stack.ts";
import type { Settings } from "./loads.ts";

async function build(): Promise<void> {
  await using program = launch("others", ["npm", "run", "build"], { stdio: ["ignore", "ignore", "inherit"] });
  const [status] = (await once(program.child, "exit")) as [number | null];
  if (status !== 0) throw new Error("`npm run build` failed.");
}

export async function printStart(print: Print, { session, rounds }: Settings): Promise<void> {
  await build();
  const sources = await readStartArguments();
  /** As the image runs it, after `npm run build`. */
  const compiled = sources.map((word) => (word === "src/cli/bin.js" ? "dist/src/cli/bin.js" : word));
  await using upstream = await startStack(0);
  const starts = ["compiled", "first", "later"].map((name) => ({ name, ms: [] as number[], mb: [] as number[] }));
  for (let round = 0; round < 2 * rounds - 1; round += 1) {
    for (const { name, ms, mb } of starts) {
      const isCompiled = name === "compiled";
      const cache = join(session.folder, `${isCompiled ? "image" : "sources"}-${round}`);
      const options = { cache, args: isCompiled ? compiled : sources };
      await using gateway = await startGateway(upstream.ready, session, options);
      ms.push(gateway.startMs);
      await wait(1000);
      mb.push((await usage(gateway.pid)).mb);
    }
  }
  const [image, first, later] = starts.map(
    ({ ms, mb }) => `${median(ms).toFixed(0)} ms and ${median(mb).toFixed(0)} MB at rest`,
  );
  print(`\nFrom its start to ready, as the image runs it, compiled: ${image}.`);
  print(`By \`npm start\`, from the sources: ${first} the first time, ${later} from then on.`);
}
