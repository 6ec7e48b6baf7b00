/** The global setup of vitest: makes the folder in which a run records what its gateways write. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderVariable } from "./record.ts";

/** The workers get the folder by their environment. */
export default async function startRecording() {
  const folder = await mkdtemp(join(tmpdir(), "recorded-"));
  process.env[folderVariable] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
