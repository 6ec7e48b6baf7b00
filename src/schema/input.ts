/** Checks of what clients send that GraphQL's types cannot express. */

import { z } from "zod";
import { badUserInput } from "../errors.ts";

/**
 * @param at where the value stands among the arguments, such as `input`.
 * @throws BAD_USER_INPUT that names the first bad field by its path, `input.address.country`.
 */
export function checkInput<Value>(shape: z.ZodType<Value>, value: unknown, at: string): Value {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = [at, ...(issue?.path ?? [])].join(".");
  throw badUserInput(`\`${field}\` ${issue?.message ?? "is not valid"}.`, field);
}

/** `null` in an input means the same as leaving the field out. */
export const optional = <Value>(shape: z.ZodType<Value>) => z.nullish(shape).transform((value) => value ?? undefined);

/** How many alternatives one argument may name. */
export const maxAlternatives = 50;

/** Any of these; `undefined` where the argument is not given. @throws BAD_USER_INPUT when they are none, or too many. */
export function anyOfThese<Value>(
  values: readonly Value[] | null | undefined,
  field: string,
): readonly Value[] | undefined {
  if (values == null) return undefined;
  if (values.length === 0 || values.length > maxAlternatives) {
    throw badUserInput(`\`${field}\` must hold from 1 to ${maxAlternatives} values.`, field);
  }
  return values;
}

/** The service's database stores neither NUL nor half a character. */
const isStorable = (text: string) => !text.includes("\0") && text.isWellFormed();
const notStorable = "must not hold NUL or half a surrogate pair";

/** Characters as the service counts them: an emoji is one. A text that is far too long is not read. */
const hasAtMost = (text: string, maxLength: number) =>
  text.length <= maxLength || (text.length <= 2 * maxLength && [...text].length <= maxLength);
const tooLong = (maxLength: number) => `must have at most ${maxLength} characters`;

/** What is wrong with a text, to be written behind its name; `null`: nothing. */
export function findTextFault(text: string, maxLength: number): string | null {
  if (!hasAtMost(text, maxLength)) return tooLong(maxLength);
  return isStorable(text) ? null : notStorable;
}

export const filledText = (maxLength: number) =>
  z
    .string()
    .refine((text) => hasAtMost(text, maxLength), tooLong(maxLength))
    .refine((text) => text.trim() !== "", "must not be empty")
    .refine(isStorable, notStorable);

/** Of a PSU's metadata, and of a filter by metadata. */
export const maxMetadata = { entries: 20, keyLength: 256, valueLength: 1000 } as const;

/** Not a `z.record`, which drops an entry of the name `__proto__`. */
export const metadata: z.ZodType<Readonly<Record<string, string>>> = z.unknown().transform((value, { addIssue }) => {
  const fault = findMetadataFault(value);
  if (fault === null) return value as Readonly<Record<string, string>>;
  addIssue({ code: "custom", ...fault });
  return z.NEVER;
});

type MetadataFault = { readonly message: string; readonly path: string[] };

function findMetadataFault(value: unknown): MetadataFault | null {
  const { entries, keyLength, valueLength } = maxMetadata;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { message: "must be an object of texts", path: [] };
  const keys = Object.keys(value);
  if (keys.length > entries) return { message: `must have at most ${entries} entries`, path: [] };
  for (const key of keys) {
    // The error does not repeat a long key.
    if (!hasAtMost(key, keyLength)) return { message: `must have keys of at most ${keyLength} characters`, path: [] };
    const message = findEntryFault(key, (value as Readonly<Record<string, unknown>>)[key], valueLength);
    if (message !== null) return { message, path: key === "" ? [] : [key] };
  }
  return null;
}

function findEntryFault(key: string, value: unknown, maxLength: number): string | null {
  if (key === "") return "must not have an empty key";
  if (key === "__proto__") return "has a name that no entry can have";
  if (!isStorable(key)) return notStorable;
  return typeof value === "string" ? findTextFault(value, maxLength) : "must be text";
}

/** An apostrophe is legal in an address, but the service refuses it. */
export const email = z
  .email("must be an e-mail address")
  .refine((text) => !text.includes("'"), "must be an e-mail address without an apostrophe");

/** The service's own rule: up to five groups of digits with one sign between them, the second perhaps in brackets. */
export const phoneNumber = z
  .string()
  .regex(
    /^\+?\d{1,4}[-.\s]?\(?\d{1,3}\)?[-.\s]?\d{1,4}[-.\s]?\d{1,4}[-.\s]?\d{1,9}$/,
    "must be a phone number such as +33123456789",
  );

