/** Checks what a mapper returns, member by member: `null` and what is left out mean that the provider does not say. */
import { isTime } from "../time.ts";
import { type Amount, isAsset } from "./amount.ts";
import { toDay, toHttpsUrl } from "./raw.ts";

/** From what a mapper returned to what is shown. @throws {WrongValue} for what cannot be. */
export type Check<Value> = (value: unknown, provider: string) => Value;
export type Checks<Details> = { readonly [Name in keyof Details]: Check<Details[Name]> };

/** What is wrong, in words that hold nothing of the value. */
export class WrongValue extends Error {}
export const wrong = (problem: string) => new WrongValue(problem);

export function toTextOrNull(value: unknown): string | null {
  if (value == null) return null;
  if (typeof value !== "string") throw wrong("must be a text");
  return value.trim() || null;
}

export function toWordOrNull(value: unknown): string | null {
  const text = toTextOrNull(value);
  if (text !== null && !/^\w{1,100}$/.test(text)) throw wrong("must be one word");
  return text;
}

export function toOneOf<Value extends string>(values: readonly Value[], absent: Value): Check<Value> {
  return (value) => {
    const known = value == null ? absent : values.find((one) => one === value);
    if (known === undefined) throw wrong(`must be one of ${values.join(", ")}`);
    return known;
  };
}

export function toAmountOrNull(value: unknown): Amount | null {
  if (value == null) return null;
  const { asset, amount } = toMembers(value);
  if (typeof asset !== "string" || !isAsset(asset)) throw wrong("must have an asset such as EUR/2");
  if (typeof amount !== "bigint") throw wrong("must have an amount in minor units, as a bigint");
  return { asset, amount };
}

/** How Go writes that there is none. */
const isNone = (value: unknown) => value == null || (typeof value === "string" && value.startsWith("0001-01-01"));

export function toDayOrNull(value: unknown): string | null {
  if (isNone(value)) return null;
  const day = toDay(value);
  if (day === null || day !== value) throw wrong("must be a day such as 2026-11-20");
  return day;
}

export function toTimeOrNull(value: unknown): string | null {
  if (isNone(value)) return null;
  if (typeof value !== "string" || !isTime(value)) throw wrong("must be a time such as 2026-11-20T08:30:00Z");
  return value;
}

export function toUrlOrNull(value: unknown): string | null {
  if (toTextOrNull(value) === null) return null;
  const url = toHttpsUrl(value);
  if (url === null) throw wrong("must have https URLs");
  return url;
}

type Members = Readonly<Record<string, unknown>>;

/** @throws {WrongValue} for what is no object. */
export function toObject(value: unknown): Members {
  if (silencePromise(value)) throw noPromise();
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("must be an object");
  return value as Members;
}

/** Of an object whose members have no checks of their own. @throws {WrongValue} */
export function toMembers(value: unknown): Members {
  const members = toObject(value);
  if (Object.values(members).filter(silencePromise).length > 0) throw noPromise();
  return members;
}

/**
 * A row is shown at once, so that no promise is waited for; and one that is rejected must not end the process.
 * @returns whether it is a promise.
 */
export function silencePromise(value: unknown): boolean {
  if (!(value instanceof Promise)) return false;
  value.catch(() => {});
  return true;
}

export const noPromise = () => wrong("must not be a promise");
