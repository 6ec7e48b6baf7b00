import { createServer, request as forward } from "node:http";
import { expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { createTestGateway, psuViewer } from "../support/helpers.ts";

/** A proxy before the stack that drops the body of a GET, as some do, and with it the filter. */
async function startForgetfulProxy(target: string) {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const { "content-length": _length, ...rest } = headers;
    const onward = forward(new URL(url ?? "/", target), {
      method: method ?? "GET",
      headers: method === "GET" ? rest : headers,
    });
    onward.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    if (method === "GET") incoming.resume().on("end", () => onward.end());
    else incoming.pipe(onward);
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

it("shows a PSU nobody else's accounts and payments where a proxy loses the filter: the answer is refused as a whole", async () => {
  await using sandbox = await startSandbox();
  await using proxy = await startForgetfulProxy(sandbox.url);
  const [own, other] = [...new Set(sandbox.world.accounts.map(({ psuID }) => psuID))].filter((id) => id != null);
  const stranger = sandbox.world.accounts.find(({ psuID }) => psuID === other);
  const payment = sandbox.world.payments.find(({ psuID }) => psuID === other);
  await using gateway = createTestGateway(sandbox, { viewer: psuViewer(own ?? ""), upstream: { url: proxy.url } });
  for (const query of [
    "{ accounts { nodes { id } } }",
    "{ payments { nodes { id } } }",
    `{ account(id: "${stranger?.id}") { name } }`,
    `{ payment(id: "${payment?.id}") { reference } }`,
    `{ paymentServiceUser(id: "${own}") { payments { nodes { id } } } }`,
  ]) {
    const { data, errors } = await gateway.send<Record<string, unknown>>(query);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
    expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
  }
});
