/** The Pothos builder, the root types and the scalars. */

import SchemaBuilder from "@pothos/core";
import RelayPlugin from "@pothos/plugin-relay";
import { badUserInput } from "../errors.ts";
import { toJson } from "../upstream/exact-json.ts";
import type { Context } from "./context.ts";
import { byAnyId } from "./cost.ts";
import { maySee } from "./filter.ts";
import { parseGlobalId, requireGlobalId, toGlobalId } from "./global-id.ts";
import { maxMetadata } from "./input.ts";
import { authorizationPlugin, type RowRule, type Rule } from "./plugins/authorization.ts";
import { semanticNonNullPlugin } from "./plugins/semantic-non-null.ts";
import { textArgumentsPlugin } from "./plugins/text-arguments.ts";

/** How many ids `nodes` takes. */
const maxIds = 100;

export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    Date: { Input: unknown; Output: string };
    DateTime: { Input: unknown; Output: string };
    BigInt: { Input: unknown; Output: bigint };
    URL: { Input: unknown; Output: string };
    JSON: { Input: unknown; Output: unknown };
    Metadata: { Input: unknown; Output: Readonly<Record<string, string>> };
    _Any: { Input: unknown; Output: unknown };
  };
}>({
  // The rule of a field is checked before its arguments.
  plugins: [semanticNonNullPlugin, authorizationPlugin, RelayPlugin, textArgumentsPlugin],
  defaultFieldNullability: false,
  relay: {
    encodeGlobalID: (typename, id) => toGlobalId(typename, String(id)),
    // An invalid id passes here: `node` and `nodes` reject it, and can name themselves in the error.
    decodeGlobalID: (id) => parseGlobalId(id) ?? { typename: "", id },
    idFieldOptions: { description: "An opaque id that is unique over all types; `node` takes it." },
    nodeTypeOptions: { description: "Anything that has a global id." },
    nodeQueryOptions: {
      description: "Whatever has this global id; null when it is not there, or not yours to see.",
      authScopes: { read: true },
      extensions: byAnyId(({ id }) => [id]),
      args: { id: { description: "A global id, as any `id` field gives it." } },
      resolve: (_root, args, _context, _info, resolveNode) => {
        checkGlobalId(args.id, "id");
        return resolveNode(args.id);
      },
    },
    nodesQueryOptions: {
      description: "Whatever has these global ids, in their order; null for each that is not there.",
      nullable: { list: false, items: true },
      authScopes: { read: true },
      extensions: byAnyId(({ ids }) => (Array.isArray(ids) ? ids.slice(0, maxIds) : [ids])),
      args: { ids: { description: `Global ids, as any \`id\` field gives them; ${maxIds} at the most.` } },
      resolve: (_root, { ids }, _context, _info, resolveNodes) => {
        if (ids.length > maxIds) throw badUserInput(`\`ids\` holds ${maxIds} ids at the most.`, "ids");
        for (const [at, id] of ids.entries()) checkGlobalId(id, `ids.${at}`);
        return resolveNodes(ids);
      },
    },
    pageInfoTypeOptions: { description: "Where a page stands in its list.", authScopes: { read: true } },
    hasNextPageFieldOptions: { description: "Whether the list goes on after this page." },
    hasPreviousPageFieldOptions: { description: "Whether the list has rows before this page." },
    startCursorFieldOptions: { description: "The cursor of the page's first edge." },
    endCursorFieldOptions: { description: "The cursor of the page's last edge: the next page's `after`." },
  },
});

const readers: Rule = { read: true };

/** The rule of a type whose rows each belong to a PSU, or to none: then they are for operators. */
export function ownedBy<Row>(toPsuId: (row: Row) => string | null): RowRule<Row> {
  return (row, { viewer }) => (maySee(viewer, toPsuId(row)) ? readers : false);
}

builder.queryType({ description: "Reads. What is not there, or not yours to see, is null or missing." });
builder.mutationType({ description: "Changes. Each either does the whole or fails with a code." });
builder.subscriptionType({
  description:
    "Live status. A stream begins with the current state and then sends each change; it shows only what the stack's own API shows.",
});

// A DateTime, a BigInt, a URL or Metadata in an argument is checked by its field, which can name itself in the error: a
// scalar cannot.
const asGiven = (value: unknown) => value;

builder.scalarType("Date", {
  description: 'A day, without a time or a zone: "2026-11-20".',
  serialize: (value) => value,
  parseValue: asGiven,
});

builder.scalarType("DateTime", {
  description: 'A time in RFC 3339, in UTC: "2026-08-05T12:00:00Z".',
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize: toUtc,
  parseValue: asGiven,
});

builder.scalarType("BigInt", {
  description: 'An integer of any size, written as text: "12345678901234567890".',
  serialize: (value) => value.toString(),
  parseValue: asGiven,
});

builder.scalarType("URL", {
  description: 'An absolute URL: "https://app.example.com/return".',
  specifiedByURL: "https://url.spec.whatwg.org/",
  serialize: (value) => value,
  parseValue: asGiven,
});

builder.scalarType("JSON", {
  description: "Any JSON, as the bank's provider sent it. Its numbers keep every digit.",
  serialize: (value) => toJson(value),
});

builder.scalarType("Metadata", {
  description: `An object whose values are text: {"segment": "premium"}. In an argument it has ${maxMetadata.entries} entries at the most, with names of up to ${maxMetadata.keyLength} and values of up to ${maxMetadata.valueLength} characters.`,
  serialize: (value) => value,
  parseValue: asGiven,
});

builder.scalarType("_Any", {
  description: 'Which entity: {"__typename": "Account", "id": "…"}.',
  parseValue: asGiven,
});

function checkGlobalId({ typename, id }: { readonly typename: string; readonly id: string }, field: string): void {
  if (typename === "") requireGlobalId(id, field);
}

/** Keeps the service's microseconds: only a time with an offset is converted. */
function toUtc(value: string): string {
  return value.endsWith("Z") ? value : new Date(value).toISOString();
}
