/** What the gateway writes and sends about its work. */
import type { Setting } from "../setting.ts";
import { baseUrl, oneOf } from "../shapes.ts";

export const observability = {
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    shape: baseUrl.refine(
      (text) => !/\/v1\/traces\/*$/.test(text),
      "must be the collector's URL without /v1/traces, which is added",
    ),
    unset: "no traces",
    meaning: "an OpenTelemetry collector, such as `http://collector:4318`; traces go to its `/v1/traces`",
  },
  LOG_LEVEL: {
    shape: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    default: "info",
    meaning:
      "`fatal` … `trace`, or `silent`. `info` has a line for each operation, `debug` one for each refresh that failed",
    isReloadable: true,
  },
} satisfies Record<string, Setting>;
