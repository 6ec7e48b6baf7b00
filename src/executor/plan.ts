/** What of an execution depends on the operation alone: which fields each type selects, and how each is executed. */
import {
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNullableType,
  isLeafType,
  isNonNullType,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from "graphql";
import { asAboutDocument } from "./about-document.ts";
import { collectFields, hasVariable, type Variables } from "./collect-fields.ts";
import { toComplete } from "./complete.ts";
import { createPlanCache, type OperationPlans } from "./plan-cache.ts";
import type { Field, Fields, Plan } from "./run.ts";

type OperationParts = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
};

const plansOf = createPlanCache<OperationPlan>();

export function planOf(parts: OperationParts, variables: Variables): OperationPlan {
  const plans = plansOf(parts);
  const key = plans.toKey(variables);
  return plans.get(key) ?? new OperationPlan(parts, plans, key, plans.toConditions(variables));
}

/** Grows as executions meet types that it does not know yet. */
class OperationPlan implements Plan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Plan["fragments"];
  readonly #plans: OperationPlans<OperationPlan>;
  readonly #key: string;
  readonly #conditions: Variables;
  #root: Fields | undefined;
  #size = 0;

  constructor(
    { schema, operation }: OperationParts,
    plans: OperationPlans<OperationPlan>,
    key: string,
    conditions: Variables,
  ) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = plans.fragmentsByName;
    this.#plans = plans;
    this.#key = key;
    this.#conditions = conditions;
  }

  rootOf(type: GraphQLObjectType): Fields {
    this.#root ??= this.#toFields(type, [this.operation.selectionSet]);
    return this.#root;
  }

  below(field: Field, type: GraphQLObjectType): Fields {
    let fields = field.below.get(type);
    if (fields === undefined) {
      const sets = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      fields = this.#toFields(type, sets);
      field.below.set(type, fields);
    }
    return fields;
  }

  /** Keeps it for further executions, if that is worth its memory. */
  keep(): void {
    this.#plans.keep(this.#key, this, this.#size);
  }

  #toFields(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Fields {
    const { schema } = this;
    const selected = {
      schema,
      fragments: this.#plans.fragments,
      variables: this.#conditions,
      mayContinue: () => true,
      isStrict: true,
    };
    const fields = Array.from(collectFields(selected, type, sets), ([key, nodes]) => toField(schema, type, key, nodes));
    this.#size += fields.length;
    const all = fields.filter((field) => field !== null);
    // In a plain object `__proto__` is no key like others.
    const isPlain = all.every(({ key }) => key !== "__proto__");
    return { all, template: isPlain ? Object.fromEntries(all.map(({ key }) => [key, null])) : null };
  }
}

function toField(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
): Field | null {
  const [node] = nodes;
  const field = node && fieldOf(schema, parentType, node.name.value);
  if (node === undefined || field === undefined) return null; // validation lets no such field pass
  const resolve: Field["resolve"] = field.resolve ?? defaultFieldResolver;
  return {
    key,
    nodes,
    parentType,
    name: field.name,
    type: field.type,
    isNonNull: isNonNullType(field.type),
    resolve,
    isLeaf: isLeafType(getNullableType(field.type)),
    takesInfo: resolve.length === 0 || resolve.length > 3, // no parameter by name: it may take all
    toArgs: toArgs(field, node),
    complete: toComplete(field.type),
    below: new Map(),
  };
}

function fieldOf(schema: GraphQLSchema, type: GraphQLObjectType, name: string) {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}

/** Arguments without a variable are read once, and nobody may change them. */
function toArgs(field: GraphQLField<unknown, unknown>, node: FieldNode): Field["toArgs"] {
  if ((node.arguments ?? []).some(({ value }) => hasVariable(value))) {
    return (variables) => asAboutDocument(() => getArgumentValues(field, node, variables));
  }
  let args: Record<string, unknown> | undefined;
  return () => {
    args ??= freeze(asAboutDocument(() => getArgumentValues(field, node)));
    return args;
  };
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain) return value; // what a scalar has made is its own affair
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
