/** Cost estimates of hostile documents, which must be fast and bounded. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { fairNow } from "../support/fair-clock.ts";
import { type EstimateOptions, estimateOf, tree } from "./estimates.ts";

describe("a document that is made to be heavy", () => {
  const within100Ms = (text: string, options: EstimateOptions = {}) => {
    const document = parse(text);
    const startedAt = fairNow();
    const estimate = estimateOf(document, options);
    expect(fairNow() - startedAt).toBeLessThan(100);
    return estimate;
  };

  it("is estimated at once when its fragments double thirty times", () => {
    const doubling = (spread: (next: string) => string, end: string) =>
      Array.from(
        { length: 30 },
        (_, at) => `fragment F${at} on PaymentServiceUser { ${at < 29 ? spread(`F${at + 1}`) : end} }`,
      ).join("\n");
    const start = "{ viewer { paymentServiceUser { ...F0 } } }";
    const nested = doubling(
      (next) =>
        `a: connections { paymentServiceUser { ...${next} } } b: connections { paymentServiceUser { ...${next} } }`,
      "name",
    );
    expect(within100Ms(start + nested)).toMatchObject({ calls: Number.POSITIVE_INFINITY, depth: 2 + 29 * 2 + 1 });
    expect(within100Ms(start + nested).fields).toBeGreaterThan(2 ** 29);
    const flat = doubling((next) => `...${next} ...${next}`, "name");
    expect(within100Ms(start + flat)).toMatchObject({ calls: Number.POSITIVE_INFINITY, depth: 3 });
    // Few fields, each deep inside inline fragments.
    const wrapped = doubling(
      (next) => `${"... { ".repeat(20)} ...${next} ${"}".repeat(20)} ${"... { ".repeat(20)} n: psuId ${"}".repeat(20)}`,
      "name",
    );
    expect(within100Ms(start + wrapped)).toMatchObject({ calls: 0, depth: 3 });
  });

  it("is infinitely large when its fragments spread themselves", () => {
    const cyclic =
      "{ viewer { paymentServiceUser { ...A } } } fragment A on PaymentServiceUser { connections { paymentServiceUser { ...B } } } fragment B on PaymentServiceUser { name ...A }";
    const { calls, depth } = within100Ms(cyclic);
    expect([calls, depth]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("is estimated no further than the bound", () => {
    const pages = "payments(first: 100) { nodes { paymentServiceUser { ".repeat(3);
    const text = `{ paymentServiceUsers(first: 100) { nodes { ${pages} name ${"} } }".repeat(3)} } } }`;
    expect(estimateOf(text).calls).toBe(1 + 100 + 100 ** 2 + 100 ** 3);
    const { calls } = within100Ms(text, { mostCalls: 50 });
    expect(calls).toBe(1 + 100);
  });

  it("has a large number of values when it costs few calls", () => {
    const circle = "accounts { paymentServiceUser { ".repeat(5);
    const text = `{ paymentServiceUsers(first: 100) { nodes { ${circle} name ${"} }".repeat(5)} } } }`;
    expect(within100Ms(text)).toMatchObject({ calls: 1 + 7 });
    expect(within100Ms(text).values).toBeGreaterThan(100 * 6 ** 5);
    expect(within100Ms(text, { mostValues: 10_000 }).values).toBeLessThan(100_000);
  });

  it("counts the values of its arguments, for each time that they are read", () => {
    const valuesOf = (text: string, variables: EstimateOptions["variables"] = {}) =>
      estimateOf(text, { variables }).values;
    const payments = (given: string) => `payments${given} { nodes { id } }`;
    const plain = valuesOf(`{ ${payments("")} }`);
    const metadata = { a: "1", b: "2", c: "3" };
    const declared = "query ($metadata: Metadata, $filter: PaymentFilter, $deep: Metadata)";
    const cases: readonly (readonly [string, number])[] = [
      ["(first: 15)", 0],
      ['(filter: { asset: "EUR/2" })', 1],
      ['(filter: { asset: "EUR/2", metadata: { a: "1", b: ["2", "3"] } })', 2 + 2 + 2],
      ["(filter: { metadata: $metadata })", 1 + 3],
      ["(filter: $filter)", 1 + 3],
      ["(filter: { metadata: $deep })", 1 + 4],
    ];
    for (const [given, size] of cases) {
      const variables = { metadata, filter: { metadata }, deep: [[[]], {}, []] };
      expect([given, valuesOf(`${declared} { ${payments(given)} }`, variables)]).toEqual([given, plain + size]);
      const twice = `${declared} { a: ${payments(given)} b: ${payments(given)} }`;
      expect([given, valuesOf(twice, variables)]).toEqual([given, 2 * (plain + size)]);
    }
    // Once for each row, since the field is resolved for each.
    const ofEach = (given: string) => `paymentServiceUsers(first: 100) { nodes { ${payments(given)} } }`;
    const without = valuesOf(`{ ${ofEach("(filter: null)")} }`);
    const withMetadata = valuesOf(`${declared} { ${ofEach("(filter: { metadata: $metadata })")} }`, { metadata });
    expect(withMetadata).toBe(without + 100 * 4);
    const ids = Array.from({ length: 100 }, () => "x");
    const nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    expect(valuesOf(nodes, { ids }) - valuesOf(nodes, { ids: [] })).toBe(100);
    const long = { after: "x".repeat(200_000) };
    const after = "query ($after: String) { payments(after: $after) { nodes { id } } }";
    expect(valuesOf(after, long) - valuesOf(after, { after: "x" })).toBe(200);
  });

  it("is estimated in no time when fifty aliases use a variable of many keys, or of many levels", () => {
    const aliases = Array.from(
      { length: 50 },
      (_, at) => `a${at}: payments(filter: { metadata: $m }) { nodes { id } }`,
    );
    const text = `query ($m: Metadata) { ${aliases.join(" ")} }`;
    const m = Object.fromEntries(Array.from({ length: 24_000 }, (_, at) => [at.toString(36), ""]));
    expect(within100Ms(text, { variables: { m } }).values).toBeGreaterThan(50 * 24_000);
    expect(within100Ms(text, { variables: { m }, mostValues: 100_000 }).values).toBeLessThan(300_000);
    const deep = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
    expect(within100Ms(text, { variables: { m: deep } }).values).toBeGreaterThan(50 * 49_000);
  });

  it("has a finite estimate with hundreds of aliases and circles hundreds of levels deep", () => {
    const many = Array.from(
      { length: 300 },
      (_, at) => `a${at}: payments(first: 100) { nodes { paymentServiceUser { name } } }`,
    );
    expect(within100Ms(`{ ${many.join(" ")} }`)).toMatchObject({ aliases: 300, calls: 300 + 300 });
    const circle = `{ paymentServiceUsers { nodes { ${"connections { paymentServiceUser { ".repeat(700)} name ${"} }".repeat(700)} } } }`;
    const endless = Number.POSITIVE_INFINITY;
    const estimate = estimateOf(circle, { mostCalls: endless, mostValues: endless });
    expect(estimate.calls).toBe(1 + 15);
    expect(Number.isFinite(estimate.values)).toBe(true);
  });

  it("is estimated in microseconds once its document is cached", () => {
    const document = parse(tree);
    for (let run = 0; run < 2000; run++) estimateOf(document);
    const runs = Array.from({ length: 20 }, () => {
      const startedAt = performance.now();
      for (let run = 0; run < 100; run++) estimateOf(document);
      return (performance.now() - startedAt) * 10;
    });
    // Microseconds; the fastest of the runs, because other programs use the machine, too.
    expect(Math.min(...runs)).toBeLessThan(100);
  });
});
