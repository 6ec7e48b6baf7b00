import { type ExecutionArgs, getOperationAST } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import type { Context } from "./context.ts";
import { overloaded, rateLimited, tooComplex } from "./errors.ts";
import type { Operation } from "./operation.ts";
import type { Payer, RateLimits } from "./rate.ts";
import type { UpstreamClient } from "./upstream/client.ts";
import { type Weight, weigh } from "./weigh.ts";

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

export type LimitsOptions = {
  readonly limits: Limits;
  readonly rates: RateLimits;
  readonly upstream: Pick<UpstreamClient, "reserve" | "state">;
};

/** When one PSU's operations hold all the room that they may: some of them will have ended by then. */
const roomAgainMs = 1000;

/**
 * What an operation may ask for, decided before it runs: first by its own size, then by what is left of the budgets of
 * its viewer and address. They pay what it is estimated to cost; when it is over, what it did cost. Last, there must be
 * room for it among those that are under way.
 */
export function useLimits({ limits: { query }, rates, upstream }: LimitsOptions): Plugin {
  /** @throws QUERY_TOO_COMPLEX, RATE_LIMITED */
  async function admit({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs) {
    const { operation, viewer } = contextValue as Context;
    const asked = getOperationAST(document, operationName);
    if (asked == null) return; // graphql-js says so
    const bound = { psuId: viewer.psuId, mostCalls: query.calls, mostValues: query.values };
    const weight = weigh(schema, document, asked, variableValues, bound);
    for (const kind of kinds) {
      if (weight[kind] > query[kind]) throw toRefusal(kind, weight[kind], query[kind]);
    }
    operation.cost = Math.max(1, weight.calls);
    await rates.charge(toPayer(operation), operation.cost);
  }

  return {
    onParse({ setParseFn, parseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens: query.tokens }));
    },
    async onExecute({ args, executeFn, setExecuteFn }) {
      await admit(args);
      const { operation } = (args as ExecutionArgs).contextValue as Context;
      setExecuteFn(async (executed) => {
        // Others may have taken the room since the request came.
        if (upstream.state().isFull) return { errors: [overloaded()] };
        const release = upstream.reserve(operation.cost, operation.viewer?.psuId ?? null);
        if (release === null) return { errors: [rateLimited(roomAgainMs)] };
        try {
          return await executeFn(executed);
        } finally {
          release();
        }
      });
      return {
        onExecuteDone({ result }) {
          if (isAsyncIterable(result)) return;
          rates.settle(toPayer(operation), Math.max(1, operation.upstreamCalls) - operation.cost);
        },
      };
    },
    async onSubscribe({ args }) {
      await admit(args);
      const { operation } = (args as ExecutionArgs).contextValue as Context;
      let paid = operation.cost;
      function settle(): void {
        const cost = Math.max(1, operation.upstreamCalls);
        rates.settle(toPayer(operation), cost - paid);
        paid = cost;
      }
      return {
        onSubscribeResult({ result }) {
          if (!isAsyncIterable(result)) {
            settle(); // it was refused
            return undefined;
          }
          return {
            // It goes on for long: each message pays for what it has read beyond the estimate; what is left of that is
            // given back at the end.
            onNext() {
              if (operation.upstreamCalls > paid) settle();
            },
            onEnd: settle,
          };
        },
      };
    },
  };
}

const kinds = ["depth", "aliases", "directives", "values", "calls"] as const satisfies readonly (keyof Weight)[];
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

function toPayer({ viewer, address }: Operation): Payer {
  return { viewer, address };
}
