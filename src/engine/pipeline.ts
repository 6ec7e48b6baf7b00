import { type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST } from "graphql";
import { isAsyncIterable } from "graphql-yoga";
import type { Authenticate } from "../auth/authenticate.ts";
import type { Viewer } from "../auth/viewer.ts";
import { mutationByGet, noSuchOperation, unauthenticated } from "../errors.ts";
import { type Execution, execute, subscribe } from "../executor/execute.ts";
import type { Cancellation } from "../lib/cancellation.ts";
import { currentSpan, type Span } from "../lib/span.ts";
import { createAdmission, type Limits } from "../limits/admission.ts";
import type { RateLimits } from "../limits/rate-limit.ts";
import type { Live } from "../live/live.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { OpenStream, Telemetry } from "../observability/operation-log.ts";
import type { Operation, OperationParams, Prepared } from "../operation.ts";
import type { Context } from "../schema/context.ts";
import type { CursorSeal } from "../schema/cursor.ts";
import type { Upstream, UpstreamClient } from "../upstream/client.ts";
import type { CallScope } from "../upstream/transport/call.ts";
import { createDocuments } from "./document-cache.ts";
import type { TrustedDocuments } from "./trusted-documents.ts";

export type EngineParts = {
  readonly schema: GraphQLSchema;
  readonly upstream: UpstreamClient;
  readonly authenticate: Authenticate;
  readonly cursors: CursorSeal;
  readonly live: Live;
  readonly metrics: Metrics;
  readonly introspection: boolean;
  readonly redirectOrigins: readonly string[] | null;
  readonly limits: Limits;
  readonly rates: RateLimits;
  /** `null`: any document runs. */
  readonly trustedDocuments: TrustedDocuments | null;
};

/** What every operation goes through, whatever transport brings it: who asks, what is asked, whether that may be, and run. */
export type Engine = {
  /** From a request's `Authorization` to its viewer. Whoever asks too often is not even told whether a token holds. */
  admit(authorization: string | null, address: string | null): Promise<Viewer>;
  /** Puts a trusted document in the place of what names it. */
  toTrusted<Params extends OperationParams>(params: Params): Params;
  /**
   * Checks and readies an operation whose viewer is known, and whose document is trusted where only such run. Never
   * throws: what is wrong comes back as errors that a client may see.
   */
  prepare(params: OperationParams, operation: Operation): Promise<Prepared | readonly GraphQLError[]>;
  /** For whatever fails elsewhere: log and metrics are told; answers what the client may see. */
  refuse(operation: Operation, errors: readonly GraphQLError[]): readonly GraphQLError[];
};

type OwnExecution = Execution & { readonly contextValue: Context };

