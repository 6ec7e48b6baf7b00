/** Reads metrics in the text format of Prometheus. */
import { expect } from "vitest";

/** The value of each sample by its name with its labels, as written. */
export type Samples = ReadonlyMap<string, number>;

const sample = /^([a-z][a-z0-9_]*)(\{(?:[a-z_]+="[^"\\\n]*",?)*\})? (\d+(?:\.\d+)?(?:e[+-]\d+)?|Nan)$/;

/** Reads the part of the text format that the gateway may write. @throws at any other line. */
export function toSamples(text: string): Samples {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  let described = "";
  for (const line of text.split("\n").filter(Boolean)) {
    const [, kind, name = "", more = ""] = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") described = name;
    else if (kind === "TYPE") {
      if (name !== described) throw new Error(`${name} has no description.`);
      types.set(name, more);
    } else {
      const [, family = "", labels = "", value] = sample.exec(line) ?? [];
      const type = types.get(family) ?? types.get(family.replace(/_(bucket|sum|count)$/, ""));
      if (type === undefined) throw new Error(`This is not a sample: ${line}`);
      if (type === "counter" && !family.endsWith("_total")) throw new Error(`A counter ends with _total: ${line}`);
      if (samples.has(family + labels)) throw new Error(`This sample is repeated: ${line}`);
      samples.set(family + labels, Number(value));
    }
  }
  return samples;
}

/** The samples of `GET /metrics`. */
export async function scrape(url: string): Promise<Samples> {
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return toSamples(await response.text());
}
