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

export type ReadDocument = {
  readonly document: DocumentNode;
  /** What is wrong with it, for this schema. */
  readonly errors: readonly GraphQLError[];
};

export type DocumentsOptions = {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  /** May change meanwhile. */
  readonly limits: { readonly tokens: number };
};

/** Of the documents that are kept: by weight, in characters, and by number, since a short one may have long errors. */
const most = { maxSize: 1024 * 1024, max: 1024 };

/**
 * Documents parsed and validated, once for each text.
 * @returns throws a GraphQLError for a text that is no document, or too long. Such are read again: as far as the error
 * costs little.
 */
export function createDocuments({ schema, introspection, limits }: DocumentsOptions): (text: string) => ReadDocument {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  // By weight, too: parsed documents take some twenty times their text.
  const known = new LRUCache<string, ReadDocument & { readonly tokens: number }>({
    ...most,
    sizeCalculation: (_document, text) => text.length + 1,
  });
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined && kept.tokens === limits.tokens) return kept;
    const { tokens } = limits;
    const document = parse(text, { maxTokens: tokens });
    const errors = validate(schema, document, rules);
    for (const error of errors) lighten(error);
    const read = { document, errors, tokens };
    known.set(text, read);
    return read;
  };
}

/** Until its stack is written out, an error holds on to what ran when it was made: a request with its token and socket. */
function lighten(error: GraphQLError): void {
  void error.stack;
}
