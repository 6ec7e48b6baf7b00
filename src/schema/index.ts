/** The GraphQL schema, put together out of all nouns. */

import { type GraphQLSchema, isIntrospectionType, isObjectType, specifiedDirectives } from "graphql";
import { builder } from "./builder.ts";
import "./types/viewer.ts";
import "./types/payment-service-user.ts";
import "./types/connector.ts";
import "./types/bank-connection.ts";
import "./types/bank-connection-change.ts";
import "./types/bank-account.ts";
import "./types/link-attempt.ts";
import "./types/account.ts";
import "./types/money/balance.ts";
import "./types/money/money.ts";
import "./types/payment.ts";
import "./types/task.ts";
import { type Extend, extendGraph } from "./extension.ts";
import { withoutFederation } from "./federation.ts";
import { semanticNonNull } from "./plugins/semantic-non-null.ts";

export type SchemaOptions = {
  /** As a subgraph of Apollo Federation, too. */
  readonly federation?: boolean;
  /** What extends the graph of this process, `null` for nothing; left out, the graph is as it stands. */
  readonly extend?: Extend | null;
};

/**
 * The graph, out of all nouns.
 * @throws when a type, or a field of Query, Mutation or Subscription, does not declare who may see it: what is new is
 * closed until it is opened on purpose.
 */
export function toSchema({ federation = false, extend }: SchemaOptions = {}): GraphQLSchema {
  const holdToRules = extend === undefined ? null : extendGraph(extend, build);
  const schema = build();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const ruled of roots.includes(type) ? Object.values(type.getFields()) : [type]) {
      const { authScopes } = (ruled.extensions["pothosOptions"] ?? {}) as { readonly authScopes?: unknown };
      if (authScopes === undefined) throw new Error(`${ruled.name} has no authScopes: nobody may see it`);
    }
  }
  holdToRules?.(schema);
  return federation ? schema : withoutFederation(schema);
}

function build(): GraphQLSchema {
  return builder.toSchema({ directives: [...specifiedDirectives, semanticNonNull] });
}
