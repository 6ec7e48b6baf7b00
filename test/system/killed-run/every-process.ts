/** Each kind of process that a test starts. */
import { fork } from "node:child_process";
import { it } from "vitest";
import { launchBrowser } from "../../browser/stage.ts";
import { runCommand, runScript, startGatewayCommand } from "../../support/process.ts";
import { isInstalled } from "../../support/programs.ts";
import { startNats, startRedis } from "../../support/servers.ts";

it("starts each kind of process, and waits for its end", async () => {
  await startGatewayCommand();
  await runScript("sandbox", ["--port", "0"]).waitFor(/FORMANCE_API_URL=/);
  await runCommand("npm", ["run", "sandbox", "--", "--port", "0"]).waitFor(/FORMANCE_API_URL=/);
  const bench = "--peers --systems floor,gateway --queries FlatApart --rounds 1 --seconds 600 --warm-up 0.1";
  runCommand(process.execPath, ["bench/run.ts", ...bench.split(" ")]);
  fork(new URL("../../upstream/transport/load-generator.ts", import.meta.url), ["http://127.0.0.1:1"]);
  if (isInstalled("redis-server")) await startRedis();
  if (isInstalled("nats-server")) await startNats({ jetStream: true });
  if (isInstalled("chromium")) await launchBrowser();
  await new Promise(() => {});
});
