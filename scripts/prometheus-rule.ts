/** The alerts as an object of the Prometheus Operator. */

/** @param alerts the text of docs/alerts.yaml. */
export function toPrometheusRule(alerts: string): string {
  const rules = alerts.slice(alerts.indexOf("groups:"));
  const head = [
    "# Made by `npm run codegen` from docs/alerts.yaml.",
    "apiVersion: monitoring.coreos.com/v1",
    "kind: PrometheusRule",
    "metadata:",
    "  name: gateway",
    "spec:",
  ];
  return `${head.join("\n")}\n${rules.replaceAll(/^(?=.)/gm, "  ")}`;
}