export const locale = z.string().refine(isLocale, "must be a locale such as fr_FR");

export const country = z.string().refine(isCountry, "must be an ISO 3166-1 country code such as FR");

/** The service's own rule. */
export const streetNumber = z.string().regex(/^[a-zA-Z0-9]+$/, "must hold only letters and digits");

/** The service's own rules of length and letters. */
export const accountNumber = z
  .string()
  .max(100, tooLong(100))
  .regex(/^[a-zA-Z0-9]+$/, "must hold only letters and digits");

export const swiftBicCode = z.string().regex(/^[a-zA-Z0-9]{8,11}$/, "must be of 8 to 11 letters and digits");

/** As people write it: spaces are taken out. The service would store one that is mistyped: it does not check the sum. */
export const iban = z
  .string()
  .max(100, "must be an IBAN such as GB82WEST12345698765432")
  .transform((text) => text.replaceAll(/[ \u00a0\u202f]/g, "").toUpperCase())
  .refine((text) => /^[A-Z]{2}\d{2}[A-Z0-9]{11,27}$/.test(text), "must be an IBAN such as GB82WEST12345698765432")
  .refine(hasIbanSum, "is mistyped: its check digits do not fit");

/** ISO 7064, mod 97-10. */
function hasIbanSum(text: string): boolean {
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
  }
  return rest === 1;
}

/** Whether `Intl` can format for it. */
export function isLocale(text: string): boolean {
  if (text.length > 35) return false; // the longest that BCP 47 expects to meet; every other one is kept as a key
  try {
    return Intl.NumberFormat.supportedLocalesOf(text.replaceAll("_", "-")).length > 0;
  } catch {
    return false;
  }
}

/** Of a redirect URL. */
export const maxUrlLength = 2048;

export const redirectUrlRule = "must be an absolute https URL, or http on localhost, without user or password";

/** Whether a browser may be sent there with the outcome of a link; plain http only on the developer's own machine. */
export function isRedirectUrl(text: string): boolean {
  // The URL parser drops line breaks and tabs; the service refuses them.
  if (text.length > maxUrlLength || /[\s\p{Cc}\p{Cs}\\]/u.test(text)) return false;
  // Without the two slashes the parser would guess a host: "https:example.com", "https:/example.com".
  // Nor may the host be one that parsers read differently: user names, escapes, other scripts than ASCII.
  if (!/^https?:\/\/[\w.:[\]-]+([/?#]|$)/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return false;
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname) || url.hostname.endsWith(".localhost");
  return url.protocol === "https:" || isLocal;
}

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * A time in RFC 3339, in UTC and to the last digit: the service's own have microseconds.
 * @throws BAD_USER_INPUT for what is no time that the service could read.
 */
export function toTime(value: unknown, field: string): string {
  const [, localTime = "", fraction = "", zone = ""] = rfc3339.exec(typeof value === "string" ? value : "") ?? [];
  // JavaScript reads February 30 as a day in March and 24:00 as midnight: such a time comes back as another.
  const isReal = localTime !== "" && toIso(`${localTime}Z`)?.startsWith(localTime);
  const utc = isReal ? toIso(localTime + zone) : null;
  if (utc === null || !/^\d{4}-/.test(utc) || utc.startsWith("0000")) {
    throw badUserInput(`\`${field}\` must be a time such as 2026-08-05T12:00:00Z.`, field);
  }
  return `${utc.slice(0, 19)}${fraction}Z`;
}

/** Of two times in RFC 3339, to the last digit. */
export function isBefore(one: string, other: string): boolean {
  return toComparable(one) < toComparable(other);
}

/** In UTC and with nanoseconds: such texts are in the order of their times. */
function toComparable(time: string): string {
  const utc = time.endsWith("Z") ? time : (toIso(time) ?? time);
  const [seconds = "", fraction = ""] = utc.slice(0, -1).split(".");
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}

function toIso(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
/** What `Intl` names but ISO 3166-1 has not assigned to a country. Withdrawn codes lead to their successor's. */
const notCountries = new Set([
  "AC",
  "CP",
  "CQ",
  "DG",
  "EA",
  "EU",
  "EZ",
  "IC",
  "QO",
  "TA",
  "UN",
  "XA",
  "XB",
  "XK",
  "ZZ",
]);

function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || notCountries.has(code)) return false;
  return regions.of(code) !== undefined && new Intl.Locale(`und-${code}`).region === code;
}
