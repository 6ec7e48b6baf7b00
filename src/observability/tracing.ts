/** Traces by OpenTelemetry, sent to a collector over OTLP. */
import { type Context, type Span as OtelSpan, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Span, StartTrace } from "../lib/span.ts";

export type TracingOptions = {
  /** Of the collector: OTLP over HTTP, below it `/v1/traces`. */
  readonly endpoint: URL;
  /** Called when traces could not be delivered, at most once in half a minute. */
  onProblem(kind: string): void;
  /** How long spans are gathered before they are sent; default 5 s. */
  readonly sendEveryMs?: number;
};

/** Disposing sends what is left, within bounded time. */
export type Tracing = AsyncDisposable & { readonly start: StartTrace };

const exportWithinMs = 3000;
const reportAgainAfterMs = 30_000;
const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

/**
 * Traces by OpenTelemetry, without its globals. Every operation is recorded, whatever the caller's flag
 * says: sampling is for the collector to decide, and no caller can hide. Spans that a collector does not accept are
 * dropped: memory stays bounded.
 */
export function startTracing({ endpoint, onProblem, sendEveryMs = 5000 }: TracingOptions): Tracing {
  const named = resourceFromAttributes({ "service.name": "open-banking-graphql-gateway" });
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(), // the default obeys the caller's flag
    resource: named.merge(detectResources({ detectors: [envDetector] })), // OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: createExporter(endpoint, onProblem),
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: exportWithinMs,
      }),
    ],
  });
  const tracer = provider.getTracer("gateway");
  const propagator = new W3CTraceContextPropagator();

  function toSpan(span: OtelSpan, origin: OtelSpan = span): Span {
    const context: Context = trace.setSpan(ROOT_CONTEXT, span);
    const headers: Record<string, string> = {};
    propagator.inject(context, headers, { set: (all, name, value) => Object.assign(all, { [name]: value }) });
    return {
      traceId: span.spanContext().traceId,
      headers,
      child: (name, kind) => toSpan(tracer.startSpan(name, { kind: kinds[kind] }, context)),
      follow(name) {
        const links = [{ context: origin.spanContext() }];
        return toSpan(tracer.startSpan(name, { kind: SpanKind.SERVER, root: true, links }, ROOT_CONTEXT), origin);
      },
      end({ name, isFault, attributes = {} }) {
        if (name !== undefined) span.updateName(name);
        if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttributes({ ...attributes });
        span.end();
      },
    };
  }

  return {
    start(caller, startedAt) {
      // Ids alone: a caller's `tracestate` is free text, and would go on to the stack and the collector.
      const get = (_: unknown, name: string) => (name === "traceparent" ? (caller ?? undefined) : undefined);
      const context = propagator.extract(ROOT_CONTEXT, null, { get, keys: () => [] });
      return toSpan(tracer.startSpan("operation", { kind: SpanKind.SERVER, startTime: startedAt }, context));
    },
    async [Symbol.asyncDispose]() {
      await provider.shutdown().catch(() => {}); // the collector is away: reported before
    },
  };
}

function createExporter(endpoint: URL, onProblem: (kind: string) => void): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.href.replace(/\/+$/, "")}/v1/traces`,
    timeoutMillis: exportWithinMs,
  });
  let reportedAt = Number.NEGATIVE_INFINITY;
  return {
    export(spans, onResult) {
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.FAILED && performance.now() - reportedAt > reportAgainAfterMs) {
          reportedAt = performance.now();
          onProblem(toKind(result.error));
        }
        onResult(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
}

/** A status or a code of the system; messages hold addresses. */
function toKind(error: Error | undefined): string {
  const code: unknown = error !== undefined && "code" in error ? error.code : undefined;
  return /^\w+$/.test(String(code)) && code !== undefined ? String(code) : "undelivered";
}
