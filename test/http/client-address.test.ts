/** The address of a request, and the limit for it, behind proxies that write it in their own ways. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { start } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { toClientAddress } from "../../src/http/client-address.ts";

const from = (forwarded: string | null, trustedProxies: number, remoteAddress: string | undefined = "10.0.0.9") =>
  toClientAddress(
    {
      headers: forwarded === null ? {} : { "x-forwarded-for": forwarded },
      socket: { remoteAddress },
    } as IncomingMessage,
    trustedProxies,
  );

describe("the address of a request", () => {
  it.each([
    ["203.0.113.6", "203.0.113.6"],
    ["203.0.113.6:40001", "203.0.113.6"],
    [' "203.0.113.6:40001" ', "203.0.113.6"],
    ["[203.0.113.6]:443", "203.0.113.6"],
    ["2001:db8::1", "2001:db8::1"],
    ["2001:DB8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ['"[2001:db8::1]:443"', "2001:db8::1"],
    ['"2001:db8::1"', "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:443", "fe80::1"],
    ["::ffff:203.0.113.6", "::ffff:203.0.113.6"],
    ["[::ffff:203.0.113.6]:1", "::ffff:203.0.113.6"],
    ["unknown", "unknown"],
    ["_hidden", "unknown"],
    ["_gateway:7", "unknown"],
    ["999.0.113.6", "unknown"],
    ["203.0.113", "unknown"],
    ["203.0.113.6:port", "unknown"],
    ["localhost", "unknown"],
    ["for=203.0.113.6", "unknown"],
    ["[2001:db8::1", "unknown"],
    ["x".repeat(100), "unknown"],
    ['"', "unknown"],
  ])("that a proxy writes as %j is %s", (written, address) => {
    expect(from(written, 1)).toBe(address);
    // Before it stands what the client wrote.
    expect(from(`198.51.100.1:9, ${written}`, 1)).toBe(address);
    expect(from(`${written}, 10.0.0.8:5000`, 2)).toBe(address);
  });

  it("is that of the socket without proxies, and one of its own when the socket has none", () => {
    expect(from("203.0.113.6", 0)).toBe("10.0.0.9");
    expect(from(null, 1)).toBe("10.0.0.9");
    expect(from(null, 0, "")).toBe("unknown");
  });
});

describe("the limit for one address", () => {
  /** The status of the first and of the last of many requests that a proxy forwards for these, one after the other. */
  async function ask(toForwarded: (count: number) => string): Promise<(number | undefined)[]> {
    const settings = { PORT: "0", TRUSTED_PROXIES: "1", RATE_LIMIT_ADDRESS: "20", MAX_QUERY_COST: "20" };
    await using gateway = await start(readConfig(settings), pino({ level: "silent" }));
    const statuses: (number | undefined)[] = [];
    for (let count = 0; count < 40; count += 1) {
      const headers = { "content-type": "application/json", "x-forwarded-for": toForwarded(count) };
      const sent = request(`${gateway.url}/graphql`, { method: "POST", headers });
      sent.end(JSON.stringify({ query: "{ connectors { nodes { id } } }" }));
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      statuses.push(response.resume().statusCode);
    }
    return [statuses[0], statuses.at(-1)];
  }

  it.each<[string, (count: number) => string]>([
    ["IPv4 with a port", (count) => `203.0.113.6:${40_000 + count}`],
    ["IPv6 with a port", (count) => `[2001:db8::1]:${40_000 + count}`],
    ["IPv6 in quotes, of one network", (count) => `"[2001:db8::${count}]:443"`],
    ["what is no address", (count) => (count % 2 === 0 ? `_hidden${count}` : "unknown")],
  ])("holds for %s", async (_title, toForwarded) => {
    expect(await ask(toForwarded)).toEqual([200, 429]);
  });

  it.each<[string, (count: number) => string]>([
    ["each IPv4 address", (count) => `203.0.113.${count}:443`],
    ["an address beside what is none", (count) => (count < 39 ? "unknown" : "203.0.113.6")],
  ])("counts %s by itself", async (_title, toForwarded) => {
    expect(await ask(toForwarded)).toEqual([200, 200]);
  });
});
