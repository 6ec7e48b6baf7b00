/** Which fields an operation selects of a type: the specification's CollectFields, fragments and conditions included. */
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
import { asAboutDocument } from "./about-document.ts";

/** Variables by name. */
export type Variables = Readonly<Record<string, unknown>>;

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/** The variables of `@skip` and `@include`: which fields are selected depends on no other. */
export function conditionVariablesOf(document: DocumentNode): readonly string[] {
  const conditionVariables = new Set<string>();
  visit(document, {
    Directive({ name, arguments: [condition] = [] }) {
      const isCondition = name.value === "skip" || name.value === "include";
      if (isCondition && condition?.value.kind === Kind.VARIABLE) conditionVariables.add(condition.value.name.value);
    },
  });
  return [...conditionVariables];
}

/** The values of the condition variables as text. */
export function toConditionKey(names: readonly string[], variables: Variables): string {
  let key = "";
  for (const name of names) key += variables[name] === true ? "1" : variables[name] === false ? "0" : "-";
  return key;
}

type CollectOptions = {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly variables: Variables;
  /** Called before each selection; `false` stops. */
  readonly mayContinue: () => boolean;
  /** Whether a condition that is null is an error, as it is for execution; otherwise its selection counts as selected. */
  readonly isStrict: boolean;
};

/**
 * The fields that selection sets select of one object type, by response key in order: those of one key are one field.
 * @throws the GraphQLError of a condition that is null, if strict.
 */
export function collectFields(
  { schema, fragments, variables, mayContinue, isStrict }: CollectOptions,
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
      if (!mayContinue()) return;
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

/** Whether this field, of one object type, selects a field of that name: its resolver can then read ahead for it. */
export function asksFor(info: GraphQLResolveInfo, fieldName: string): boolean {
  const type = getNamedType(info.returnType);
  if (!isObjectType(type)) return false;
  const fragments = new Map(Object.entries(info.fragments));
  const selected = {
    schema: info.schema,
    fragments,
    variables: info.variableValues,
    mayContinue: () => true,
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
    return asAboutDocument(() => {
      if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] === true) return false;
      return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] !== false;
    });
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
