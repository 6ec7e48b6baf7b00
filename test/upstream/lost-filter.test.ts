import { createServer, request as forward } from "node:http";
import { expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { createTestGateway, psuViewer } from "../support/helpers.ts";

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

it("shows a PSU no accounts and payments of others behind a proxy that drops the filter: the whole response is rejected", async () => {
  await using sandbox = await startSandbox();
  await using proxy = await startBodyDroppingProxy(sandbox.url);
  const [own, other] = [...new Set(sandbox.world.accounts.map(({ psuID }) => psuID))].filter((id) => id != null);
  const otherAccount = sandbox.world.accounts.find(({ psuID }) => psuID === other);
  const payment = sandbox.world.payments.find(({ psuID }) => psuID === other);
  await using gateway = createTestGateway(sandbox, { viewer: psuViewer(own ?? ""), upstream: { url: proxy.url } });
  for (const query of [
    "{ accounts { nodes { id } } }",
    "{ payments { nodes { id } } }",
    `{ account(id: "${otherAccount?.id}") { name } }`,
    `{ payment(id: "${payment?.id}") { reference } }`,
    `{ paymentServiceUser(id: "${own}") { payments { nodes { id } } } }`,
  ]) {
    const { data, errors } = await gateway.send<Record<string, unknown>>(query);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
    expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
  }
});
