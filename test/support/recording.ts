import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderVariable } from "./record.ts";

/** Makes the folder in which a run keeps what its gateways wrote; the workers get it with the environment. */
export default async function startRecording() {
  const folder = await mkdtemp(join(tmpdir(), "recorded-"));
  process.env[folderVariable] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
