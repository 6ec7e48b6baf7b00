import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from "graphql";

/** Variables by name. */
export type Variables = Readonly<Record<string, unknown>>;

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/** The variables of `@skip` and `@include`: which fields are asked for depends on no other. */
export function conditionVariablesOf(document: DocumentNode): readonly string[] {
  const switches = new Set<string>();
  visit(document, {
    Directive({ name, arguments: [condition] = [] }) {
      const isSwitch = name.value === "skip" || name.value === "include";
      if (isSwitch && condition?.value.kind === Kind.VARIABLE) switches.add(condition.value.name.value);
    },
  });
  return [...switches];
}

/** The state of the switches as text. */
export function toConditionKey(switches: readonly string[], variables: Variables): string {
  let key = "";
  for (const name of switches) key += variables[name] === true ? "1" : variables[name] === false ? "0" : "-";
  return key;
}

export type Selected = {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly variables: Variables;
  /** Asked before each selection; `false` stops. */
  readonly goesOn: () => boolean;
  /** Whether what a switch is null for is an error, as it is for execution; otherwise it counts as asked for. */
  readonly isStrict: boolean;
};

/**
 * What selection sets ask of one object type, by response key in order, as the specification's CollectFields: those of
 * one key are one field.
 * @throws the GraphQLError of a switch that is null, where that is asked for.
 */
export function collectFields(
  { schema, fragments, variables, goesOn, isStrict }: Selected,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();

  function applies(condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const other = schema.getType(condition);
    return isAbstractType(other) && schema.isSubType(other, type);
  }

  function add({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (!goesOn()) return;
      if (selection.kind === Kind.FRAGMENT_SPREAD && spread.has(selection.name.value)) continue;
      if (!isOn(selection, variables, isStrict)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const same = fields.get(key);
        if (same === undefined) fields.set(key, [selection]);
        else same.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection.typeCondition?.name.value)) add(selection.selectionSet);
      } else {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined && applies(fragment.typeCondition.name.value)) add(fragment.selectionSet);
      }
    }
  }

  for (const set of sets) add(set);
  return fields;
}

/**
 * Whether execution will ask what this field answers, objects of one type, for their field of this name: so that a
 * resolver may begin to read for it at once.
 */
export function asksFor(info: GraphQLResolveInfo, fieldName: string): boolean {
  const type = getNamedType(info.returnType);
  if (!isObjectType(type)) return false;
  const fragments = new Map(Object.entries(info.fragments));
  const selected = {
    schema: info.schema,
    fragments,
    variables: info.variableValues,
    goesOn: () => true,
    isStrict: false,
  };
  const sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return collectFields(selected, type, sets)
    .values()
    .some(([field]) => field?.name.value === fieldName);
}

function isOn(node: SelectionNode, variables: Variables, isStrict: boolean): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  try {
    if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] !== false;
  } catch (error) {
    if (isStrict) throw error;
    return true;
  }
}

export function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(hasVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => hasVariable(field.value));
}
