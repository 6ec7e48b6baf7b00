import {
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/**
 * Whether execution will ask what this field answers, objects of one type, for their field of this name: so that a
 * resolver may begin to read for it at once. Of fragments only those fit the type that validation lets through.
 */
export function asksFor(info: GraphQLResolveInfo, fieldName: string): boolean {
  const { fragments, variableValues } = info;

  function isOn(selection: SelectionNode): boolean {
    if (selection.directives === undefined || selection.directives.length === 0) return true;
    return (
      getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.["if"] !== true &&
      getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.["if"] !== false
    );
  }

  function isIn(set: SelectionSetNode | undefined): boolean {
    return (
      set?.selections.some((selection) => {
        if (!isOn(selection)) return false;
        if (selection.kind === Kind.FIELD) return selection.name.value === fieldName;
        if (selection.kind === Kind.INLINE_FRAGMENT) return isIn(selection.selectionSet);
        return isIn(fragments[selection.name.value]?.selectionSet);
      }) === true
    );
  }

  return info.fieldNodes.some(({ selectionSet }) => isIn(selectionSet));
}
