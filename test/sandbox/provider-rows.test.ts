import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import type { Connection } from "../../sandbox/models/connection.ts";
import { find, linkBody, newcomer, type Stage, stage } from "./helpers.ts";

/** What the real service answered, as text: `{provider: {noun: [answer, …]}}`, and the events that it sent. */
const recordedRows = readJson("rows.json") as Readonly<Record<Provider, Readonly<Record<Noun, readonly string[]>>>>;
const recordedEvents = (readJson("events.json") as readonly string[]).map((text) => JSON.parse(text) as Event);

type Provider = "plaid" | "tink" | "powens";
type Noun = "accounts" | "balances" | "payments" | "connections";
type Event = { readonly type: string; readonly payload: Readonly<Record<string, unknown>> };

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`recorded/${name}`, import.meta.url), "utf8"));
}

/** Of which kinds each member is, by its path: `{"raw.balances.limit": {"null", "number"}}`. */
type Kinds = Map<string, Set<string>>;

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "string") return typeof value;
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return "time";
  if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value)) return "time without zone";
  return /^\d{4}-\d\d-\d\d$/.test(value) ? "date" : "text";
}

function addKinds(kinds: Kinds, value: unknown, path = ""): Kinds {
  if (Array.isArray(value)) {
    kinds.set(path, (kinds.get(path) ?? new Set()).add("list"));
    for (const item of value) addKinds(kinds, item, `${path}[]`);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) addKinds(kinds, member, path === "" ? name : `${path}.${name}`);
  } else kinds.set(path, (kinds.get(path) ?? new Set()).add(kindOf(value)));
  return kinds;
}

const kindsOf = (rows: readonly unknown[]): Kinds =>
  rows.reduce<Kinds>((kinds, row) => addKinds(kinds, row), new Map());

/** Rows out of an answer for one or for a page. */
function rowsIn(answer: string): readonly unknown[] {
  const body = JSON.parse(answer) as { data?: unknown; cursor?: { data: readonly unknown[] } };
  return body.cursor?.data ?? [body.data];
}

/**
 * What the recorded rows happen not to show: members that are there for some rows only, and further kinds of the others.
 * Source: the providers' own documents, and the service's connectors.
 */
const unrecorded: Readonly<Record<Provider, Partial<Readonly<Record<Noun, Readonly<Record<string, string>>>>>>> = {
  plaid: {
    accounts: {
      "raw.balances.available": "null",
      "raw.balances.limit": "number",
      "raw.balances.iso_currency_code": "null",
      "raw.balances.unofficial_currency_code": "text",
      "raw.official_name": "text",
      "raw.balances.last_updated_datetime": "time",
    },
    payments: {
      sourceAccountID: "null",
      destinationAccountID: "text",
      "adjustments[].raw.authorized_date": "date",
      "adjustments[].raw.authorized_datetime": "time",
      "adjustments[].raw.datetime": "time",
      "adjustments[].raw.iso_currency_code": "null",
      "adjustments[].raw.unofficial_currency_code": "text",
      "adjustments[].raw.original_description": "text",
      "adjustments[].raw.merchant_name": "text",
      "adjustments[].raw.logo_url": "text",
      "adjustments[].raw.website": "text",
      "adjustments[].raw.counterparties[].name": "text",
      "adjustments[].raw.counterparties[].type": "text",
      "adjustments[].raw.counterparties[].logo_url": "text",
      "adjustments[].raw.counterparties[].website": "text",
      "adjustments[].raw.personal_finance_category.primary": "text",
      "adjustments[].raw.personal_finance_category.detailed": "text",
      "adjustments[].raw.personal_finance_category.confidence_level": "text",
    },
  },
  tink: { connections: { error: "text" } },
  powens: {
    payments: { sourceAccountID: "null", destinationAccountID: "text" },
    connections: { error: "text" },
  },
};

const providers = ["plaid", "tink", "powens"] as const;
const cases = providers.flatMap((provider) =>
  (["accounts", "balances", "payments", "connections"] as const)
    // None of Tink's balances were recorded.
    .filter((noun) => recordedRows[provider][noun].flatMap(rowsIn).length > 0)
    .map((noun) => [provider, noun] as const),
);

/** The default world, and one more person with a new bank at each provider. */
async function startWorld() {
  const on = await stage();
  for (const provider of providers) {
    const { at } = await newcomer(on, provider);
    await visitBank((await on.post(`${at}/create-link`, { body: linkBody })).body.link, { decision: "consent" });
  }
  on.advance(10_000);
  return on;
}

