/** What an operation may ask for, decided before it runs. */
import type { Viewer } from "../auth/viewer.ts";
import { tooComplex } from "../errors.ts";
import type { Execution } from "../executor/execute.ts";
import type { Reloadable } from "../lib/reloadable.ts";
import type { Operation } from "../operation.ts";
import type { Upstream } from "../upstream/client.ts";
import type { Owner, Permit } from "../upstream/transport/fair-admission.ts";
import { type CostEstimate, estimateCost } from "./cost-estimate.ts";
import type { RateLimits, RateLimitValues } from "./rate-limit.ts";

/** What one operation may ask for. */
export type QueryLimits = {
  /** The upstream calls that it is estimated to cost. */
  readonly calls: number;
  /** The values in its answer and in its arguments. */
  readonly values: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly tokens: number;
};

/** All limits, as they are set. */
export type Limits = {
  readonly query: QueryLimits;
  /** The longest request with its variables, in bytes, over any transport. */
  readonly requestBytes: number;
  readonly rate: RateLimitValues;
};

export type AdmissionOptions = {
  readonly queryLimits: Reloadable<QueryLimits>;
  readonly rateLimits: RateLimits;
};

/**
 * An operation is judged first by its own size, then by what is left of the rate limits of its viewer and address: they
 * are charged its estimated cost, and when it has ended, its actual cost. Last, it needs capacity among the operations
 * that are running.
 */
export type Admission = {
  /**
   * Charges what a document costs to parse and validate, before that is done; it counts as a part of the operation's cost.
   * @throws RATE_LIMITED, also as a rejection.
   */
  chargeDocument(operation: Operation, calls: number): void | Promise<void>;
  /** @throws QUERY_TOO_COMPLEX, RATE_LIMITED, the latter also as a rejection. */
  admit(operation: Operation, execution: Execution): void | Promise<void>;
  /**
   * Reserves capacity for a query or mutation that was admitted, until it is released. Its permit may be a refusal.
   * @param toKey equal for queries that read the same.
   */
  reserve(operation: Operation, upstream: Pick<Upstream, "reserve">, toKey: () => string): Permit;
  /** Charges what the operation has cost beyond what was charged so far, or gives the rest back. */
  reconcile(operation: Operation): void;
};

export function createAdmission({ queryLimits, rateLimits }: AdmissionOptions): Admission {
  /** Up to so many calls in all. */
  function charge(operation: Operation, calls: number): void | Promise<void> {
    const due = calls - operation.chargedCost;
    if (due <= 0) return;
    const setCharged = () => {
      operation.chargedCost = calls;
    };
    const consumed = rateLimits.consume(operation, due);
    return consumed === undefined ? setCharged() : consumed.then(setCharged);
  }

  return {
    admit(operation, { schema, document, operation: definition, variableValues }) {
      const limits = queryLimits.get();
      const psuId = operation.viewer?.psuId ?? null;
      const bound = { psuId, mostCalls: limits.calls, mostValues: limits.values };
      const estimate = estimateCost(schema, document, definition, variableValues, bound);
      for (const kind of kinds) {
        if (estimate[kind] > limits[kind]) throw toTooComplex(kind, estimate[kind], limits[kind]);
      }
      operation.cost = Math.max(1, estimate.calls);
      return charge(operation, operation.cost);
    },
    chargeDocument(operation, calls) {
      operation.documentCost = calls;
      return charge(operation, calls);
    },
    reserve(operation, upstream, toKey) {
      const isWrite = operation.kind === "mutation";
      return upstream.reserve({
        calls: operation.cost,
        owner: toOwner(operation.viewer),
        address: operation.address,
        toKey: isWrite ? null : toKey,
        isWrite,
      });
    },
    reconcile(operation) {
      if (operation.chargedCost === 0) return; // it was refused before it was charged
      const cost = Math.max(1, operation.documentCost, operation.upstreamCalls);
      if (cost !== operation.chargedCost) rateLimits.reconcile(operation, cost - operation.chargedCost);
      operation.chargedCost = cost;
    },
  };
}

/** An operator is the back end of many users. */
function toOwner(viewer: Viewer | null): Owner {
  const psuId = viewer?.psuId ?? null;
  if (psuId !== null) return { id: `psu ${psuId}`, mayFill: false };
  return { id: `operator ${viewer?.subject ?? ""}`, mayFill: true };
}

const kinds = ["depth", "aliases", "directives", "values", "calls"] as const satisfies readonly (keyof CostEstimate)[];
type Kind = (typeof kinds)[number];

const words: Readonly<Record<Kind, string>> = {
  depth: "levels deep",
  aliases: "aliases",
  directives: "directives",
  values: "values in its answer and arguments",
  calls: "calls of the payments stack",
};

function toTooComplex(kind: Kind, found: number, limit: number) {
  // Counting stops soon after the limit, so that what is found may be less than there is.
  const message = `The operation is too large: ${words[kind]}, ${limit} at the most. Ask for less at a time.`;
  return tooComplex(message, { [kind === "calls" ? "cost" : kind]: Math.min(found, Number.MAX_SAFE_INTEGER), limit });
}
