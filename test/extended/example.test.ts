/** `npm run extended`, as its README says: it prints a query, which works. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { runCommand } from "../support/process.ts";
import { isInstalled } from "../support/servers.ts";

it.skipIf(!isInstalled("curl"))("npm run extended prints a query that works", { timeout: 60_000 }, async () => {
  const args = manifest.scripts.extended.split(" ").slice(2); // behind `exec node`
  await using command = runCommand(process.execPath, args, { env: { PORT: "0", LOG_LEVEL: "silent" } });
  const [query] = await command.waitFor(/curl .*?\}'\n/s);
  const { stdout } = await promisify(execFile)("bash", ["-c", query]);
  const { data } = JSON.parse(stdout) as { data: { paymentServiceUsers: { nodes: { customer: object }[] } } };
  expect(data.paymentServiceUsers.nodes).toHaveLength(3);
  for (const { customer } of data.paymentServiceUsers.nodes) expect(customer).toMatchObject({ adviser: "Kim" });
  command.kill("SIGTERM");
  expect(await command.exit).toBe(0);
});
