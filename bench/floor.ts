/**
 * The floor: the queries of the bench written by hand, with node:http and undici and nothing else. It makes the same calls
 * over the same kind of pool, page after page, and returns the same data. It has no authentication, no limits and no error
 * handling.
 *
 * `node bench/floor.ts <url of the stack> <client id> <client secret> <connections> request|dispatch`
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";

const [stack = "", clientId = "", clientSecret = "", connections = "", how = ""] = process.argv.slice(2);
const pool = new Pool(stack, { connections: Number(connections), headersTimeout: 0, bodyTimeout: 0 });

type Row = Record<string, string>;
type Page = { cursor: { data: Row[]; hasMore: boolean; next?: string } };

function send(method: "GET" | "POST", path: string, headers: Record<string, string>, body?: string): Promise<string> {
  if (how === "request")
    return pool.request({ method, path, headers, body: body ?? null, reset: false }).then((r) => r.body.text());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pool.dispatch(
      { method, path, headers, body: body ?? null, reset: false },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? ""),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

const form = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: clientId,
  client_secret: clientSecret,
  scope: "openid payments:read payments:write",
});
const type = { "content-type": "application/x-www-form-urlencoded" };
const { access_token: token } = JSON.parse(await send("POST", "/api/auth/oauth/token", type, form.toString()));
const authorization = { authorization: `Bearer ${token}` };
const withFilter = { ...authorization, "content-type": "application/json" };

function read(path: string, filter?: object): Promise<string> {
  const body = filter && JSON.stringify(filter);
  return send("GET", `/api/payments/v3${path}`, body ? withFilter : authorization, body);
}
const toExact = (_key: string, value: unknown, { source = "" }: { readonly source?: string } = {}) =>
  typeof value === "number" && !Number.isSafeInteger(value) ? BigInt(source) : value;
/** Only a page with an amount that a double cannot hold is parsed twice. */
function parseBalances(text: string): Page {
  const page = JSON.parse(text) as Page;
  return page.cursor.data.every(({ balance }) => Number.isSafeInteger(balance)) ? page : JSON.parse(text, toExact);
}
async function all(path: string, filter?: object, parse: (text: string) => Page = JSON.parse): Promise<Row[]> {
  const rows: Row[] = [];
  let page = parse(await read(`${path}?pageSize=100`, filter));
  for (;;) {
    rows.push(...page.cursor.data);
    const { hasMore, next } = page.cursor;
    if (!hasMore || !next) return rows;
    page = parse(await read(`${path}?cursor=${next}`));
  }
}
const matching = (key: string, ids: readonly string[]) =>
  ids.length === 1 ? { $match: { [key]: ids[0] } } : { $or: ids.map((id) => ({ $match: { [key]: id } })) };

function toMoney({ asset = "", balance }: Row) {
  const [currency = "", scale = "0"] = asset.split("/");
  const digits = String(balance)
    .replace("-", "")
    .padStart(Number(scale) + 1, "0");
  const cut = digits.length - Number(scale);
  const sign = String(balance).startsWith("-") ? "-" : "";
  const fraction = cut === digits.length ? "" : `.${digits.slice(cut)}`;
  return { amount: { decimal: `${sign}${digits.slice(0, cut)}${fraction}`, currency } };
}

async function balancesOf(account: Row) {
  const newest = new Map<string, Row>();
  for (const row of await all(`/accounts/${account["id"]}/balances`, undefined, parseBalances)) {
    if (!newest.has(row["asset"] ?? "")) newest.set(row["asset"] ?? "", row);
  }
  return { name: account["name"], balances: [...newest.values()].map(toMoney) };
}

async function withBanks(users: readonly Row[]) {
  const [accounts, ...connections] = await Promise.all([
    all(
      "/accounts",
      matching(
        "psu_id",
        users.map(({ id = "" }) => id),
      ),
    ),
    ...users.map(({ id }) => all(`/payment-service-users/${id}/connections`)),
  ]);
  const shown = new Map(await Promise.all(accounts.map(async (one) => [one["id"], await balancesOf(one)] as const)));
  return users.map(({ id, name }, at) => ({
    name,
    connections: (connections[at] ?? []).map(({ status, connectorID, connectionID }) => ({
      status,
      accounts: accounts
        .filter(
          (one) =>
            one["psuID"] === id &&
            one["openBankingConnectionID"] === connectionID &&
            one["connectorID"] === connectorID,
        )
        .map((one) => shown.get(one["id"] ?? "")),
    })),
  }));
}

async function usersOf(ids?: readonly string[]): Promise<Row[]> {
  const page = JSON.parse(await read("/payment-service-users?pageSize=20", ids && matching("id", ids))) as Page;
  return page.cursor.data;
}

const toFlat = (users: readonly Row[]) => ({
  paymentServiceUsers: { nodes: users.map(({ id, name, createdAt }) => ({ psuId: id, name, createdAt })) },
});
const toTree = async (users: readonly Row[]) => ({ paymentServiceUsers: { nodes: await withBanks(users) } });

async function toOne(psuId = "") {
  const { data } = JSON.parse(await read(`/payment-service-users/${psuId}`)) as { data: Row };
  return { paymentServiceUser: (await withBanks([data]))[0] };
}

type Variables = { readonly psuId?: string; readonly ids?: readonly string[] };
const answers: Record<string, (variables: Variables) => Promise<unknown>> = {
  Flat: async () => toFlat(await usersOf()),
  FlatApart: async ({ ids }) => toFlat(await usersOf(ids)),
  One: ({ psuId }) => toOne(psuId),
  OneApart: ({ psuId }) => toOne(psuId),
  Tree: async () => toTree(await usersOf()),
  TreeApart: async ({ ids }) => toTree(await usersOf(ids)),
};

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", async () => {
    const { operationName, variables } = JSON.parse(body) as { operationName: string; variables: Variables };
    const data = await answers[operationName]?.(variables);
    const text = JSON.stringify({ data });
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
  });
}).listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
