/** Tailcall by configuration (bench/peers/tailcall.graphql) as a system. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { QueryName } from "../queries.ts";
import { forOlderGlibc } from "./older-glibc.ts";
import { launch, untilReady } from "./program.ts";
import { getAccessToken } from "./stack.ts";
import type { System, Variables } from "./system.ts";
import { isOne, readRows } from "./trees.ts";

const packages = "bench/peers/node_modules";
const installed = join(packages, "@tailcallhq/core-linux-x64-gnu/bin/tailcall");
const adapted = join(packages, ".tailcall-for-older-glibc");
const quiet = { TAILCALL_LOG_LEVEL: "error", TAILCALL_TRACKER: "false" };
const runs = (file: string) => spawnSync(file, ["--version"], { env: quiet }).status === 0;

/** The program that runs here: as it is installed, or else its copy for an older glibc. Null where neither does. */
function findProgram(): string | null {
  if (runs(installed)) return installed;
  if (!existsSync(adapted)) writeFileSync(adapted, forOlderGlibc(readFileSync(installed)), { mode: 0o755 });
  return runs(adapted) ? adapted : null;
}

const users = "paymentServiceUsers(first: 20";
const banks = "connections { status accounts { name balances { asset balance } } }";
const texts: Readonly<Record<QueryName, string>> = {
  Flat: `query Flat { ${users}) { id name createdAt } }`,
  FlatApart: `query FlatApart($filter: String) { ${users}, filter: $filter) { id name createdAt } }`,
  One: `query One($psuId: String!) { paymentServiceUser(id: $psuId) { name ${banks} } }`,
  OneApart: `query OneApart($psuId: String!) { paymentServiceUser(id: $psuId) { name ${banks} } }`,
  Tree: `query Tree { ${users}) { name ${banks} } }`,
  TreeApart: `query TreeApart($filter: String) { ${users}, filter: $filter) { name ${banks} } }`,
};

/** The filter of users is the client's work: configuration has no lists of conditions. */
function toOperation(query: QueryName, { psuId, ids }: Variables) {
  const filter = ids && JSON.stringify({ $or: ids.map((id) => ({ $match: { id } })) });
  return { operationName: query, query: texts[query], variables: isOne(query) ? { psuId } : { filter } };
}

type Data = { readonly paymentServiceUser?: unknown; readonly paymentServiceUsers?: unknown };

async function findPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const tailcall: System = {
  name: "Tailcall",
  get missing() {
    if (process.platform !== "linux" || process.arch !== "x64") return "Tailcall's program is for Linux on x86-64.";
    if (!existsSync(installed)) return "Tailcall is not installed: `npm ci --prefix bench/peers`.";
    return findProgram() === null ? "Tailcall's program does not run with this glibc." : null;
  },
  cannot: {
    "one connection id of two users": "a connection's row names no user, and one filter of it is all that can be said",
    "a user of 130 accounts": "no page after the first can be read",
    "three users at once": "both of these",
  },
  toOperation,
  read: (query, data) => {
    const { paymentServiceUser, paymentServiceUsers } = data as Data;
    return readRows(query, isOne(query) ? paymentServiceUser : paymentServiceUsers);
  },
  async start(stack, { folder }) {
    const port = await findPort();
    const configuration = (await readFile("bench/peers/tailcall.graphql", "utf8"))
      .replace("port: PORT", `port: ${port}`)
      .replaceAll("STACK", stack.url);
    const file = join(folder, "tailcall.graphql");
    await writeFile(file, configuration);
    const token = await getAccessToken(stack);
    const program = launch("first", [findProgram() ?? installed, "start", file], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...quiet, TOKEN: token },
    });
    const url = `http://127.0.0.1:${port}`;
    const isReady = async () => {
      const response = await fetch(`${url}/graphql`, { method: "POST", body: "{}" }).catch(() => null);
      await response?.body?.cancel();
      return response;
    };
    await untilReady("Tailcall", program, isReady);
    return { ...program, url, headers: {} };
  },
};
