import type { GraphQLSchema } from "graphql";
import { builder } from "./builder.ts";
import "./schema/viewer.ts";
import "./schema/psu.ts";
import "./schema/connector.ts";
import "./schema/connection.ts";
import "./schema/connection-change.ts";
import "./schema/link.ts";
import "./schema/account.ts";
import "./schema/balance.ts";
import "./schema/money.ts";
import "./schema/payment.ts";
import "./schema/task.ts";

/** The graph, out of all nouns. */
export function toSchema(): GraphQLSchema {
  return builder.toSchema();
}
