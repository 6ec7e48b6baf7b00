import { type AnyVariables, gql, type TypedDocumentNode } from "urql";
import type { TypedDocumentString } from "./graphql/graphql.ts";

/**
 * A typed operation as urql takes it. A build sends the hash alone, for a gateway that runs only the documents of
 * `persisted-documents.json`; while developing, the text travels, so that it can change.
 */
export function operation<Data, Variables extends AnyVariables>(
  document: TypedDocumentString<Data, Variables>,
): TypedDocumentNode<Data, Variables> {
  if (!import.meta.env.PROD) return gql(document.toString());
  const persisted = { kind: "Document", definitions: [], documentId: document.__meta__?.["hash"] };
  return persisted as unknown as TypedDocumentNode<Data, Variables>;
}
