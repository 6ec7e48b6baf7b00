// @ts-check
/**
 * `npm ci` and `npm install` run this in a checkout. Where the machine's Node is too old for the sources, it installs the
 * Node of this folder, and puts it where npm's scripts and `npx` find it first. Plain JavaScript, which Node 18 can parse.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @param {string} name */
const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));
/** @param {string} name */
const readJson = (name) => JSON.parse(readFileSync(pathOf(name), "utf8"));
/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

const oldest = Number.parseInt(readJson("../package.json").engines.node.replace(/\D+/, ""), 10);
const isOld = Number(process.versions.node.split(".")[0]) < oldest;
if (isOld) install(`node-${process.platform}-${process.arch}`);

/** @param {string} name of the package with Node for this machine */
function install(name) {
  const wanted = readJson("package.json").optionalDependencies[name];
  if (wanted === undefined || !hasGlibc()) {
    say(`Node ${oldest} or newer is needed, and this is ${process.version}: https://nodejs.org/en/download has it.`);
    return;
  }
  const installed = `node_modules/${name}/package.json`;
  if (!existsSync(pathOf(installed)) || readJson(installed).version !== wanted) {
    const flags = ["--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
    const { status } = spawnSync("npm", ["ci", "--prefix", pathOf("."), ...flags], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`${name} could not be installed.`);
  }
  const bin = pathOf("../node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  rmSync(`${bin}/node`, { force: true });
  symlinkSync(`../../runtime/node_modules/${name}/bin/node`, `${bin}/node`);
  say(
    `This is Node ${process.version}: npm's scripts here run on Node ${wanted}, which is now in runtime/ (SECURITY.md).`,
  );
}

/** What Node's own builds for Linux need; Alpine, for one, has musl. */
function hasGlibc() {
  const report = process.report?.getReport();
  return (
    report !== undefined && "glibcVersionRuntime" in (typeof report === "string" ? JSON.parse(report) : report).header
  );
}
