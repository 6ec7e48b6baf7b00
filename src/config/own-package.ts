/** The package that this code is of: its name and version, and how its commands and documents are found. */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

type Manifest = { readonly name: string; readonly version: string; readonly repository: { readonly url: string } };

function readManifest(): Manifest {
  const path = findPackageJSON("..", import.meta.url);
  if (path === undefined) throw new Error("The code is in no package.");
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

export const ownPackage = readManifest();

/** A checkout runs its sources by npm's scripts; the package and the image have them compiled. */
export const isCheckout = import.meta.url.endsWith(".ts");

/** How a command is called: `npm run doctor -- --json` in a checkout, else `npx <package> doctor --json`. */
export function toCommandLine(command: string, options = ""): string {
  const called = command === "start" ? "npm start" : `npm run ${command}`;
  if (!isCheckout) return `npx ${ownPackage.name} ${command} ${options}`.trimEnd();
  return options === "" ? called : `${called} -- ${options}`;
}

/** Where a page of the documents is: its file in a checkout, else its address. */
export function toDocument(name: string): string {
  if (isCheckout) return `docs/${name}`;
  return `${ownPackage.repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/docs/${name}`;
}
