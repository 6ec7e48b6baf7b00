import { buildHTTPExecutor } from "@graphql-tools/executor-http";
import { getStitchedSchemaFromSupergraphSdl } from "@graphql-tools/federation";
import { composeServices } from "@theguild/federation-composition";
import { type GraphQLSchema, parse } from "graphql";

export type Subgraph = { readonly name: string; readonly url: string };
/** What a router keeps of the request that it answers. */
export type RouterContext = { readonly authorization: string };

/** The gateway runs with `FEDERATION=on`. Its schema is told to operators: composing is a step of deploying. */
export async function readSubgraph(url: string, operatorToken: string): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${operatorToken}` },
    body: JSON.stringify({ query: "{ _service { sdl } }" }),
  });
  const { data } = (await response.json()) as { data: { _service: { sdl: string } } };
  return data._service.sdl;
}

/** A router over subgraphs. Each is asked with the caller's own token, so that the gateway decides what they see. */
export function createRouter(subgraphs: readonly (Subgraph & { readonly sdl: string })[]): GraphQLSchema {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
  );
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], "The subgraphs do not fit together.");
  return getStitchedSchemaFromSupergraphSdl({
    supergraphSdl,
    onSubschemaConfig(subschema) {
      const { url: endpoint } = subgraphs.find(({ name }) => name.toUpperCase() === subschema.name.toUpperCase()) ?? {};
      if (endpoint === undefined) throw new Error(`${subschema.name} has no address.`);
      subschema.executor = buildHTTPExecutor({
        endpoint,
        headers: (request) => ({ authorization: (request?.context as RouterContext | undefined)?.authorization ?? "" }),
      });
    },
  });
}
