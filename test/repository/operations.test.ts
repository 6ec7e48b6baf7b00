/** The pages for operators name each alert, each setting and existing files. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { replaced } from "../../src/config/misspelt.ts";
import type { Setting } from "../../src/config/setting.ts";
import { settingNames, settings } from "../../src/config/settings.ts";

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");

/** The names in backticks in the first column of the tables under a heading. */
async function namesIn(path: string, heading: string): Promise<readonly string[]> {
  const text = await read(path);
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  const rows = [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, first = ""]) => first);
  return rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
}

describe("docs/operations.md", () => {
  it("explains each alert, and no other", async () => {
    const shape = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string() })) })) });
    const { groups } = shape.parse(parse(await read("docs/alerts.yaml")));
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(alerts.length).toBeGreaterThan(10);
    expect(await namesIn("docs/operations.md", "Alerts")).toEqual(alerts);
  });

  it("says of each secret how it is rotated", async () => {
    const secrets = Object.entries<Setting>(settings).flatMap(([name, { isSecret }]) => (isSecret ? [name] : []));
    expect(await namesIn("docs/operations.md", "Rotate a secret")).toEqual(
      expect.arrayContaining([...secrets, "AUTH_JWKS_URL", "AUTH_JWKS_FILE"]),
    );
  });

  it("names only existing files", async () => {
    const links = [...(await read("docs/operations.md")).matchAll(/\]\(([\w./]+)\)/g)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThan(4);
    for (const path of links) expect(await read(`docs/${path}`)).not.toBe("");
  });
});

describe("docs/upgrade.md", () => {
  it("names each setting of an earlier release", async () => {
    expect(await namesIn("docs/upgrade.md", "The gateway")).toEqual(expect.arrayContaining(Object.keys(replaced)));
  });
});

describe("docs/configuration.md", () => {
  it("names each setting", async () => {
    const text = await read("docs/configuration.md");
    expect(settingNames.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});
