/** What may be executed, and what clients can learn of the schema. */
import type { Setting } from "../setting.ts";
import { flag, manifestFile } from "../shapes.ts";

export const documents = {
  TRUSTED_DOCUMENTS: {
    shape: manifestFile,
    unset: "any document",
    meaning: "a file: the only documents that run. The strongest limit there is, where all clients are your own",
    isReloadable: true,
  },
  GRAPHIQL: {
    shape: flag,
    unset: "`on`; `off` in production and with trusted documents",
    meaning: "GraphiQL for browsers at `/graphql`",
  },
  INTROSPECTION: {
    shape: flag,
    unset: "`on`; `off` in production and with trusted documents",
    meaning: "whether clients can read the schema: `on` in production for partners who write their own queries",
  },
  FEDERATION: {
    shape: flag,
    default: "off",
    meaning: "`on`: a subgraph of Apollo Federation 2, too, for a router that joins it with others",
  },
} satisfies Record<string, Setting>;
