/** Documents parsed and validated once for each text. */
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { Reloadable } from "../lib/reloadable.ts";

export type ParsedDocument = {
  readonly document: DocumentNode;
  /** What is wrong with it for this schema. */
  readonly errors: readonly GraphQLError[];
};

export type DocumentCacheOptions = {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly queryLimits: Reloadable<{ readonly tokens: number }>;
};

/** By weight, in characters, since a parsed document takes some twenty times its text; and by number, since a short one may have long errors. */
const capacity = { maxSize: 1024 * 1024, max: 1024 };

/**
 * @returns a function that throws a GraphQLError for a text that is no document, or has too many tokens. Such a text is
 * not cached: it is read only as far as the error, which costs little.
 */
export function createDocumentCache({
  schema,
  introspection,
  queryLimits,
}: DocumentCacheOptions): (text: string) => ParsedDocument {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const cache = new LRUCache<string, ParsedDocument & { readonly tokens: number }>({
    ...capacity,
    sizeCalculation: (_document, text) => text.length + 1,
  });
  return (text) => {
    const { tokens } = queryLimits.get();
    const cached = cache.get(text);
    if (cached !== undefined && cached.tokens === tokens) return cached;
    const document = parse(text, { maxTokens: tokens });
    const errors = validate(schema, document, rules);
    for (const error of errors) releaseStack(error);
    const parsed = { document, errors, tokens };
    cache.set(text, parsed);
    return parsed;
  };
}

/** Until its stack is formatted, an error keeps alive what ran when it was made: a request with its token and socket. */
function releaseStack(error: GraphQLError): void {
  void error.stack;
}
