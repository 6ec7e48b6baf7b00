/** Whether all systems answer right, on the bench's world and on one of edges; nothing is measured. */
import { checkEdges, compareAnswers, type Finding } from "../measure/answers.ts";
import type { Print } from "../measure/table.ts";
import { toFloor, usualFloor } from "../systems/floor.ts";
import { startStack } from "../systems/stack.ts";
import type { Chosen } from "../systems/systems.ts";
import { type Settings, toQueries } from "./loads.ts";

/** How many of each query are asked. */
const most = 20;

/** Returns whether all is right. */
export async function printCheck(print: Print, settings: Settings, chosen: Chosen): Promise<boolean> {
  const { session, queries, floor = usualFloor(0) } = settings;
  const systems = [toFloor(floor), ...chosen.systems];
  for (const sentence of chosen.missing) print(sentence);
  const findings: Finding[] = [];
  const tell = (found: readonly Finding[]) => {
    findings.push(...found);
    for (const { text } of found) print(text);
  };
  {
    print("\nOn the world of edges:");
    await using upstream = await startStack(0, "edges");
    tell(await checkEdges(systems, { stack: upstream.ready, session }));
  }
  print("\nOn the world of the bench, compared with the floor:");
  await using upstream = await startStack(0);
  tell(await compareAnswers(systems, toQueries(queries), { stack: upstream.ready, session }, most));
  const count = (verdict: Finding["verdict"]) => findings.filter((one) => one.verdict === verdict).length;
  const [wrong, known] = [count("wrong"), count("known")];
  const exceptions = known === 0 ? "" : `, but for ${known} that a system is known not to give`;
  print(wrong === 0 ? `\nAll answers are right${exceptions}.` : `\n${wrong} of ${findings.length} are wrong.`);
  return wrong === 0;
}
