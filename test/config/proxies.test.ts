/** Which URLs are reached through which proxy. */
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { toProxy } from "../../src/config/proxies.ts";

/** The proxy on the way to a URL. */
function proxyTo(url: string, env: Record<string, string>): string | null {
  return toProxy(new URL(url), readConfig(env).byName)?.href ?? null;
}

const both = { HTTPS_PROXY: "http://secure:3128", HTTP_PROXY: "http://plain:3128" };

describe("the proxy on the way to a URL", () => {
  it.each<[string, Record<string, string>, string | null]>([
    ["https://stack.example.com", {}, null],
    ["https://stack.example.com", both, "http://secure:3128/"],
    ["http://stack.example.com", both, "http://plain:3128/"],
    ["http://stack.example.com", { HTTPS_PROXY: "http://secure:3128" }, null],
    ["https://stack.example.com", { HTTP_PROXY: "http://plain:3128" }, null],
    ["https://stack.example.com", { https_proxy: "http://small:3128" }, "http://small:3128/"],
    ["https://stack.example.com", { ...both, https_proxy: "http://small:3128" }, "http://small:3128/"],
    ["https://stack.example.com", { ...both, https_proxy: "" }, "http://secure:3128/"],
    ["https://stack.example.com", { ...both, no_proxy: "example.com" }, null],
    ["https://stack.example.com", { HTTPS_PROXY: "proxy:3128" }, "http://proxy:3128/"],
    ["https://stack.example.com", { HTTPS_PROXY: "https://user:p%40ss@proxy" }, "https://user:p%40ss@proxy/"],
  ])("%s with %j", (url, env, expected) => {
    expect(proxyTo(url, env)).toBe(expected);
  });

  it.each([
    "http://localhost:4010",
    "https://localhost",
    "https://stack.localhost",
    "http://127.0.0.1:4010",
    "http://127.8.8.8",
    "http://[::1]:4010",
    "http://[::ffff:127.0.0.1]:4010",
  ])("is none to this machine, by %s", (url) => {
    expect(proxyTo(url, both)).toBe(null);
  });

  it.each<[noProxy: string, without: readonly string[], through: readonly string[]]>([
    ["*", ["https://stack.example.com", "http://10.1.2.3"], []],
    [
      "example.com",
      ["https://example.com", "https://a.b.example.com", "https://example.com."],
      ["https://anexample.com"],
    ],
    [".example.com", ["https://stack.example.com", "https://example.com"], ["https://example.org"]],
    ["*.example.com", ["https://stack.example.com"], ["https://example.com.org"]],
    ["Example.COM", ["https://STACK.example.com"], []],
    ["example.com:8443", ["https://example.com:8443"], ["https://example.com", "http://example.com:8080"]],
    ["example.com:443", ["https://example.com"], ["http://example.com"]],
    ["one.test,two.test", ["https://one.test", "https://two.test"], ["https://three.test"]],
    ["one.test two.test , three.test", ["https://two.test", "https://three.test"], ["https://four.test"]],
    ["10.1.2.3", ["http://10.1.2.3"], ["http://10.1.2.30", "http://stack.test"]],
    ["10.0.0.0/8", ["http://10.255.0.1"], ["http://11.0.0.1", "http://10.example.com"]],
    ["fd00::/8", ["http://[fd12::1]:8080"], ["http://[fe80::1]", "http://10.0.0.1"]],
    ["fd00::1", ["http://[fd00:0:0::1]"], ["http://[fd00::2]"]],
    ["[fd00::1]:8080", ["http://[fd00::1]:8080"], ["http://[fd00::1]"]],
    ["cache", ["http://cache:6379"], ["http://cache2"]],
  ])("is none where NO_PROXY=%s covers it", (noProxy, without, through) => {
    const env = { ...both, NO_PROXY: noProxy };
    for (const url of without) expect([url, proxyTo(url, env)]).toEqual([url, null]);
    for (const url of through) expect([url, proxyTo(url, env)]).toEqual([url, expect.stringContaining(":3128")]);
  });
});
