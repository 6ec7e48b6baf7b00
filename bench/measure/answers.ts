/** Whether systems answer right: all alike on a stack's world, and as they must on its edges. */
import { type QueryName, toVariables } from "../queries.ts";
import type { Session } from "../systems/session.ts";
import type { Stack } from "../systems/stack.ts";
import { type System, send, type Target, type Variables } from "../systems/system.ts";
import type { UserTree } from "../systems/trees.ts";

/** A sentence on what one system answers to one kind of question. What it is known not to do is not wrong. */
export type Finding = { readonly verdict: "right" | "wrong" | "known"; readonly text: string };

const atOnce = 8;

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

const ask = async (system: System, target: Target, query: QueryName, variables: Variables): Promise<unknown> =>
  system.read(query, await send(target, system.toOperation(query, variables)));

/** Where the texts part. */
function toDifference(expected: string, got: string): string {
  let at = 0;
  while (at < got.length && got[at] === expected[at]) at += 1;
  const around = (text: string) => `…${text.slice(Math.max(0, at - 60), at + 60)}…`;
  return `${around(got)} instead of ${around(expected)}`;
}

/**
 * Compares the answers of all systems with those of the first. Afterwards the stack has each response that they need in
 * memory.
 * @param most how many of each query are asked.
 */
export async function compareAnswers(
  systems: readonly System[],
  queries: readonly QueryName[],
  { stack, session }: { readonly stack: Stack; readonly session: Session },
  most = Number.POSITIVE_INFINITY,
): Promise<readonly Finding[]> {
  const expected = new Map<string, string>();
  const findings: Finding[] = [];
  for (const system of systems) {
    await using target = await system.start(stack, session);
    for (const query of queries) {
      const asked = toVariables(query, stack.psuIds).slice(0, most);
      const wrong: string[] = [];
      await inParallel(asked, async (variables) => {
        const key = `${query} ${JSON.stringify(variables)}`;
        try {
          const got = JSON.stringify(await ask(system, target, query, variables));
          if (system === systems[0]) expected.set(key, got);
          else if (got !== expected.get(key)) wrong.push(toDifference(expected.get(key) ?? "an answer", got));
        } catch (error) {
          wrong.push(String(error));
        }
      });
      const [first] = wrong;
      const subject = `${system.name}, ${query}`;
      findings.push(
        first === undefined
          ? { verdict: "right", text: `${subject}: right (${asked.length})` }
          : { verdict: "wrong", text: `${subject}: WRONG (${wrong.length} of ${asked.length}): ${first}` },
      );
    }
  }
  return findings;
}

const toCounts = ({ connections }: UserTree) => connections.map(({ accounts }) => accounts.length).join("+");
/** The accounts of each connection, without those whose names do not match. */
const toNames =
  (pattern: RegExp) =>
  ({ connections }: UserTree) =>
    connections
      .map(({ accounts }) =>
        accounts
          .map(({ name }) => name)
          .filter((name) => pattern.test(name))
          .sort()
          .join("+"),
      )
      .join(" | ");
const balancesOf = (name: string) => (user: UserTree) =>
  user.connections.flatMap(({ accounts }) => accounts.find((one) => one.name === name)?.balances ?? []).join();

/** What a system can get wrong, on the world of edges (bench/worlds.ts). */
const edges: readonly {
  readonly name: string;
  /** Which user is asked for; all of them at once when left out. */
  readonly user?: 0 | 1 | 2;
  toText(users: readonly UserTree[]): string;
  readonly expected: string;
}[] = [
  ...Object.entries({
    "Twenty digits": "ETH 12.345678901234567891",
    "Beyond a double": "EUR 90071992547409.93",
    "No scale": "JPY 120",
    "Negative cents": "EUR -0.05",
  }).map(([name, expected]) => ({
    name: name.toLowerCase(),
    user: 0 as const,
    toText: (users: readonly UserTree[]) => users.map(balancesOf(name)).join(),
    expected,
  })),
  {
    name: "one connection id of two connectors",
    user: 0,
    toText: (users) => users.map(toNames(/^(?!Other)/)).join(),
    expected: "Beyond a double+Twenty digits | Negative cents+No scale",
  },
  {
    name: "one connection id of two users",
    user: 1,
    toText: (users) => users.map(toNames(/./)).join(),
    expected: "Other 1+Other 2 | Other 3+Other 4",
  },
  { name: "a user of 130 accounts", user: 2, toText: (users) => users.map(toCounts).join(), expected: "130" },
  { name: "three users at once", toText: (users) => users.map(toCounts).join(), expected: "2+2,2+2,130" },
];

/** Asks each system for what is at the edges. The stack has the world of edges. */
export async function checkEdges(
  systems: readonly System[],
  { stack, session }: { readonly stack: Stack; readonly session: Session },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const system of systems) {
    await using target = await system.start(stack, session);
    for (const { name, user, toText, expected } of edges) {
      const answer =
        user === undefined
          ? ask(system, target, "TreeApart", { ids: stack.psuIds })
          : ask(system, target, "OneApart", { psuId: stack.psuIds[user] });
      const got = await answer.then((found) => toText([found].flat() as UserTree[]), String);
      const reason = system.cannot[name];
      const subject = `${system.name}, ${name}`;
      if (got === expected) findings.push({ verdict: "right", text: `${subject}: right` });
      else if (reason !== undefined) findings.push({ verdict: "known", text: `${subject}: cannot: ${reason}` });
      else findings.push({ verdict: "wrong", text: `${subject}: WRONG: ${got} instead of ${expected}` });
    }
  }
  return findings;
}
