/** What a document costs to parse and validate: refused early when it repeats itself, and charged before it is done. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { checkRepetition } from "../../src/engine/repetition.ts";
import { Reloadable } from "../../src/lib/reloadable.ts";
import { startRateLimits } from "../../src/limits/rate-limit.ts";
import { psuViewer } from "../support/helpers.ts";
import { post, startLiveGateway } from "../support/live/clients.ts";

const repeat = (text: string, times: number) => Array.from({ length: times }, () => text).join(" ");
const psuId = "6e15de1a-951d-46fc-845b-27598e41eca9";

const limitedTo = (psu: number) =>
  startRateLimits({
    values: new Reloadable({ psu, operator: null, address: null }),
    windowMs: 3_600_000,
    redis: null,
    onProblem: () => {},
  });

describe("a document that selects the same hundreds of times", () => {
  it.each([
    ["a field", `{ ${repeat("viewer { subject }", 101)} }`],
    ["an alias", `{ ${repeat("a: viewer { subject }", 101)} }`],
    ["a field in inline fragments", `{ ${repeat("... { viewer { subject } }", 101)} }`],
    [
      "a field in fragments",
      `{ ${repeat("...F", 1)} ${repeat("viewer { subject }", 100)} } fragment F on Query { viewer { subject } }`,
    ],
    ["a field below merged ones", `{ ${repeat(`viewer { ${repeat("subject", 11)} }`, 10)} }`],
    [
      "a field below fragments",
      `{ ${Array.from({ length: 101 }, (_, at) => `...F${at}`).join(" ")} } ${Array.from({ length: 101 }, (_, at) => `fragment F${at} on Query { viewer { subject } }`).join(" ")}`,
    ],
    [
      "a field of a fragment that is not spread",
      `{ __typename } fragment F on Query { ${repeat("viewer { subject }", 101)} }`,
    ],
    [
      "fragments of fragments",
      `{ ...F0 } ${Array.from({ length: 16 }, (_, at) => `fragment F${at} on Query { a${at}: viewer { ...G${at} } b${at}: viewer { ...G${at} } ${at < 15 ? `...F${at + 1}` : ""} } fragment G${at} on Viewer { ${repeat("subject", 60)} s: subject }`).join(" ")} fragment X on Query { ${repeat("...F0", 3)} ${repeat("viewer { subject }", 102)} }`,
    ],
  ])("is refused before it is validated: %s", (_what, text) => {
    expect(() => checkRepetition(parse(text))).toThrow(/too large/);
  });

  it("is no large document of an app: the same field in a hundred places, and in dozens of fragments of one place", () => {
    const fragments = Array.from({ length: 60 }, (_, at) => `fragment F${at} on Viewer { subject scopes }`);
    const text = `{ viewer { ${fragments.map((_, at) => `...F${at}`).join(" ")} } ${Array.from({ length: 120 }, (_, at) => `a${at}: viewer { subject }`).join(" ")} } ${fragments.join(" ")}`;
    expect(() => checkRepetition(parse(text))).not.toThrow();
  });

  it("takes little: 150 of them, each another text, in less than two seconds of the processor", async () => {
    await using gateway = await startLiveGateway();
    const before = process.cpuUsage();
    for (let at = 0; at < 150; at += 1) {
      const { errors } = await post(gateway.url, { query: `{ ${repeat("viewer{subject}", 480)}${" ".repeat(at)}}` });
      expect(errors?.[0]?.extensions.code).toBe("QUERY_TOO_COMPLEX");
    }
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});

describe("a refused document", () => {
  const codeOf = async (url: string, query: string) => (await post(url, { query })).errors?.[0]?.extensions.code;

  it.each([
    ["each another text", (at: number) => `{ nothing${at} }`],
    ["the same text", () => "{ nothing }"],
    ["no document", (at: number) => `{ ${at}`],
  ])("is paid for by its viewer: %s", async (_what, toQuery) => {
    await using rates = await limitedTo(20);
    await using gateway = await startLiveGateway({ authenticate: async () => psuViewer(psuId), guards: { rates } });
    const codes: unknown[] = [];
    for (let at = 0; at < 22; at += 1) codes.push(await codeOf(gateway.url, toQuery(at)));
    expect(codes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => "BAD_USER_INPUT"));
    expect(codes.slice(20)).toEqual(["RATE_LIMITED", "RATE_LIMITED"]);
  });

  it("is paid for by its length", async () => {
    await using rates = await limitedTo(20);
    await using gateway = await startLiveGateway({ authenticate: async () => psuViewer(psuId), guards: { rates } });
    expect(await codeOf(gateway.url, `{ nothing } #${"x".repeat(18_500)}`)).toBe("BAD_USER_INPUT");
    expect(await codeOf(gateway.url, "{ nothing }")).toBe("BAD_USER_INPUT");
    expect(await codeOf(gateway.url, "{ nothing }")).toBe("RATE_LIMITED");
  });

  it("costs a good document nothing more: what it was charged is part of the operation's cost", async () => {
    await using rates = await limitedTo(3);
    await using gateway = await startLiveGateway({ authenticate: async () => psuViewer(psuId), guards: { rates } });
    for (let at = 0; at < 3; at += 1) expect(await codeOf(gateway.url, `{ a${at}: __typename }`)).toBeUndefined();
    expect(await codeOf(gateway.url, "{ __typename }")).toBe("RATE_LIMITED");
  });
});
