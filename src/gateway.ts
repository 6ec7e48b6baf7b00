import { NoSchemaIntrospectionCustomRule } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Logger } from "pino";
import type { Authenticate } from "./auth.ts";
import type { Context } from "./context.ts";
import type { CursorSeal } from "./cursor.ts";
import { unauthenticated } from "./errors.ts";
import { example } from "./graphiql.ts";
import { toSchema } from "./schema.ts";
import { createOperations, type Operations, useTelemetry } from "./telemetry.ts";
import type { UpstreamClient } from "./upstream/client.ts";

export type GatewayParts = {
  readonly upstream: UpstreamClient;
  readonly authenticate: Authenticate;
  readonly cursors: CursorSeal;
  readonly log: Logger;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
};

export type Gateway = ReturnType<typeof createGateway>;

/** The graph behind `/graphql`, as a `fetch` and as a listener of node:http. Opens no port and reads no environment. */
export function createGateway(parts: GatewayParts) {
  const operations = createOperations();
  return createYoga<object, Context>({
    schema: toSchema(),
    graphqlEndpoint: "/graphql",
    landingPage: false,
    logging: false,
    // Every error passes one place, `useTelemetry`, which masks.
    maskedErrors: false,
    cors: parts.corsOrigins.length === 0 ? false : { origin: [...parts.corsOrigins], credentials: false },
    graphiql: parts.graphiql && { title: "Open banking", defaultQuery: example.query },
    renderGraphiQL: async (options) => {
      // From the installed package, so that it works without a network; 9 MB that only a first visit loads.
      const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
      return renderGraphiQL(Object.assign({ variables: example.variables }, options)); // Yoga's type omits `variables`
    },
    context: ({ request }): Context => {
      const operation = operations.of(request);
      if (operation.viewer === null) throw unauthenticated("A bearer token is required.");
      const onCall = () => {
        operation.upstreamCalls += 1;
      };
      return {
        viewer: operation.viewer,
        upstream: parts.upstream.within({ signal: request.signal, onCall }),
        cursors: parts.cursors,
      };
    },
    plugins: [
      useAuthentication(operations, parts.authenticate),
      useTelemetry(operations, parts.log),
      ...(parts.introspection ? [] : [useNoIntrospection()]),
    ],
  });
}

/** Before the document is looked at: who has no token learns nothing of the schema either. */
function useAuthentication(operations: Operations, authenticate: Authenticate): Plugin {
  return {
    async onParams({ request }) {
      operations.of(request).viewer = await authenticate(request.headers.get("authorization"));
    },
  };
}

function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}
