/** Refuses documents that select one field of one place hundreds of times: validation compares each with each. */
import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from "graphql";
import { tooComplex } from "../errors.ts";

/** Of one response key in one place; fragments of a large app that meet in one place select its `id` some dozens of times. */
const maxRepetitions = 100;
/** Selections that are visited, with fragments counted wherever they are spread. */
const maxVisited = 20_000;

/**
 * @param document without fragments in a circle; what is wrong with it otherwise is ignored here.
 * @throws QUERY_TOO_COMPLEX
 */
export function checkRepetition(document: DocumentNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let visited = 0;

  /** The selection sets of each response key, as they are merged by execution. */
  function group(sets: readonly SelectionSetNode[]): ReadonlyMap<string, Group> {
    const groups = new Map<string, Group>();
    const spread = new Set<string>();
    const pending = [...sets];
    for (let set = pending.pop(); set !== undefined; set = pending.pop()) {
      for (const selection of set.selections) {
        visited += 1;
        if (visited > maxVisited)
          throw tooLarge(maxVisited, "selections, with fragments counted wherever they are spread");
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          pending.push(selection.selectionSet);
        } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
          const fragment = fragments.get(selection.name.value);
          if (fragment === undefined || spread.has(fragment.name.value)) continue;
          spread.add(fragment.name.value);
          pending.push(fragment.selectionSet);
        } else {
          const key = (selection.alias ?? selection.name).value;
          const same = groups.get(key) ?? { count: 0, sets: [] };
          groups.set(key, same);
          same.count += 1;
          if (same.count > maxRepetitions) throw tooLarge(maxRepetitions, `fields called "${key}" in one place`);
          if (selection.selectionSet !== undefined) same.sets.push(selection.selectionSet);
        }
      }
    }
    return groups;
  }

  const pending: (readonly SelectionSetNode[])[] = document.definitions.flatMap((definition) =>
    "selectionSet" in definition ? [[definition.selectionSet]] : [],
  );
  for (let sets = pending.pop(); sets !== undefined; sets = pending.pop()) {
    for (const same of group(sets).values()) if (same.sets.length > 0) pending.push(same.sets);
  }
}

type Group = { count: number; readonly sets: SelectionSetNode[] };

function tooLarge(limit: number, what: string) {
  return tooComplex(`The document is too large: ${what}, ${limit} at the most.`, { limit });
}
