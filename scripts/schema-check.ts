/**
 * `npm run schema` compares `schema.graphql` with the schema of the last release. What would break a client fails,
 * unless `CHANGELOG.md` says so: under "Unreleased", "Breaking", in a line that begins with its schema coordinate, or with several.
 */
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  isEnumType,
  isIntrospectionType,
} from "graphql";
import { readArguments, readOrExit } from "../src/cli/command.ts";

const usage = `npm run schema

Checks the descriptions in schema.graphql, and that it breaks no client of the last release without a line in the changelog.

  --help  print this
`;

/** What is wrong, one a line; nothing when the schema may be released. */
export async function toFaults(released: string, current: string, changelog: string): Promise<readonly string[]> {
  const schema = buildSchema(current);
  const changes = await diff(buildSchema(released), schema);
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  const broken = new Map(breaking.map(({ path = "schema", message }) => [path, message]));
  const noted = toNoted(changelog);
  return [
    ...[...broken].flatMap(([at, message]) =>
      noted.has(at)
        ? []
        : [`${message} This breaks clients: note it in CHANGELOG.md, under "Breaking": - \`${at}\`: …`],
    ),
    ...[...noted].flatMap((at) =>
      broken.has(at) ? [] : [`CHANGELOG.md notes \`${at}\` as breaking, and it breaks nothing.`],
    ),
    ...undated(schema).map(
      (at) => `${at} is deprecated: its reason must end with "(since 2026-01-31, until 2026-07-31)".`,
    ),
  ];
}

/** The coordinates under "Breaking" of what is not released yet. */
function toNoted(changelog: string): ReadonlySet<string> {
  const section = (text: string, level: string, name: string) =>
    text.split(new RegExp(`^${level} `, "m")).find((part) => part.startsWith(`${name}\n`)) ?? "";
  const breaking = section(section(changelog, "##", "Unreleased"), "###", "Breaking");
  const heads = Array.from(breaking.matchAll(/^- (?:`[\w.@]+`,?\s+)*`[\w.@]+`/gm), ([head]) => head);
  return new Set(heads.flatMap((head) => Array.from(head.matchAll(/`([^`]+)`/g), ([, at = ""]) => at)));
}

type Field = GraphQLField<unknown, unknown> | GraphQLInputField;

/** The deprecated without dates: its users must learn what to use instead, since when, and how long it stays. */
function undated(schema: GraphQLSchema): readonly string[] {
  const isDated = (reason: string) => /\S \(since \d{4}-\d\d-\d\d, until \d{4}-\d\d-\d\d\)$/.test(reason);
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isIntrospectionType(type)) return [];
    const fields = "getFields" in type ? Object.values<Field>(type.getFields()) : [];
    const values = isEnumType(type) ? type.getValues() : [];
    const args = fields.flatMap((field) =>
      "args" in field ? field.args.map((arg) => ({ ...arg, name: `${field.name}.${arg.name}` })) : [],
    );
    return [...fields, ...args, ...values].flatMap(({ name, deprecationReason }) =>
      deprecationReason == null || isDated(deprecationReason) ? [] : [`${type.name}.${name}`],
    );
  });
}

if (import.meta.main) {
  readOrExit(usage, (args) => readArguments(args, { options: {} }));
  const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
  const faults = await toFaults(read("scripts/released-schema.graphql"), read("schema.graphql"), read("CHANGELOG.md"));
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
  else process.stdout.write("schema.graphql breaks no client of the last release that CHANGELOG.md does not warn.\n");
}
