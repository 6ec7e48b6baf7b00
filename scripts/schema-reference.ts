import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  print,
} from "graphql";

/** The schema as a document for people: what can be asked first, then every type by its name. */
export function toReference(schema: GraphQLSchema): string {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap())
    .filter(
      (type) =>
        !isIntrospectionType(type) && !isSpecifiedScalarType(type) && !roots.includes(type as GraphQLObjectType),
    )
    .filter((type) => !isOfPages(type))
    .sort((one, other) => one.name.localeCompare(other.name));
  return [
    "# Schema reference",
    "Made from the schema by `npm run codegen`; the same in GraphQL's own language is [schema.graphql](../schema.graphql).",
    "A type that ends with `!` is never null.",
    `Types: ${types.map(({ name }) => link(name)).join(" · ")} · [Pages](#pages)`,
    ...[...roots, ...types].flatMap((type) => (type ? [toSection(type)] : [])),
    "## Pages",
    "A list of `Thing` that comes in pages has the type `ThingPage`. How to go through one is in [Pagination](pagination.md).",
    ["ThingPage", "ThingEdge"].map((name) => toPageTable(schema, name)).join("\n\n"),
    "",
  ].join("\n\n");
}

const isOfPages = ({ name }: GraphQLNamedType) => /(?<!^)(Page|Edge)$/.test(name);

function toSection(type: GraphQLNamedType): string {
  const parts = [`## ${type.name}`, `*${kindOf(type)}*${type.description ? `: ${inline(type.description)}` : ""}`];
  if (isEnumType(type)) {
    parts.push(
      table(
        ["value", ""],
        type.getValues().map(({ name, description }) => [`\`${name}\``, inline(description)]),
      ),
    );
  } else if (isInputObjectType(type)) {
    parts.push(table(["field", "type", ""], Object.values(type.getFields()).map(toInputRow)));
  } else if (isObjectType(type) || isInterfaceType(type)) {
    const rows = Object.values(type.getFields()).flatMap(({ name, type: of, args, description }) => [
      [`\`${name}\``, toType(of), inline(description)],
      ...args.map((arg) => {
        const [argName = "", ...rest] = toInputRow(arg);
        return [`· ${argName}`, ...rest];
      }),
    ]);
    parts.push(table(["field", "type", ""], rows));
  }
  return parts.join("\n\n");
}

function toPageTable(schema: GraphQLSchema, name: string): string {
  const example = schema.getType(name.replace("Thing", "Account"));
  if (!isObjectType(example)) throw new Error(`There is no ${name}.`);
  const rows = Object.values(example.getFields()).map(({ name: field, type, description }) => [
    `\`${field}\``,
    `\`${String(type).replace("Account", "Thing")}\``,
    inline(description),
  ]);
  return `\`${name}\`:\n\n${table(["field", "type", ""], rows)}`;
}

function kindOf(type: GraphQLNamedType): string {
  if (isEnumType(type)) return "enum";
  if (isInputObjectType(type)) return "input";
  if (isInterfaceType(type)) return "interface";
  if (!isObjectType(type)) return "scalar";
  const interfaces = type.getInterfaces().map(({ name }) => link(name));
  return interfaces.length === 0 ? "object" : `object, ${interfaces.join(", ")}`;
}

function toInputRow({ name, type, defaultValue, description }: GraphQLArgument | GraphQLInputField): string[] {
  const literal = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return [`\`${name}\``, toType(type) + (literal ? ` = \`${print(literal)}\`` : ""), inline(description)];
}

/** The type, which leads to its section. */
function toType(type: GraphQLType): string {
  const named = getNamedType(type);
  if (isSpecifiedScalarType(named)) return `\`${type}\``;
  return `[\`${type}\`](#${isOfPages(named) ? "pages" : named.name.toLowerCase()})`;
}

const link = (name: string) => `[${name}](#${name.toLowerCase()})`;

/** For a cell of a table. */
const inline = (text: string | null | undefined) => (text ?? "").replace(/\s+/g, " ").replaceAll("|", "\\|").trim();

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
