/** Global ids: their bytes, that each leads back to its key, and what is none. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { GraphQLError } from "graphql";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { toAccountId, toConnectorId, toPaymentId, toTaskId } from "../../sandbox/ids.ts";
import { createWorld } from "../../sandbox/world.ts";
import {
  type NodeType,
  parseGlobalId,
  requireGlobalId,
  toCompositeKey,
  toGlobalId,
} from "../../src/schema/global-id.ts";
import { attemptGlobalId, connectionGlobalId, oneOfEach, plainGlobalId, toPlain } from "./global-ids.ts";

/** Of random tests: more runs with TEST_RUNS. */
const runs = Number(process.env["TEST_RUNS"] ?? 1);

const psuId = "0b6f6d0e-3f43-4d5e-9c55-0a52fb1f5d11";
const plaid = toConnectorId("plaid", psuId);
const stripe = toConnectorId("stripe", psuId);
const owned = (ownId: string, connectorId = plaid) => toCompositeKey({ psuId, connectorId, ownId });
const base64 = (text: string) => Buffer.from(text).toString("base64url");

/** Clients keep ids: these must stay what they are. */
const fixed: readonly (readonly [NodeType, key: string, id: string])[] = [
  ["PaymentServiceUser", psuId, "kE8Lb20OP0NNXpxVClL7H10R"],
  ["Connector", plaid, "kYWAC29tDj9DTV6cVQpS-x9dEQ"],
  ["Connector", stripe, "kZYGc3RyaXBlC29tDj9DTV6cVQpS-x9dEQ"],
  ["BankConnection", owned("é:x"), "gp4Lb20OP0NNXpxVClL7H10RgAtvbQ4_Q01enFUKUvsfXRHDqTp4"],
  ["BankConnection", owned("12345"), "svALb20OP0NNXpxVClL7H10RgAtvbQ4_Q01enFUKUvsfXREBI0U"],
  ["LinkAttempt", owned(psuId), "k9ILb20OP0NNXpxVClL7H10RgAtvbQ4_Q01enFUKUvsfXRELb20OP0NNXpxVClL7H10R"],
  ["Account", toAccountId(plaid, "c7659b0c507b43b17a5b"), "pDOAC29tDj9DTV6cVQpS-x9dEcdlmwxQe0Oxels"],
  ["Account", toAccountId(stripe, 'Kx9"é'), "hEMGc3RyaXBlC29tDj9DTV6cVQpS-x9dEUt4OVwiw6k"],
  ["Account", toAccountId(stripe, ""), "hGQGc3RyaXBlC29tDj9DTV6cVQpS-x9dEQ"],
  ["Account", toAccountId(stripe, "7"), "tB4Gc3RyaXBlC29tDj9DTV6cVQpS-x9dEQc"],
  ["Account", toAccountId(stripe, "67047395"), "pHYGc3RyaXBlC29tDj9DTV6cVQpS-x9dEWcEc5U"],
  [
    "Payment",
    toPaymentId(plaid, "BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp", "PAYOUT"),
    "hQaAC29tDj9DTV6cVQpS-x9dEQFCeEJYeExqMW00SE1YQm05V1pabUNXVmJQalgxNkVId3Y5OXZw",
  ],
  [
    "Payment",
    toPaymentId(plaid, "x", "NEW"),
    "xbB7IkNvbm5lY3RvcklEIjp7IlByb3ZpZGVyIjoicGxhaWQiLCJSZWZlcmVuY2UiOiIwYjZmNmQwZS0zZjQzLTRkNWUtOWM1NS0wYTUyZmIxZjVkMTEifSwiUmVmZXJlbmNlIjoieCIsIlR5cGUiOiJORVcifQ",
  ],
  [
    "Task",
    toTaskId(null, `delete-user-${psuId}`),
    "hnsAAAAAAAAAAAAAAAAAAAAAAGRlbGV0ZS11c2VyLTBiNmY2ZDBlLTNmNDMtNGQ1ZS05YzU1LTBhNTJmYjFmNWQxMQ",
  ],
];

/** The rows that the service has answered, and those of the sandbox. */
function everyKey(): [NodeType, string][] {
  const { people, connectors, connections, attempts, accounts, payments } = createWorld({ clock: createManualClock() });
  const recorded = readFileSync(new URL("../sandbox/recorded/rows.json", import.meta.url), "utf8");
  const ofKind = (id: string): NodeType => {
    const content = JSON.parse(Buffer.from(id, "base64url").toString());
    return "Provider" in content ? "Connector" : "Type" in content ? "Payment" : "Account";
  };
  const ids = [...new Set(recorded.match(/eyJ[\w-]{60,}/g))].filter((id) => !/Cursor|CreatedAt/.test(atob64(id)));
  return [
    ...ids.map((id): [NodeType, string] => [ofKind(id), id]),
    ...people.map(({ id }): [NodeType, string] => ["PaymentServiceUser", id]),
    ...connectors.map(({ id }): [NodeType, string] => ["Connector", id]),
    ...accounts.map(({ id }): [NodeType, string] => ["Account", id]),
    ...payments.map(({ id }): [NodeType, string] => ["Payment", id]),
    ...[...connections.map(connectionGlobalId), ...attempts.map(attemptGlobalId)].map((id): [NodeType, string] => {
      const { typename, id: key } = requireGlobalId(id, "id");
      return [typename, key];
    }),
  ];
}

