import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("web", import.meta.url));

/** Installs what the example needs, unless it is there: it is a project of its own, so `npm ci` leaves it out. */
export function installExample(): void {
  const [wanted, installed] = [`${web}/package-lock.json`, `${web}/node_modules/.package-lock.json`];
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: web,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("The example could not be installed: run `npm ci` in examples/web.");
}

if (import.meta.main) installExample();