export function createEngine(parts: EngineParts, telemetry: Telemetry): Engine {
  const { schema, rates, authenticate, trustedDocuments } = parts;
  const find = createDocuments({ schema, introspection: parts.introspection, limits: parts.limits.query });
  const admission = createAdmission(parts);

  /** A class: a getter in an object literal would have the engine keep a shape for each context, and all of it, for long. */
  class OperationContext implements Context {
    readonly cursors = parts.cursors;
    readonly live = parts.live;
    readonly metrics = parts.metrics;
    readonly redirectOrigins = parts.redirectOrigins;
    readonly operation: Operation;
    readonly viewer: Viewer;
    #upstream: Upstream | undefined;
    #loaders: Map<object, unknown> | undefined;

    constructor(operation: Operation, viewer: Viewer) {
      this.operation = operation;
      this.viewer = viewer;
    }

    get loaders(): Map<object, unknown> {
      this.#loaders ??= new Map();
      return this.#loaders;
    }

    forget(): void {
      this.#loaders = undefined;
      this.#upstream = undefined;
    }

    /** Made when it is needed: most streams never call. */
    get upstream(): Upstream {
      this.#upstream ??= parts.upstream.within(new OperationCalls(this.operation));
      return this.#upstream;
    }
  }

  async function prepare(params: OperationParams, operation: Operation): Promise<Prepared | readonly GraphQLError[]> {
    try {
      const { viewer } = operation;
      if (viewer === null) throw unauthenticated("A bearer token is required.");
      const { document, errors } = find(params.query ?? "");
      if (errors.length > 0) return refuse(operation, errors.map(asOfRequest));
      const { operationName } = params;
      const asked = getOperationAST(document, operationName);
      if (asked == null) throw noSuchOperation();
      if (asked.operation === "mutation" && operation.isReadOnly) throw mutationByGet();
      operation.name = asked.name?.value ?? null;
      operation.kind = asked.operation;
      const variableValues = params.variables ?? {};
      const contextValue = new OperationContext(operation, viewer);
      const execution = { schema, document, operation: asked, variableValues, contextValue };
      return {
        ...execution,
        operationName,
        run: () =>
          asked.operation === "subscription"
            ? open(execution, operation, operationName)
            : perform(execution, operation),
      };
    } catch (error) {
      return refuse(operation, [asOfRequest(toGraphQLError(error))]);
    }
  }

  async function perform(execution: OwnExecution, operation: Operation): Promise<ExecutionResult> {
    try {
      await admission.admit(operation, execution);
      const room = admission.enter(operation, execution.contextValue.upstream);
      try {
        if (room.ready !== undefined) await room.ready;
        return telemetry.settle(operation, await execute(execution));
      } finally {
        room.release();
      }
    } catch (error) {
      return telemetry.settle(operation, { errors: [toGraphQLError(error)] });
    } finally {
      admission.settle(operation);
    }
  }

  async function open(execution: OwnExecution, operation: Operation, operationName: string | null | undefined) {
    try {
      await admission.admit(operation, execution);
      const opened = await subscribe({ ...execution, operationName });
      if (isAsyncIterable(opened)) return new Stream(opened as AsyncIterableIterator<ExecutionResult>, operation);
      admission.settle(operation);
      return telemetry.settle(operation, opened);
    } catch (error) {
      admission.settle(operation);
      return telemetry.settle(operation, { errors: [toGraphQLError(error)] });
    }
  }

  /** It goes on for long: each message pays for what it has read beyond the estimate; the rest is given back at the end. */
  class Stream implements AsyncIterableIterator<ExecutionResult> {
    readonly #messages: AsyncIterableIterator<ExecutionResult>;
    readonly #operation: Operation;
    readonly #told: OpenStream;
    #isOver = false;

    constructor(messages: AsyncIterableIterator<ExecutionResult>, operation: Operation) {
      this.#messages = messages;
      this.#operation = operation;
      this.#told = telemetry.open(operation);
    }

    next(): Promise<IteratorResult<ExecutionResult>> {
      return this.#messages.next().then(
        (message) => this.#pass(message),
        (error) => {
          this.#end();
          throw error;
        },
      );
    }

    #pass(message: IteratorResult<ExecutionResult>): IteratorResult<ExecutionResult> {
      if (message.done === true) {
        this.#end();
        return message;
      }
      if (this.#operation.upstreamCalls > this.#operation.chargedCost) admission.settle(this.#operation);
      return { done: false, value: this.#told.tell(message.value) };
    }

    #end(): void {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#told.end();
      admission.settle(this.#operation);
    }

    async return(): Promise<IteratorResult<ExecutionResult>> {
      this.#end();
      return (await this.#messages.return?.()) ?? { done: true, value: undefined };
    }

    async throw(error: unknown): Promise<IteratorResult<ExecutionResult>> {
      this.#end();
      await this.#messages.return?.();
      throw error;
    }

    [Symbol.asyncIterator](): this {
      return this;
    }
  }

  function refuse(operation: Operation, errors: readonly GraphQLError[]): readonly GraphQLError[] {
    return telemetry.settle(operation, { errors }).errors ?? [];
  }

  return {
    async admit(authorization, address) {
      const charged = rates.consume({ viewer: null, address }, 1);
      if (charged !== undefined) await charged;
      return authenticate(authorization);
    },
    toTrusted: (params) => (trustedDocuments === null ? params : { ...params, query: trustedDocuments.find(params) }),
    prepare,
    refuse,
  };
}

class OperationCalls implements CallScope {
  readonly cancellation: Cancellation;
  readonly #operation: Operation;

  constructor(operation: Operation) {
    this.cancellation = operation.cancellation;
    this.#operation = operation;
  }

  since(): number {
    return this.#operation.deadlineStartsAt;
  }

  onCall(): void {
    this.#operation.upstreamCalls += 1;
  }

  startSpan(name: string): Span | null {
    return currentSpan(this.#operation.span)?.child(name, "client") ?? null;
  }

  /** What a write depends on is read for it alone. */
  shares(): boolean {
    return this.#operation.kind !== "mutation";
  }
}

export function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError("Unexpected error.", {
    originalError: error instanceof Error ? error : new Error(typeof error),
  });
}

/** What is wrong with a request as a whole has a status of its own, but for clients that ask for `application/json`. */
function asOfRequest(error: GraphQLError): GraphQLError {
  if (error.originalError == null) error.extensions["http"] ??= { spec: true, status: 400 };
  return error;
}
