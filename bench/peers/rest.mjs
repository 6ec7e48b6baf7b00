/** The stack's REST API, and loaders over it: shared by the peers that are written by hand. */
import DataLoader from "dataloader";
import { Pool } from "undici";

const { STACK_URL, CLIENT_ID, CLIENT_SECRET } = process.env;
const pool = new Pool(STACK_URL, { connections: 256 });
let token = "";

// Integers that a double cannot hold become bigints.
const exact = (_key, value, { source = "" } = {}) =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
const longNumber = /[:,[]\s*-?\d{16}/;
const parse = (text) => (longNumber.test(text) ? JSON.parse(text, exact) : JSON.parse(text));

async function send(method, path, headers, body) {
  // undici would end the connection after each GET with a body.
  const response = await pool.request({ method, path, headers, body, reset: false });
  const text = await response.body.text();
  if (response.statusCode === 404) return null;
  if (response.statusCode >= 300) throw new Error(`The stack answered ${response.statusCode}`);
  return parse(text);
}

function get(path, filter) {
  const headers = { authorization: `Bearer ${token}` };
  if (filter === undefined) return send("GET", `/api/payments/v3${path}`, headers);
  headers["content-type"] = "application/json";
  return send("GET", `/api/payments/v3${path}`, headers, JSON.stringify(filter));
}

async function all(path, filter) {
  const rows = [];
  let page = await get(`${path}?pageSize=100`, filter);
  while (page !== null) {
    rows.push(...page.cursor.data);
    if (!page.cursor.hasMore) break;
    page = await get(`${path}?cursor=${page.cursor.next}`);
  }
  return rows;
}

const anyOf = (key, ids) =>
  ids.length === 1 ? { $match: { [key]: ids[0] } } : { $or: ids.map((id) => ({ $match: { [key]: id } })) };

function newestOfEach(rows) {
  const byAsset = new Map();
  for (const row of rows) if (!byAsset.has(row.asset)) byAsset.set(row.asset, row);
  return [...byAsset.values()];
}

export async function signIn() {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    scope: "openid payments:read payments:write",
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  ({ access_token: token } = await send("POST", "/api/auth/oauth/token", headers, form.toString()));
}

export async function listUsers(first, ids) {
  const page = await get(`/payment-service-users?pageSize=${first}`, ids ? anyOf("id", ids) : undefined);
  return page.cursor.data;
}

/** The loaders of one operation. */
export function createContext() {
  const users = new DataLoader((ids) =>
    Promise.all(ids.map(async (id) => (await get(`/payment-service-users/${encodeURIComponent(id)}`))?.data ?? null)),
  );
  const connections = new DataLoader((ids) =>
    Promise.all(
      ids.map(async (psuId) => {
        const rows = await all(`/payment-service-users/${encodeURIComponent(psuId)}/connections`);
        return rows.map((row) => ({ ...row, psuId }));
      }),
    ),
  );
  const accounts = new DataLoader(async (ids) => {
    const byUser = Map.groupBy(await all("/accounts", anyOf("psu_id", ids)), (row) => row.psuID);
    return ids.map((id) => byUser.get(id) ?? []);
  });
  const balances = new DataLoader((ids) =>
    Promise.all(ids.map(async (id) => newestOfEach(await all(`/accounts/${encodeURIComponent(id)}/balances`)))),
  );
  return { users, connections, accounts, balances };
}

export const isOf =
  ({ connectorID, connectionID }) =>
  (account) =>
    account.connectorID === connectorID && account.openBankingConnectionID === connectionID;

export const toCurrency = ({ asset }) => asset.split("/")[0];

export function toDecimal({ asset, balance }) {
  const scale = Number(asset.split("/")[1] ?? 0);
  const text = String(balance);
  const sign = text.startsWith("-") ? "-" : "";
  const digits = text.slice(sign.length).padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
