/** Which errors are about the client's own document: all others in execution may quote data. */
import { GraphQLError } from "graphql";

/** What graphql-js says of the client's own document while it runs. */
const aboutDocument = new WeakSet<object>();

export const isAboutDocument = (error: object) => aboutDocument.has(error);

/** Runs what throws only errors about the client's document, such as about an argument. */
export function asAboutDocument<Value>(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof GraphQLError) markAboutDocument(error);
    throw error;
  }
}

export function markAboutDocument(error: GraphQLError): void {
  aboutDocument.add(error);
}
