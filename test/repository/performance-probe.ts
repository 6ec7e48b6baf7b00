/**
 * Runs in the gateway's process before its code, and writes on SIGUSR2 the counts for performance.test.ts: into the
 * folder PROBE_FOLDER, because the gateway's output is its log.
 */
import { renameSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { GCProfiler, getHeapStatistics } from "node:v8";

export type Probed = {
  /** Bytes allocated on the heap since the process started, including those that were collected. */
  readonly allocated: number;
  /** URLs of the modules that were loaded since the last report; `builtIn`: Node's own, by name, in the first report. */
  readonly modules: readonly string[];
  readonly builtIn: readonly string[];
};

const modules = new Set<string>();
registerHooks({
  load(url, context, next) {
    modules.add(url);
    return next(url, context);
  },
});

const collections = new GCProfiler();
collections.start();
let freed = 0;
let count = 0;

process.on("SIGUSR2", () => {
  for (const { beforeGC, afterGC } of collections.stop()?.statistics ?? [])
    freed += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
  const allocated = freed + getHeapStatistics().used_heap_size;
  collections.start();
  const builtIn: readonly string[] = Reflect.get(process, "moduleLoadList");
  const report: Probed = {
    allocated,
    modules: [...modules].filter((url) => !url.startsWith("node:") && url !== import.meta.url),
    builtIn: count === 0 ? builtIn.filter((name) => name.startsWith("NativeModule ")) : [],
  };
  modules.clear();
  count += 1;
  const file = `${process.env["PROBE_FOLDER"]}/${count}.json`;
  writeFileSync(`${file}.part`, JSON.stringify(report));
  renameSync(`${file}.part`, file); // atomic
});
