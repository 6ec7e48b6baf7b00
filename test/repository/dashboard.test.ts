/** The Grafana dashboard and the alerts use only metrics that exist. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { startGatewayCommand } from "../support/process.ts";

const read = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");

const panels = z.array(
  z.object({
    title: z.string(),
    gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
    targets: z.array(z.object({ expr: z.string() })).default([]),
  }),
);
const readPanels = async () => z.object({ panels }).parse(JSON.parse(await read("grafana.json"))).panels;
const rules = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) });

/** The gateway's metrics in an expression. `up` is Prometheus' own. */
const metricsIn = (expression: string) => expression.match(/\b(gateway|process|nodejs)_\w+/g) ?? [];

describe("the dashboard and the alerts", () => {
  it("use only metrics that the gateway has", async () => {
    await using gateway = await startGatewayCommand();
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const known = new Set(
      [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [`${name}`],
      ),
    );
    const shown = (await readPanels()).flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    const watched = rules
      .parse(parse(await read("alerts.yaml")))
      .groups.flatMap((group) => group.rules.flatMap(({ expr }) => metricsIn(expr)));
    expect([shown.length, watched.length].map((count) => count > 15)).toEqual([true, true]);
    expect([...shown, ...watched].filter((name) => !known.has(name))).toEqual([]);
  });

  it("have no overlapping panels", async () => {
    const taken = (await readPanels()).flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(taken).size).toBe(taken.length);
  });
});
