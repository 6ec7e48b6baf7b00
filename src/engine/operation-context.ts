/** What the resolvers and upstream calls of one operation share. */
import type { Viewer } from "../auth/viewer.ts";
import type { Cancellation } from "../lib/cancellation.ts";
import { currentSpan, type Span } from "../lib/span.ts";
import type { Live } from "../live/live.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Operation } from "../operation.ts";
import type { Context } from "../schema/context.ts";
import type { CursorSeal } from "../schema/cursor.ts";
import type { Upstream, UpstreamClient } from "../upstream/client.ts";
import type { Providers } from "../upstream/providers/providers.ts";
import type { CallScope } from "../upstream/transport/call.ts";

/** What all operations share. */
export type ContextParts = {
  readonly upstream: UpstreamClient;
  readonly cursors: CursorSeal;
  readonly live: Live;
  readonly metrics: Metrics;
  readonly redirectOrigins: readonly string[] | null;
  readonly providers: Providers;
};

/** A class, since thousands exist at once (docs/decisions/0021-memory-per-stream.md). */
export class OperationContext implements Context {
  readonly operation: Operation;
  readonly viewer: Viewer;
  readonly #parts: ContextParts;
  #upstream: Upstream | undefined;
  #loaders: Map<object, unknown> | undefined;

  constructor(parts: ContextParts, operation: Operation, viewer: Viewer) {
    this.#parts = parts;
    this.operation = operation;
    this.viewer = viewer;
  }

  get cursors(): CursorSeal {
    return this.#parts.cursors;
  }

  get live(): Live {
    return this.#parts.live;
  }

  get metrics(): Metrics {
    return this.#parts.metrics;
  }

  get redirectOrigins(): readonly string[] | null {
    return this.#parts.redirectOrigins;
  }

  get providers(): Providers {
    return this.#parts.providers;
  }

  get loaders(): Map<object, unknown> {
    this.#loaders ??= new Map();
    return this.#loaders;
  }

  /** Made on first use: most streams never call. */
  get upstream(): Upstream {
    this.#upstream ??= this.#parts.upstream.within(new OperationScope(this.operation));
    return this.#upstream;
  }

  forget(): void {
    this.#loaders = undefined;
    this.#upstream = undefined;
  }
}

class OperationScope implements CallScope {
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
