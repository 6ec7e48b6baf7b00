/** Arbitrary texts: real ones that were changed, spliced ids, and nonsense. */

import fc, { type Arbitrary } from "fast-check";
import { attemptGlobalId, connectionGlobalId } from "../global-ids.ts";
import { payments, people, textsOf, world } from "./stage.ts";

/** Real texts, changed a little. */
export function mutated(real: Arbitrary<string>): Arbitrary<string> {
  const place = fc.nat({ max: 400 });
  const character = fc.oneof(fc.constantFrom(..."=-_.:/+ \0\"'{}%Aa0é𝕏"), fc.string({ unit: "binary", maxLength: 2 }));
  const changed = fc.tuple(real, real, place, character, fc.nat({ max: 7 })).map(([text, other, at, with_, kind]) => {
    const here = at % (text.length + 1);
    switch (kind) {
      case 0:
        return text.slice(0, here) + with_ + text.slice(here + 1);
      case 1:
        return text.slice(0, here) + with_ + text.slice(here);
      case 2:
        return text.slice(0, here);
      case 3:
        return text.slice(0, here) + other.slice(here);
      case 4:
        return at % 2 === 0 ? text.toUpperCase() : text.toLowerCase();
      case 5:
        return text.repeat(1 + (at % 20));
      default: {
        const inside = Buffer.from(text, "base64url").toString("latin1");
        const spot = at % (inside.length + 1);
        const otherInside = Buffer.from(other, "base64url").toString("latin1");
        const rest = kind === 6 ? with_ + inside.slice(spot + 1) : otherInside.slice(spot);
        return Buffer.from(inside.slice(0, spot) + rest, "latin1").toString("base64url");
      }
    }
  });
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 2, arbitrary: real }, { weight: 1, arbitrary: anyText });
}

export const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.base64String(),
  fc.uuid(),
  fc.json(),
  fc.json().map((text) => Buffer.from(text).toString("base64url")),
  fc.constantFrom("__proto__", "constructor", "null", "../..", "%2e%2e%2f", "' OR 1=1 --", "a".repeat(5000)),
);

export const words = [
  ...people.flatMap(({ name, metadata }) => [name, ...textsOf(metadata)]),
  ...world.accounts.flatMap(({ name, reference }) => [name ?? "", reference]),
  ...payments.map(({ reference }) => reference),
  ..."EUR/2 USD/2 JPY SUCCEEDED PAYOUT PAY-IN plaid tink Tink de-DE en xx 2026-01-01T00:00:00Z".split(" "),
];

/** An id spliced from those of several people. */
export const spliced = fc
  .tuple(
    fc.constantFrom(...people),
    fc.constantFrom(...world.connectors),
    fc.constantFrom(...world.connections, ...world.attempts),
  )
  .map(([{ id: psuID }, { id: connectorID }, row]) =>
    "connectionID" in row
      ? connectionGlobalId({ psuID, connectorID, connectionID: row.connectionID })
      : attemptGlobalId({ psuID, connectorID, id: row.id }),
  );
