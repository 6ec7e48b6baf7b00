/** Documents parsed and validated once for each text. */
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  NoFragmentCyclesRule,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { Reloadable } from "../lib/reloadable.ts";
import { checkRepetition } from "./repetition.ts";

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

export type DocumentCache = {
  /** A document that was added under the limits that hold now. */
  find(text: string): ParsedDocument | undefined;
  /**
   * Parses, validates and keeps a document.
   * @throws a GraphQLError for a text that is no document, has too many tokens, or selects the same too often. Such a text
   * is not kept: it is read only as far as the error, which costs little.
   */
  add(text: string): ParsedDocument;
};

export function createDocumentCache({ schema, introspection, queryLimits }: DocumentCacheOptions): DocumentCache {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const cache = new LRUCache<string, ParsedDocument & { readonly tokens: number }>({
    ...capacity,
    sizeCalculation: (_document, text) => text.length + 1,
  });
  /** What makes the whole of validation long is refused first: fragments in a circle, and the same field hundreds of times. */
  function findErrors(document: DocumentNode): readonly GraphQLError[] {
    const circles = validate(schema, document, [NoFragmentCyclesRule]);
    if (circles.length > 0) return circles;
    checkRepetition(document);
    return validate(schema, document, rules);
  }

  return {
    find(text) {
      const cached = cache.get(text);
      return cached?.tokens === queryLimits.get().tokens ? cached : undefined;
    },
    add(text) {
      const { tokens } = queryLimits.get();
      const document = parse(text, { maxTokens: tokens });
      const errors = findErrors(document);
      for (const error of errors) releaseStack(error);
      const parsed = { document, errors, tokens };
      cache.set(text, parsed);
      return parsed;
    },
  };
}

/** Until its stack is formatted, an error keeps alive what ran when it was made: a request with its token and socket. */
function releaseStack(error: GraphQLError): void {
  void error.stack;
}
