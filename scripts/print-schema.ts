import {
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
} from "graphql";

/** The schema as text, sorted, with the directives of its fields, which graphql-js leaves out. */
export function toSchemaText(schema: GraphQLSchema): string {
  const text = `${printSchema(lexicographicSortSchema(schema))}\n`;
  const inserts = parse(text).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      return [];
    const type = schema.getType(definition.name.value);
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const fields = type.getFields();
    return (definition.fields ?? []).map(({ name, type: { loc } }) => {
      const directives = (fields[name.value]?.extensions["directives"] ?? {}) as object;
      return {
        at: loc?.end ?? 0,
        text: Object.keys(directives)
          .map((directive) => ` @${directive}`)
          .join(""),
      };
    });
  });
  let printed = "";
  let from = 0;
  for (const { at, text: directives } of inserts) {
    printed += text.slice(from, at) + directives;
    from = at;
  }
  return printed + text.slice(from);
}
