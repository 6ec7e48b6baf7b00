/** A tracer provider of OpenTelemetry that keeps the spans which have ended. */
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

export class BasicTracerProvider extends TracerProvider {
  readonly ended: { readonly name: string; readonly traceId: string; readonly spanId: string }[];

  constructor() {
    const ended: BasicTracerProvider["ended"] = [];
    const exporter = {
      export(
        spans: readonly { name: string; spanContext(): { traceId: string; spanId: string } }[],
        done: (result: { code: number }) => void,
      ) {
        for (const span of spans) ended.push({ name: span.name, ...span.spanContext() });
        done({ code: 0 });
      },
      shutdown: async () => {},
    };
    super({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    this.ended = ended;
  }
}