const atob64 = (text: string) => Buffer.from(text, "base64url").toString();

describe("a global id", () => {
  it.each(fixed)("of a %s stays what it is", (type, key, id) => {
    expect([toGlobalId(type, key), parseGlobalId(toGlobalId(type, key))]).toEqual([id, { typename: type, id: key }]);
  });

  it("of every recorded row, and of every row of the sandbox, leads back to its key, and is short", () => {
    const keys = everyKey();
    expect(keys.length).toBeGreaterThan(300);
    for (const [type, key] of keys) {
      const id = toGlobalId(type, key);
      expect(parseGlobalId(id)).toEqual({ typename: type, id: key });
      expect(parseGlobalId(plainGlobalId(type, key))).toEqual({ typename: type, id: key });
      expect([type, key, id.length < 110 && id.length * 2 < plainGlobalId(type, key).length]).toEqual([
        type,
        key,
        true,
      ]);
    }
    const ids = keys.map(([type, key]) => toGlobalId(type, key));
    expect(new Set(ids).size).toBe(new Set(keys.map(String)).size);
  });

  const word = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary-ascii" }),
    fc.constantFrom(
      "plaid",
      "tink",
      "",
      "a",
      "0a",
      "00",
      "0",
      psuId,
      psuId.toUpperCase(),
      '"',
      '","Type":"PAYOUT"',
      "x".repeat(200),
    ),
  );
  const json = fc.oneof(
    fc.tuple(word, fc.oneof(fc.uuid(), word), word, word).map(([provider, reference, own, type]) => ({
      ConnectorID: { Provider: provider, Reference: reference },
      Reference: own,
      ...(type.length % 2 === 0 ? { Type: type.length === 0 ? "PAY-IN" : type } : {}),
    })),
    fc
      .tuple(word, fc.oneof(fc.uuid(), word))
      .map(([provider, reference]) => ({ Provider: provider, Reference: reference })),
    fc.json().map((text) => JSON.parse(text)),
  );
  const types: NodeType[] = ["Connector", "Account", "Payment", "Task"];

  it("of any key that its type can have leads back to it, and no two are equal", () => {
    const upstreamKey = fc
      .tuple(json, fc.constantFrom("", " "))
      .map(([value, pad]) => base64(pad + JSON.stringify(value)));
    const key = fc.oneof(
      fc.uuid(),
      upstreamKey,
      fc
        .tuple(
          fc.uuid(),
          upstreamKey,
          word.filter((text) => text.isWellFormed()),
        )
        .map(([psu, connector, own]) => `${psu}:${connector}:${own}`),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...types, "PaymentServiceUser", "BankConnection", "LinkAttempt"),
        key,
        key,
        (type, one, other) => {
          const [id, otherId] = [toGlobalId(type, one), toGlobalId(type, other)];
          expect(id === otherId).toBe(one === other);
          const plain = parseGlobalId(plainGlobalId(type, one));
          expect(parseGlobalId(id)).toEqual(plain);
          if (plain !== null) expect(plain).toEqual({ typename: type, id: one });
        },
      ),
      { numRuns: 600 * runs },
    );
  });

  it("that was cut, mistyped or made up is refused, and nothing else happens", () => {
    const whole = [
      ...fixed.map(([type, key]) => toGlobalId(type, key)),
      ...Object.values(oneOfEach(createWorld({ clock: createManualClock() }))),
    ];
    const bytes = fc
      .tuple(fc.integer({ min: 0x80, max: 0xcf }), fc.uint8Array({ maxLength: 80 }), fc.boolean())
      .map(([first, rest, isSummed]) => sealed(Buffer.from([first, 0, ...rest]), isSummed));
    fc.assert(
      fc.property(bytes, (id) => {
        const global = parseGlobalId(id);
        if (global === null) {
          expect(() => requireGlobalId(id, "id")).toThrow(GraphQLError);
          return;
        }
        // Of the same thing as the canonical one.
        expect(parseGlobalId(toGlobalId(global.typename, global.id))).toEqual(global);
        expect(parseGlobalId(toPlain(id))).toEqual(global);
      }),
      { numRuns: 1000 * runs },
    );
    let mistaken = 0;
    for (const id of whole) {
      for (let length = 0; length < id.length - 1; length += 1)
        if (parseGlobalId(id.slice(0, length)) !== null) mistaken += 1;
      for (let at = 4; at < id.length - 1; at += 1) {
        const changed = `${id.slice(0, at)}${id[at] === "A" ? "B" : "A"}${id.slice(at + 1)}`;
        // One wrong character is always seen.
        expect([changed, parseGlobalId(changed)]).toEqual([changed, null]);
      }
    }
    // Of cuts one in 256 is not.
    expect(mistaken).toBeLessThan(20);
  });
});

/** With a right checksum, as a forger can make it. */
function sealed(bytes: Buffer, isSummed: boolean): string {
  if (isSummed) {
    const step = (sum: number) => {
      let next = sum;
      for (let bit = 0; bit < 8; bit += 1) next = next & 0x80 ? ((next << 1) ^ 0x2f) & 0xff : next << 1;
      return next;
    };
    bytes[1] = bytes.subarray(2).reduce((sum, byte) => step(sum ^ byte), step(bytes[0] ?? 0));
  }
  return bytes.toString("base64url");
}
