import { overloaded, rateLimited, tooComplex } from "../errors.ts";
import type { Execution } from "../executor/execute.ts";
import type { Operation } from "../operation.ts";
import type { Upstream, UpstreamClient } from "../upstream/client.ts";
import type { Permit } from "../upstream/transport/fair-admission.ts";
import { type CostEstimate, estimateCost } from "./cost-estimate.ts";
import type { RateLimitSubject, RateLimits } from "./rate-limit.ts";

/** The numbers may change while the gateway runs, in place: they are read anew for each operation. */
export type Limits = {
  /** What one operation may ask for. `calls`: the REST requests that it is estimated to cost; `values`: those in its answer. */
  readonly query: {
    readonly calls: number;
    readonly values: number;
    readonly depth: number;
    readonly aliases: number;
    readonly directives: number;
    readonly tokens: number;
  };
  /** The longest request with its variables, in bytes, whatever brings it. */
  readonly requestBytes: number;
  /** Calls a minute; `null`: no limit. */
  readonly rate: { readonly psu: number | null; readonly operator: number | null; readonly address: number | null };
};

export type AdmissionOptions = {
  readonly limits: Limits;
  readonly rates: RateLimits;
  readonly upstream: Pick<UpstreamClient, "state">;
};

/**
 * What an operation may ask for, decided before it runs: first by its own size, then by what is left of the budgets of
 * its viewer and address. They pay what it is estimated to cost; when it is over, what it did cost. Last, there must be
 * room for it among those that are under way.
 */
export type Admission = {
  /** @throws QUERY_TOO_COMPLEX, RATE_LIMITED, the latter also as a rejection. */
  admit(operation: Operation, execution: Execution): void | Promise<void>;
  /**
   * Takes room for a query or mutation that was admitted, until it leaves.
   * @param calls those that it will make.
   * @throws UPSTREAM_UNAVAILABLE, RATE_LIMITED
   */
  enter(operation: Operation, calls: Pick<Upstream, "reserve">): Permit;
  /** What it has cost beyond what it paid so far is paid; what is left is given back. */
  settle(operation: Operation): void;
};

/** When one PSU's operations hold all the room that they may: some of them will have ended by then. */
const roomAgainMs = 1000;

export function createAdmission({ limits: { query }, rates, upstream }: AdmissionOptions): Admission {
  return {
    admit(operation, { schema, document, operation: asked, variableValues }) {
      const psuId = operation.viewer?.psuId ?? null;
      const bound = { psuId, mostCalls: query.calls, mostValues: query.values };
      const weight = estimateCost(schema, document, asked, variableValues, bound);
      for (const kind of kinds) {
        if (weight[kind] > query[kind]) throw toRefusal(kind, weight[kind], query[kind]);
      }
      operation.cost = Math.max(1, weight.calls);
      const pay = () => {
        operation.chargedCost = operation.cost;
      };
      const charged = rates.consume(toPayer(operation), operation.cost);
      return charged === undefined ? pay() : charged.then(pay);
    },
    enter(operation, calls) {
      // Others may have taken the room since the request came.
      if (upstream.state().isFull) throw overloaded();
      const room = calls.reserve(operation.cost, operation.viewer?.psuId ?? null);
      if (room === null) throw rateLimited(roomAgainMs);
      return room;
    },
    settle(operation) {
      if (operation.chargedCost === 0) return; // it was refused: what was not taken is not given back
      const cost = Math.max(1, operation.upstreamCalls);
      if (cost !== operation.chargedCost) rates.reconcile(toPayer(operation), cost - operation.chargedCost);
      operation.chargedCost = cost;
    },
  };
}

const kinds = ["depth", "aliases", "directives", "values", "calls"] as const satisfies readonly (keyof CostEstimate)[];
type Kind = (typeof kinds)[number];

const words: Readonly<Record<Kind, string>> = {
  depth: "levels deep",
  aliases: "aliases",
  directives: "directives",
  values: "values in its answer",
  calls: "calls of the payments stack",
};

function toRefusal(kind: Kind, found: number, limit: number) {
  // Counting stops soon after the limit, so that what is found may be less than there is.
  const message = `The operation is too large: ${words[kind]}, ${limit} at the most. Ask for less at a time.`;
  return tooComplex(message, { [kind === "calls" ? "cost" : kind]: Math.min(found, Number.MAX_SAFE_INTEGER), limit });
}

function toPayer({ viewer, address }: Operation): RateLimitSubject {
  return { viewer, address };
}
