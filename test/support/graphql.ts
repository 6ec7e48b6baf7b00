/** The GraphQL handler of the gateway, from parts that a test chooses. */
import type { Logger } from "pino";
import type { Authenticate } from "../../src/auth/authenticate.ts";
import { readConfig } from "../../src/config/config.ts";
import { createPipeline } from "../../src/engine/pipeline.ts";
import type { TrustedDocuments } from "../../src/engine/trusted-documents.ts";
import type { OriginRule } from "../../src/http/csrf.ts";
import { createGraphql, type Graphql } from "../../src/http/graphql.ts";
import { Reloadable } from "../../src/lib/reloadable.ts";
import type { StartTrace } from "../../src/lib/span.ts";
import type { Limits } from "../../src/limits/admission.ts";
import type { RateLimits } from "../../src/limits/rate-limit.ts";
import type { Live } from "../../src/live/live.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import { createOperationLog } from "../../src/observability/operation-log.ts";
import { createCursorSeal } from "../../src/schema/cursor.ts";
import { toSchema } from "../../src/schema/index.ts";
import type { UpstreamClient } from "../../src/upstream/client.ts";
import { createProviders } from "../../src/upstream/providers/providers.ts";

const { limits } = readConfig({});

/** The guards of a gateway under test: the default limits, and no more. */
export const unguarded = {
  schema: toSchema(),
  limits: limits as Limits,
  rates: {
    consume: async () => {},
    reconcile: () => {},
    state: () => null,
    async [Symbol.asyncDispose]() {},
  } as RateLimits,
  introspection: true,
  origins: { allowed: [], localOnly: false } as OriginRule,
  redirectOrigins: null as readonly string[] | null,
  providers: createProviders(),
  trustedDocuments: null as TrustedDocuments | null,
  trustedProxies: 0,
  metrics: createMetrics(),
  trace: null as StartTrace | null,
};

export type Guards = typeof unguarded;

export type TestGraphqlParts = Guards & {
  readonly upstream: UpstreamClient;
  readonly live: Live;
  readonly authenticate: Authenticate;
  readonly log: Logger;
  readonly graphiql: boolean;
  readonly cursorSecrets?: readonly [string, ...string[]] | null;
};

export function createTestGraphql(parts: TestGraphqlParts): Graphql {
  const pipeline = createPipeline({
    ...parts,
    queryLimits: new Reloadable(parts.limits.query),
    rateLimits: parts.rates,
    cursors: createCursorSeal(parts.cursorSecrets ?? null),
    startTrace: parts.trace,
    operationLog: createOperationLog(parts.log, parts.metrics),
  });
  return createGraphql({
    ...parts,
    pipeline,
    maxRequestBytes: parts.limits.requestBytes,
  });
}
