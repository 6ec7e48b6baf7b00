/** The programs of examples/extended, as its README says. */
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

it("the program with one field serves it", { timeout: 60_000 }, async () => {
  const args = ["--conditions=checkout", "examples/extended/first-field.ts"];
  await using command = runCommand(process.execPath, args, { env: { PORT: "0" } });
  const [, url = ""] = await command.waitFor(/GraphQL is at (http\S+\/graphql)/);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ paymentServiceUsers(first: 1) { nodes { psuId crmUrl } } }" }),
  });
  const { data } = (await response.json()) as {
    data: { paymentServiceUsers: { nodes: { psuId: string; crmUrl: string }[] } };
  };
  const [user] = data.paymentServiceUsers.nodes;
  expect(user?.crmUrl).toBe(`https://crm.example.com/customers/${user?.psuId}`);
  command.kill("SIGTERM");
  expect(await command.exit).toBe(0);
});
