/** The only documents that run, where there is a manifest of them. */
import { type GraphQLSchema, parse, validate } from "graphql";
import { notTrusted } from "../errors.ts";
import type { OperationParams } from "../operation.ts";

export type TrustedDocuments = {
  /**
   * The document that a request names by its hash, as `extensions.persistedQuery.sha256Hash` or as `documentId`. A text
   * that is sent besides is ignored.
   * @throws DOCUMENT_NOT_TRUSTED when it names none of them.
   */
  find(params: OperationParams): string;
  /**
   * Replaces the manifest.
   * @throws {InvalidManifestError} and then changes nothing.
   */
  replace(manifest: ReadonlyMap<string, string>): void;
};

/** The schema cannot run some of the documents; `message` names each, one a line. */
export class InvalidManifestError extends Error {
  override readonly name = "InvalidManifestError";
}

/**
 * @param manifest documents by hash, as GraphQL Code Generator's client preset writes `persisted-documents.json`.
 * @throws {InvalidManifestError} that names each document that this schema cannot run.
 */
export function createTrustedDocuments(manifest: ReadonlyMap<string, string>, schema: GraphQLSchema): TrustedDocuments {
  let byHash = toByHash(manifest, schema);
  return {
    replace(next) {
      byHash = toByHash(next, schema);
    },
    find(params) {
      const hash = toHash(params);
      const document = hash === null ? undefined : byHash.get(toBareHash(hash));
      if (document === undefined) throw notTrusted();
      return document;
    },
  };
}

function toByHash(manifest: ReadonlyMap<string, string>, schema: GraphQLSchema): ReadonlyMap<string, string> {
  const problems = [...manifest].flatMap(([hash, text]) => {
    const problem = toProblem(schema, text);
    return problem === null ? [] : [`TRUSTED_DOCUMENTS: ${hash} cannot run here: ${problem}`];
  });
  if (problems.length > 0) throw new InvalidManifestError(problems.join("\n"));
  return new Map([...manifest].map(([hash, text]) => [toBareHash(hash), text]));
}

function toProblem(schema: GraphQLSchema, text: string): string | null {
  try {
    return validate(schema, parse(text))[0]?.message ?? null;
  } catch (error) {
    return error instanceof Error ? error.message : "it cannot be parsed";
  }
}

function toHash({ documentId, extensions }: OperationParams): string | null {
  if (typeof documentId === "string") return documentId;
  const { persistedQuery } = (extensions ?? {}) as { readonly persistedQuery?: { readonly sha256Hash?: unknown } };
  return typeof persistedQuery?.sha256Hash === "string" ? persistedQuery.sha256Hash : null;
}

/** Whether a request names a document by its hash, as trusted documents and automatic persisted queries do. */
export function namesPersistedQuery(params: OperationParams): boolean {
  return toHash(params) !== null;
}

/** Clients and manifests may name the algorithm, or not. */
function toBareHash(hash: string): string {
  return hash.replace(/^sha256:/, "");
}
