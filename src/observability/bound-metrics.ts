/**
 * Metrics whose children are found by the values of their labels. prom-client makes a text of all labels at each
 * observation, which calls of the stack are too many for (docs/decisions/0024-tracing-and-metrics.md).
 */
import { Counter, type Metric, type Registry } from "prom-client";

type Described = { readonly name: string; readonly help: string; readonly registers: readonly Registry[] };

/** Counts by one label or two. What was counted since the last scrape becomes a prom-client counter's at the next. */
export function createBoundCounter(
  { name, help, registers }: Described,
  [first, second]: readonly [string, string?],
): (one: string, other?: string | number) => void {
  const counts = new Map<string, Map<string | number, number>>();
  new Counter({
    name,
    help,
    labelNames: second === undefined ? [first] : [first, second],
    registers: [...registers],
    collect() {
      for (const [one, others] of counts) {
        for (const [other, count] of others) {
          this.inc(second === undefined ? { [first]: one } : { [first]: one, [second]: other }, count);
        }
      }
      counts.clear();
    },
  });
  return (one, other = "") => {
    let others = counts.get(one);
    if (others === undefined) {
      others = new Map();
      counts.set(one, others);
    }
    others.set(other, (others.get(other) ?? 0) + 1);
  };
}

/** How many values there were in each bucket, and in all. */
class Observations {
  readonly inBucket: Float64Array;
  sum = 0;
  count = 0;

  constructor(buckets: number) {
    this.inBucket = new Float64Array(buckets);
  }
}

/** Observes values by one label. @param bounds upper ones, in rising order. */
export function createBoundHistogram(
  { name, help, registers }: Described,
  label: string,
  bounds: readonly number[],
): (labelled: string, value: number) => void {
  const children = new Map<string, Observations>();

  function toValues() {
    return [...children].flatMap(([value, { inBucket, sum, count }]) => {
      let below = 0;
      const buckets = bounds.map((bound, at) => {
        below += inBucket[at] ?? 0;
        return { labels: { [label]: value, le: bound }, value: below, metricName: `${name}_bucket` };
      });
      const labels = { [label]: value };
      return [
        ...buckets,
        { labels: { ...labels, le: "+Inf" }, value: count, metricName: `${name}_bucket` },
        { labels, value: sum, metricName: `${name}_sum` },
        { labels, value: count, metricName: `${name}_count` },
      ];
    });
  }

  // What a registry reads of a metric.
  const metric = {
    name,
    help,
    type: "histogram",
    aggregator: "sum",
    get: async () => ({ ...metric, values: toValues() }),
  };
  for (const register of registers) register.registerMetric(metric as unknown as Metric);

  return (labelled, value) => {
    let child = children.get(labelled);
    if (child === undefined) {
      child = new Observations(bounds.length);
      children.set(labelled, child);
    }
    child.sum += value;
    child.count += 1;
    for (let at = 0; at < bounds.length; at += 1) {
      if (value > (bounds[at] as number)) continue;
      (child.inBucket[at] as number) += 1;
      return;
    }
  };
}
