/** Cost estimates of documents, for the tests of them. */

import { type DocumentNode, getOperationAST, parse } from "graphql";
import { expect } from "vitest";
import { type CostEstimate, estimateCost } from "../../src/limits/cost-estimate.ts";
import { toSchema } from "../../src/schema/index.ts";

export const schema = toSchema();

export type Asked = {
  readonly name?: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly psuId?: string;
  readonly mostCalls?: number;
  readonly mostValues?: number;
};

export function weightOf(text: string | DocumentNode, asked: Asked = {}): CostEstimate {
  const document = typeof text === "string" ? parse(text) : text;
  const operation = getOperationAST(document, asked.name);
  if (operation == null) throw new Error("no such operation");
  return estimateCost(schema, document, operation, asked.variables, {
    psuId: asked.psuId ?? null,
    mostCalls: asked.mostCalls ?? 100_000,
    mostValues: asked.mostValues ?? 10_000_000,
  });
}

export const callsOf = (text: string, variables: Asked["variables"] = {}) => weightOf(text, { variables }).calls;

/** The whole worth of the estimate: never far under what is really read, nor far over it. */
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
