/** Cost estimates of documents, for the tests of them. */
import { type DocumentNode, getOperationAST, parse } from "graphql";
import { expect } from "vitest";
import { type CostEstimate, estimateCost } from "../../src/limits/cost-estimate.ts";
import { toSchema } from "../../src/schema/index.ts";

export const schema = toSchema();

export type EstimateOptions = {
  readonly name?: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly psuId?: string;
  readonly mostCalls?: number;
  readonly mostValues?: number;
};

export function estimateOf(text: string | DocumentNode, options: EstimateOptions = {}): CostEstimate {
  const document = typeof text === "string" ? parse(text) : text;
  const operation = getOperationAST(document, options.name);
  if (operation == null) throw new Error("no such operation");
  return estimateCost(schema, document, operation, options.variables, {
    psuId: options.psuId ?? null,
    mostCalls: options.mostCalls ?? 100_000,
    mostValues: options.mostValues ?? 10_000_000,
  });
}

export const callsOf = (text: string, variables: EstimateOptions["variables"] = {}) =>
  estimateOf(text, { variables }).calls;

/** An estimate is worth something only if it is never far below the real calls, nor far above them. */
export function expectNear(estimate: number, real: number) {
  expect(real, `estimate ${estimate}, real ${real}`).toBeLessThanOrEqual(estimate * 1.3);
  expect(estimate, `estimate ${estimate}, real ${real}`).toBeLessThanOrEqual(Math.max(real * 2.5, real + 6));
}

export const tree = `query Tree {
  paymentServiceUsers(first: 20) {
    nodes {
      name
      accounts { id }
      connections {
        status
        accounts { id name balances { amount { decimal currency } account { name } } }
      }
    }
  }
}`;