/** All rows of a provider, as the API answers for them one by one where it does. */
async function rowsOf(on: Stage, provider: Provider, noun: Noun): Promise<readonly unknown[]> {
  const { id } = find(on.world.connectors, (row) => row.provider === provider);
  const isIts = (row: { readonly connectorID: string }) => row.connectorID === id;
  const get = async (path: string) => rowsIn((await on.get(path)).text);
  const paths = {
    accounts: () => on.world.accounts.filter(isIts).map((row) => `/accounts/${row.id}`),
    balances: () => on.world.accounts.filter(isIts).map((row) => `/accounts/${row.id}/balances`),
    payments: () =>
      on.world.payments
        .filter(isIts)
        .slice(0, 150)
        .map((row) => `/payments/${row.id}`),
    connections: () =>
      on.world.connections
        .filter(isIts)
        .map((row: Connection) => `/payment-service-users/${row.psuID}/connectors/${id}/connections`),
  }[noun]();
  return (await Promise.all(paths.map(get))).flat();
}

describe("the rows of each provider have the members and kinds of the recorded ones", () => {
  let on: Stage;
  beforeAll(async () => {
    on = await startWorld();
    return () => on[Symbol.asyncDispose]();
  });

  it.each(cases)("of %s: %s", async (provider, noun) => {
    const rows = await rowsOf(on, provider, noun);
    expect(rows.length).toBeGreaterThan(1);
    const recorded = kindsOf(recordedRows[provider][noun].flatMap(rowsIn));
    const more = Object.entries(unrecorded[provider][noun] ?? {});
    const allowed = new Map(recorded);
    for (const [path, kind] of more) allowed.set(path, new Set([...(recorded.get(path) ?? []), kind]));
    // Each row has all that every recorded row has, and nothing else.
    const always = [...recorded.keys()].filter((path) => !path.includes("counterparties[]."));
    for (const row of rows) {
      const kinds = kindsOf([row]);
      expect([row, always.filter((path) => !kinds.has(path))]).toEqual([row, []]);
      const wrong = [...kinds].filter(([path, found]) => !found.isSubsetOf(allowed.get(path) ?? new Set()));
      expect([row, wrong]).toEqual([row, []]);
    }
    // What is allowed is there.
    const seen = kindsOf(rows);
    expect(more.filter(([path, kind]) => !seen.get(path)?.has(kind))).toEqual([]);
  });

  it.each(providers)("of %s: payments in lists, without what they are made of", async (provider) => {
    const { id } = find(on.world.connectors, (row) => row.provider === provider);
    const { data } = (await on.get("/payments", { body: { $match: { connector_id: id } } })).body.cursor;
    expect(data.length).toBeGreaterThan(10);
    for (const row of data) expect([row.adjustments, row.metadata]).toEqual([null, {}]);
  });
});

it("events have the members and kinds of the recorded ones", async () => {
  await using on = await startWorld();
  const connectionOf = (provider: string) => {
    const { id } = find(on.world.connectors, (row) => row.provider === provider);
    return find(on.world.connections, (row) => row.connectorID === id && row.createdAt > on.world.now() - 60e6);
  };
  on.world.announceExpiry(connectionOf("plaid"), null);
  on.world.disturbConnection(connectionOf("powens"), "reauthentication");
  on.world.disturbConnection(connectionOf("powens"), "end");
  const { at } = await newcomer(on, "plaid");
  await visitBank((await on.post(`${at}/create-link`, { body: linkBody })).body.link, { decision: "cancel" });
  on.advance(10_000);

  // By type and provider: an object's members differ by who made it.
  const keyOf = ({ type, payload }: Event) => {
    const connectorID = String(payload["connectorID"]);
    return `${type} of ${JSON.parse(Buffer.from(connectorID, "base64url").toString()).Provider}`;
  };
  const byKey = Map.groupBy(on.world.events, keyOf);
  for (const [key, events] of Map.groupBy(recordedEvents, keyOf)) {
    const expected = kindsOf(events.map(({ payload }) => payload));
    const own = kindsOf((byKey.get(key) ?? []).map((event) => JSON.parse(JSON.stringify(event.payload)) as unknown));
    const missing = [...expected.keys()].filter((path) => !own.has(path));
    expect([key, missing]).toEqual([key, []]);
  }
});
