import { createServer, request as forward } from "node:http";
import { expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import type { Viewer } from "../../src/auth/viewer.ts";
import { connectionGlobalId, firstOf } from "../schema/global-ids.ts";
import { createTestGateway, operator, psuViewer } from "../support/helpers.ts";

/** A proxy before the stack that drops the body of a GET, as some do, and with it the filter. */
async function startBodyDroppingProxy(target: string) {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const { "content-length": _length, ...rest } = headers;
    const outbound = forward(new URL(url ?? "/", target), {
      method: method ?? "GET",
      headers: method === "GET" ? rest : headers,
    });
    outbound.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    if (method === "GET") incoming.resume().on("end", () => outbound.end());
    else incoming.pipe(outbound);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Each kind of read that has a filter, about one PSU. */
async function stage(viewerOf: (psuId: string) => Viewer) {
  const sandbox = await startSandbox();
  const proxy = await startBodyDroppingProxy(sandbox.url);
  const { accounts, payments, connections, connectors } = sandbox.world;
  const [own = "", other = ""] = [...new Set(accounts.map(({ psuID }) => psuID))].filter((id) => id != null);
  const of = <Row extends { readonly psuID?: string | null }>(rows: readonly Row[], psuId: string) =>
    firstOf(rows, ({ psuID }) => psuID === psuId);
  const gateway = createTestGateway(sandbox, { viewer: viewerOf(own), upstream: { url: proxy.url } });
  return {
    gateway,
    ids: {
      own,
      otherAccount: of(accounts, other).id,
      otherPayment: of(payments, other).id,
      ownAccount: of(accounts, own).id,
      ownPayment: of(payments, own).id,
      connection: connectionGlobalId(of(connections, own)),
      connector: firstOf(connectors).id,
      newestPaymentsConnector: firstOf(payments).connectorID,
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

type Ids = Awaited<ReturnType<typeof stage>>["ids"];
const operatorOrPsu = [
  ["an operator", () => operator],
  ["a PSU", psuViewer],
] as const;

const reads: readonly (readonly [string, (ids: Ids) => string])[] = [
  ["accounts of a PSU", ({ own }) => `accounts(filter: { psuId: "${own}" }) { nodes { id } }`],
  ["accounts of a connector", ({ connector }) => `accounts(filter: { connectorId: "${connector}" }) { nodes { id } }`],
  [
    "accounts of a connection",
    ({ connection }) => `accounts(filter: { connectionId: "${connection}" }) { nodes { id } }`,
  ],
  ["payments of a PSU", ({ own }) => `payments(filter: { psuId: "${own}" }) { nodes { id } }`],
  ["payments of an account", ({ ownAccount }) => `payments(filter: { accountId: "${ownAccount}" }) { nodes { id } }`],
  [
    "payments out of an account, without some",
    ({ ownAccount }) =>
      `payments(filter: { sourceAccountId: "${ownAccount}", not: { types: [TRANSFER] } }) { nodes { id } }`,
  ],
  [
    "payments of a PSU by amount",
    ({ own }) => `payments(filter: { psuId: "${own}", asset: "EUR/2", minAmount: "0" }) { nodes { id } }`,
  ],
  [
    "payments of all connectors but one",
    ({ newestPaymentsConnector: id }) => `payments(filter: { not: { connectorId: "${id}" } }) { nodes { id } }`,
  ],
  ["an account", ({ ownAccount }) => `account(id: "${ownAccount}") { name }`],
  ["a payment", ({ ownPayment }) => `payment(id: "${ownPayment}") { reference }`],
  ["a user", ({ own }) => `paymentServiceUser(id: "${own}") { name }`],
  ["the viewer's connector", ({ connector }) => `connector(id: "${connector}") { name }`],
];

it.each(operatorOrPsu.flatMap(([who, viewerOf]) => reads.map(([what, query]) => ({ who, viewerOf, what, query }))))(
  "$who gets no $what behind a proxy that drops the filter: the whole response is rejected",
  async ({ viewerOf, query }) => {
    await using staged = await stage(viewerOf);
    const { data, errors } = await staged.gateway.send<Record<string, unknown>>(`{ ${query(staged.ids)} }`);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
    expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
  },
);

it("a PSU gets no rows of all PSUs, and nothing of another's", async () => {
  await using staged = await stage(psuViewer);
  for (const query of [
    "accounts { nodes { id } }",
    "payments { nodes { id } }",
    `account(id: "${staged.ids.otherAccount}") { name }`,
    `payment(id: "${staged.ids.otherPayment}") { reference }`,
  ]) {
    const { data, errors } = await staged.gateway.send<Record<string, unknown>>(`{ ${query} }`);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
    expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
  }
});

/** Reads below a PSU or an account, of which only the given endpoint answers with the rows of others. */
const below = [
  ["a PSU's accounts", "/accounts", ({ own }: Ids) => `paymentServiceUser(id: "${own}") { accounts { id } }`],
  [
    "a connection's accounts",
    "/accounts",
    ({ own }: Ids) => `paymentServiceUser(id: "${own}") { connections { accounts { id } } }`,
  ],
  ["a PSU's payments", "/payments", ({ own }: Ids) => `paymentServiceUser(id: "${own}") { payments { nodes { id } } }`],
  ["balances", "/balances", ({ ownAccount }: Ids) => `account(id: "${ownAccount}") { balances { createdAt } }`],
  [
    "balances of an asset",
    "/balances",
    ({ ownAccount }: Ids) => `account(id: "${ownAccount}") { balances(asset: "EUR/2") { createdAt } }`,
  ],
  [
    "a balance history",
    "/balances",
    ({ ownAccount }: Ids) => `account(id: "${ownAccount}") { balanceHistory { nodes { createdAt } } }`,
  ],
] as const;

it.each(
  operatorOrPsu.flatMap(([who, viewerOf]) =>
    below.map(([what, path, query]) => ({ who, viewerOf, what, path, query })),
  ),
)("$who gets none of $what if one row is of another", async ({ viewerOf, path, query }) => {
  await using sandbox = await startSandbox();
  const { accounts, payments } = sandbox.world;
  const [own = "", other = ""] = [...new Set(accounts.map(({ psuID }) => psuID))].filter((id) => id != null);
  const ownAccount = firstOf(accounts, ({ psuID }) => psuID === own).id;
  await using gateway = createTestGateway(sandbox, { viewer: viewerOf(own) });
  const otherAccount = firstOf(accounts, ({ psuID }) => psuID === other).id;
  const [connectorID, createdAt] = [firstOf(sandbox.world.connectors).id, "2026-08-05T12:00:00Z"];
  const row = { connectorID, provider: "tink", reference: "r", createdAt, psuID: other };
  const foreign = {
    "/accounts": { ...row, id: otherAccount, type: "INTERNAL" },
    "/payments": {
      ...{ ...row, id: firstOf(payments, ({ psuID }) => psuID === other).id, type: "PAYOUT", scheme: "OTHER" },
      ...{ status: "SUCCEEDED", asset: "EUR/2", amount: 1, initialAmount: 1 },
    },
    "/balances": { accountID: otherAccount, createdAt, lastUpdatedAt: createdAt, asset: "EUR/2", balance: 1 },
  }[path];
  // The account itself is found by its id before.
  let times = 0;
  const isAboutAccount = query({ own, ownAccount } as Ids).startsWith("account");
  using _fault = sandbox.fault(
    (call) => {
      if (!call.path.endsWith(path)) return false;
      times += 1;
      return !(path === "/accounts" && isAboutAccount && times === 1);
    },
    { body: JSON.stringify({ cursor: { pageSize: 15, hasMore: false, data: [foreign] } }) },
  );
  const { data, errors } = await gateway.send(`{ ${query({ own, ownAccount } as Ids)} }`);
  expect(errors.length).toBeGreaterThan(0);
  for (const { extensions } of errors) expect(extensions.code).toBe("UPSTREAM_MALFORMED");
  expect(JSON.stringify(data)).not.toContain(otherAccount);
});
