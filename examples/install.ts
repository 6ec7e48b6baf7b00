/** Installs the packages of the example front end, a project of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("web", import.meta.url));

/** Does nothing when the installed packages are up to date. */
export function installExample(): void {
  const [wanted, installed] = [`${web}/package-lock.json`, `${web}/node_modules/.package-lock.json`];
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  process.stdout.write("Installing the example's packages, which takes a moment and is needed once…\n");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: web,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("The example could not be installed: run `npm ci` in examples/web.");
}

if (import.meta.main) installExample();
