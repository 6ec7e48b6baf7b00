/** Keeps plans of operations, so that each is made once: by schema, operation and the values of its condition variables. */
import type { DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { conditionVariablesOf, type Fragments, fragmentsOf, toConditionKey, type Variables } from "./collect-fields.ts";

type OperationParts = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
};

/** What the operations of one document share. */
type DocumentParts = {
  readonly fragments: Fragments;
  readonly fragmentsByName: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly conditionVariables: readonly string[];
  /** Fields that further plans may have. */
  budget: number;
};

const maxPlansPerOperation = 8;
/**
 * Characters of a document for each field of the plans that are kept: fragments, conditions and operations multiply
 * fields, but not characters.
 */
const charactersPerField = 4;

/** The plans of one operation. */
export class OperationPlans<Plan> {
  readonly #document: DocumentParts;
  readonly #kept = new Map<string, { readonly plan: Plan; readonly size: number }>();

  constructor(document: DocumentParts) {
    this.#document = document;
  }

  get fragments(): Fragments {
    return this.#document.fragments;
  }

  get fragmentsByName(): DocumentParts["fragmentsByName"] {
    return this.#document.fragmentsByName;
  }

  toKey(variables: Variables): string {
    return toConditionKey(this.#document.conditionVariables, variables);
  }

  /** All that a plan may keep of the variables: it outlives the request that it was made for. */
  toConditions(variables: Variables): Variables {
    const given = this.#document.conditionVariables.filter((name) => Object.hasOwn(variables, name));
    return Object.fromEntries(given.map((name) => [name, variables[name]]));
  }

  get(key: string): Plan | undefined {
    return this.#kept.get(key)?.plan;
  }

  /** Keeps a plan while its document's budget allows that. A plan that has grown since is counted anew. */
  keep(key: string, plan: Plan, size: number): void {
    const known = this.#kept.get(key);
    if (known === undefined ? this.#kept.size >= maxPlansPerOperation : known.plan !== plan || known.size === size)
      return;
    const added = size - (known?.size ?? 0);
    if (added <= this.#document.budget) {
      this.#document.budget -= added;
      this.#kept.set(key, { plan, size });
    } else if (known !== undefined) {
      this.#document.budget += known.size;
      this.#kept.delete(key);
    }
  }
}

export function createPlanCache<Plan>(): (parts: OperationParts) => OperationPlans<Plan> {
  const bySchema = new WeakMap<GraphQLSchema, WeakMap<OperationDefinitionNode, OperationPlans<Plan>>>();
  const documentsBySchema = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, DocumentParts>>();
  return ({ schema, document, operation }) =>
    getOrCreate(getOrCreate(bySchema, schema, createWeakMap), operation, () => {
      const documents = getOrCreate(documentsBySchema, schema, createWeakMap);
      return new OperationPlans(getOrCreate(documents, document, () => toDocumentParts(document)));
    });
}

function toDocumentParts(document: DocumentNode): DocumentParts {
  const fragments = fragmentsOf(document);
  return {
    fragments,
    fragmentsByName: Object.fromEntries(fragments),
    conditionVariables: conditionVariablesOf(document),
    budget: (document.loc?.end ?? 0) / charactersPerField,
  };
}

const createWeakMap = () => new WeakMap<never, never>();

function getOrCreate<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
