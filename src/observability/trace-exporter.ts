/** Sends traces to a collector over OTLP. */
import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import type { TracerProvider as AnyTracerProvider } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";

export type TraceExporterOptions = {
  /** Of the collector: OTLP over HTTP, below it `/v1/traces`. */
  readonly endpoint: URL;
  /** On the way to it; with user and password. */
  readonly proxy?: URL | null;
  /** Unless OTEL_SERVICE_NAME says otherwise. */
  readonly serviceName: string;
  /** Called when traces could not be delivered, at most once in half a minute. */
  onProblem(kind: string): void;
  /** How long spans are gathered before they are sent; default 5 s. */
  readonly sendEveryMs?: number;
};

/** Disposing sends what is left, within bounded time. */
export type TraceExporter = AsyncDisposable & { readonly provider: AnyTracerProvider };

const exportWithinMs = 3000;
const reportAgainAfterMs = 30_000;

/** Spans that a collector does not accept are dropped: memory stays bounded. */
export function startTraceExporter({
  endpoint,
  proxy = null,
  serviceName,
  onProblem,
  sendEveryMs = 5000,
}: TraceExporterOptions): TraceExporter {
  const named = resourceFromAttributes({ "service.name": serviceName });
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(), // the default obeys the caller's flag
    resource: named.merge(detectResources({ detectors: [envDetector] })), // OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: createExporter(endpoint, proxy, onProblem),
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: exportWithinMs,
      }),
    ],
  });
  return {
    provider,
    async [Symbol.asyncDispose]() {
      await provider.shutdown().catch(() => {}); // the collector is away: reported before
    },
  };
}

function createExporter(endpoint: URL, proxy: URL | null, onProblem: (kind: string) => void): SpanExporter {
  const exporter = new OTLPTraceExporter({
    ...(proxy !== null && { httpAgentOptions: (protocol: string) => createProxyAgent(protocol, proxy) }),
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

function createProxyAgent(protocol: string, { href }: URL): Agent {
  const options = { keepAlive: true, proxyEnv: { HTTP_PROXY: href, HTTPS_PROXY: href } };
  return protocol === "https:" ? new SecureAgent(options) : new Agent(options);
}

/** A status or a code of the system; messages hold addresses. */
function toKind(error: Error | undefined): string {
  const code: unknown = error !== undefined && "code" in error ? error.code : undefined;
  return /^\w+$/.test(String(code)) && code !== undefined ? String(code) : "undelivered";
}
