/** Traces by OpenTelemetry, without its globals. */
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Span, StartTrace } from "../lib/span.ts";

const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

/**
 * Every operation has a trace, whatever the caller's flag says: no caller can hide. What is recorded is for the provider,
 * and what is kept for its collector to decide.
 */
export function createTracing(provider: TracerProvider): StartTrace {
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

  return (caller, startedAt) => {
    // Ids alone: a caller's `tracestate` is free text, and would go on to the stack and the collector.
    const get = (_: unknown, name: string) => (name === "traceparent" ? (caller ?? undefined) : undefined);
    const context = propagator.extract(ROOT_CONTEXT, null, { get, keys: () => [] });
    return toSpan(tracer.startSpan("operation", { kind: SpanKind.SERVER, startTime: startedAt }, context));
  };
}
