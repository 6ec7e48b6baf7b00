/** The tables of settings in docs/configuration.md, made from their entries. */
import type { Setting } from "../src/config/setting.ts";
import { topics } from "../src/config/settings.ts";

const begin = "<!-- Made by `npm run codegen` from src/config/settings.ts. -->";
const end = "<!-- The end of what is made. -->";

/** @param page docs/configuration.md as it is; what stands around the tables stays. */
export function withSettingsTables(page: string): string {
  const [head, made] = page.split(begin);
  const tail = made?.split(end)[1];
  if (head === undefined || tail === undefined) throw new Error("docs/configuration.md lacks the marks of its tables.");
  return [head, begin, "\n\n", toTables(), "\n\n", end, tail].join("");
}

function toTables(): string {
  return Object.entries(topics)
    .map(([topic, settings]) => {
      const rows = Object.entries(settings).map(([name, setting]) => toRow(name, setting));
      return [`### ${topic}`, "", "| setting | default | meaning |", "|---|---|---|", ...rows].join("\n");
    })
    .join("\n\n");
}

function toRow(name: string, { default: initial, unset, meaning, isReloadable, isSecret }: Setting): string {
  const marks = `${isReloadable ? " ↻" : ""}${isSecret ? " 🔒" : ""}`;
  return `| <a id="${name.toLowerCase()}"></a>\`${name}\`${marks} | ${initial === undefined ? (unset ?? "") : `\`${initial}\``} | ${meaning} |`;
}
