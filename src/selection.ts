import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
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
export function switchesOf(document: DocumentNode): readonly string[] {
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
export function toSwitchKey(switches: readonly string[], variables: Variables): string {
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
};

/**
 * What selection sets ask of one object type, by response key in order, as the specification's CollectFields: those of
 * one key are one field.
 */
export function collectFields(
  { schema, fragments, variables, goesOn }: Selected,
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
      if (!isOn(selection.directives, variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const same = fields.get(key);
        if (same === undefined) fields.set(key, [selection]);
        else same.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection.typeCondition?.name.value)) add(selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
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
  const selected = { schema: info.schema, fragments, variables: info.variableValues, goesOn: () => true };
  const sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return collectFields(selected, type, sets)
    .values()
    .some(([field]) => field?.name.value === fieldName);
}

function isOn(directives: readonly DirectiveNode[] = [], variables: Variables): boolean {
  return directives.every(({ name, arguments: [condition] = [] }) => {
    if (condition === undefined || (name.value !== "skip" && name.value !== "include")) return true;
    return valueFromASTUntyped(condition.value, variables) !== (name.value === "skip");
  });
}

export function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(hasVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => hasVariable(field.value));
}
