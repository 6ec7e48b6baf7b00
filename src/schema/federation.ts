/**
 * The gateway as a subgraph of Apollo Federation 2, if that is switched on. Entities are resolved as by `node`: by global
 * id, through the same loaders, and to `null` for what does not exist or is not the caller's.
 */

import { resolveNodes } from "@pothos/plugin-relay";
import { GraphQLObjectType, GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { badUserInput } from "../errors.ts";
import { builder } from "./builder.ts";
import { byAnyId, type Costs, toRecord } from "./cost.ts";
import { type GlobalId, parseGlobalId } from "./global-id.ts";
import { Account, BankConnection, Connector, PaymentServiceUser } from "./refs.ts";

/** The types that other subgraphs may extend or refer to, by `id`. */
const entities = [PaymentServiceUser, Connector, BankConnection, Account];
const entityNames: ReadonlySet<string> = new Set(entities.map(({ name }) => name));

/** How many `_entities` takes. Routers batch: a page of 100 rows of another subgraph, each with three references. */
const maxRepresentations = 300;

/** An error takes as long to make as this many values of an answer. */
const valuesPerError = 100;

const byIds = byAnyId(({ ids }) => ids as readonly unknown[]);

/** Wrong ones are not free: each becomes an error. Of too many none is resolved. */
const costOfEntities: Costs = {
  cost: (parents, { representations }, total) => {
    const given: readonly unknown[] = Array.isArray(representations) ? representations : [representations];
    const ids = given.length > maxRepresentations ? [] : given.filter((one) => parseEntity(one) !== null).map(toId);
    total.values += given.length + valuesPerError * (given.length - ids.length);
    return byIds.cost(parents, { ids }, total);
  },
};

const Entity = builder.unionType("_Entity", {
  description: "What other subgraphs may extend or refer to.",
  types: entities,
});

const Service = builder.objectRef<{ sdl: string }>("_Service").implement({
  description: "This subgraph, as composition reads it.",
  authScopes: { operator: true },
  fields: (t) => ({
    sdl: t.exposeString("sdl", { description: "The schema with its keys." }),
  }),
});

builder.queryFields((t) => ({
  _entities: t.field({
    type: [Entity],
    nullable: { list: false, items: true },
    description: "For routers: the entities that are named, in their order; null for each that is not there.",
    authScopes: { read: true },
    extensions: costOfEntities,
    args: {
      representations: t.arg({
        type: ["_Any"],
        required: true,
        description: `Each with \`__typename\` and \`id\`, which must be of one kind; ${maxRepresentations} at the most.`,
      }),
    },
    resolve: async (_root, { representations }, context, info) => {
      if (representations.length > maxRepresentations) {
        const message = `\`representations\` holds ${maxRepresentations} entities at the most.`;
        throw badUserInput(message, "representations");
      }
      const ids = representations.map(toEntityId);
      const found = await resolveNodes(
        builder,
        context,
        info,
        ids.map((id) => (id instanceof Error ? null : id)),
      );
      return found.map((row, at) => (ids[at] instanceof Error ? ids[at] : row)) as never[];
    },
  }),
  _service: t.field({
    type: Service,
    description: "For composition: this subgraph's schema. For operators.",
    authScopes: { operator: true },
    resolve: (_root, _args, _context, { schema }) => ({ sdl: toSdl(schema) }),
  }),
}));

function toId(representation: unknown): unknown {
  return toRecord(representation)["id"];
}

function parseEntity(representation: unknown): GlobalId | null {
  const { __typename: typename, id } = toRecord(representation);
  if (typeof id !== "string" || typeof typename !== "string" || !entityNames.has(typename)) return null;
  const global = parseGlobalId(id);
  return global?.typename === typename ? global : null;
}

/** One wrong representation fails its own entity, not its siblings. */
function toEntityId(representation: unknown, at: number): GlobalId | Error {
  const message = "This is not an entity: `id` must be the global id of a `__typename`.";
  return parseEntity(representation) ?? badUserInput(message, `representations.${at}`);
}

/** The same schema without what only routers use. */
export function withoutFederation(schema: GraphQLSchema): GraphQLSchema {
  const { types, query, ...config } = schema.toConfig();
  if (query == null) return schema;
  const isPublic = (name: string) => !/^_(?!_)/.test(name);
  const { fields, ...ofQuery } = query.toConfig();
  const publicFields = Object.fromEntries(Object.entries(fields).filter(([name]) => isPublic(name)));
  return new GraphQLSchema({
    ...config,
    query: new GraphQLObjectType({ ...ofQuery, fields: publicFields }),
    types: types.filter((type) => type !== query && isPublic(type.name)),
  });
}

/** Printed once for each schema: it takes long and never changes. */
const sdls = new WeakMap<GraphQLSchema, string>();

function toSdl(schema: GraphQLSchema): string {
  const known = sdls.get(schema);
  if (known !== undefined) return known;
  const sdl = printSchema(lexicographicSortSchema(withoutFederation(schema)));
  const marked = sdl.replace(/^type (\w+)[^{]*(?={)/gm, (head, name) => `${head}${marks.get(name) ?? ""}`);
  const text = `${link}\n\n${marked}\n`;
  sdls.set(schema, text);
  return text;
}

/** The first version of Federation 2: nothing newer is needed. */
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@shareable"])';

const marks: ReadonlyMap<string, string> = new Map([
  ...entities.map(({ name }) => [name, '@key(fields: "id") '] as const),
  // Relay's: other subgraphs have one, too, with the same meaning.
  ["PageInfo", "@shareable "],
]);
