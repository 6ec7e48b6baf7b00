/** The table of settings in docs/configuration.md, made from their entries. */
import type { Setting } from "../src/config/setting.ts";
import { topics } from "../src/config/settings.ts";

const begin = "<!-- Made by `npm run codegen` from src/config/settings.ts. -->";
const end = "<!-- The end of what is made. -->";

/** @param page docs/configuration.md as it is; what stands around the table stays. */
export function withSettingsTable(page: string): string {
  const [head, made] = page.split(begin);
  const tail = made?.split(end)[1];
  if (head === undefined || tail === undefined) throw new Error("docs/configuration.md lacks the marks of its table.");
  return [head, begin, "\n\n", toTable(), "\n\n", end, tail].join("");
}

function toTable(): string {
  const rows = Object.entries(topics).flatMap(([topic, settings]) => [
    `| **${topic}** | | |`,
    ...Object.entries(settings).map(([name, setting]) => toRow(name, setting)),
  ]);
  return ["| setting | default | meaning |", "|---|---|---|", ...rows].join("\n");
}

function toRow(name: string, { default: initial, unset, meaning, isReloadable, isSecret }: Setting): string {
  const marks = `${isReloadable ? " ↻" : ""}${isSecret ? " 🔒" : ""}`;
  return `| \`${name}\`${marks} | ${initial === undefined ? (unset ?? "") : `\`${initial}\``} | ${meaning} |`;
}
