/** Ids and times are read by character; that must accept what the expressions of their definitions do, and nothing else. */
import { expect, it } from "vitest";
import { z } from "zod";
import { isUuid } from "../../src/lib/uuid.ts";
import { isTime } from "../../src/upstream/time.ts";

/** The same in each run. */
function createChoose(seed: number) {
  let state = seed;
  return <Item>(items: ArrayLike<Item>): Item => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return items[Math.floor((state / 2 ** 32) * items.length)] as Item;
  };
}

const numbers = (to: number) => Array.from({ length: to }, (_, number) => String(number).padStart(2, "0"));

it("a time is what RFC 3339 calls one, of the years 1 to 9999", () => {
  const choose = createChoose(21);
  const dateTime = z.iso.datetime({ offset: true });
  const isExpected = (text: string) => {
    const year = text.endsWith("Z") ? Number(text.slice(0, 4)) : new Date(text).getUTCFullYear();
    return dateTime.safeParse(text).success && year >= 1 && year <= 9999;
  };
  const toTime = () =>
    `${choose(["0000", "0001", "1900", "2000", "2024", "2025", "9999"])}-${choose(numbers(15))}-${choose(numbers(34))}T` +
    `${choose(numbers(26))}:${choose(numbers(62))}:${choose(numbers(62))}` +
    `${choose(["", ".", ".1", ".123456789", ".12a", ".1234567890123"])}${choose(["Z", "Z", "Z", "z", "+01:00", "-23:59", "+25:00", ""])}`;
  let accepted = 0;
  for (let times = 0; times < 50_000; times += 1) {
    let text = toTime();
    const at = Number(choose(numbers(text.length)));
    if (times % 5 === 0) text = text.slice(0, at) + choose("0:T-Zé.") + text.slice(at + Number(choose("01")));
    if (isExpected(text)) accepted += 1;
    expect(isTime(text), text).toBe(isExpected(text));
  }
  expect(accepted).toBeGreaterThan(5000);
});

it("an id is 32 hexadecimal digits with dashes in their places", () => {
  const choose = createChoose(22);
  const expression = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  for (let times = 0; times < 50_000; times += 1) {
    let text = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx".replaceAll("x", () => choose("0123456789abcdefABCDEF"));
    const at = Number(choose(numbers(36)));
    if (times % 3 > 0)
      text = text.slice(0, at) + choose("0g-@`/:GZé\u0130\u{1f600} ") + text.slice(at + Number(choose("0111")));
    expect(isUuid(text), text).toBe(expression.test(text));
  }
});
