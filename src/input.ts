import { z } from "zod";
import { badUserInput } from "./errors.ts";

/** Checks of what clients send that GraphQL's types cannot express. */

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

export const filledText = (most: number) =>
  z
    .string()
    .max(most, `must have at most ${most} characters`)
    .refine((text) => text.trim() !== "", "must not be empty");

export const metadata = z.record(z.string().min(1, "must not have an empty key"), z.string("must hold text"));

export const email = z.email("must be an e-mail address");

/** As loose as the service: it only looks for something that could be dialled. */
export const phoneNumber = z.string().regex(/^\+?[\d\s().-]{3,30}$/, "must be a phone number such as +33123456789");

export const locale = z.string().refine(isLocale, "must be a locale such as fr-FR");

export const country = z.string().refine(isCountry, "must be an ISO 3166-1 country code such as FR");

/** The service's own rule. */
export const streetNumber = z.string().regex(/^[\p{L}\p{N}]+$/u, "must hold only letters and digits");

/** Whether `Intl` can format for it. */
export function isLocale(text: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(text.replaceAll("_", "-")).length > 0;
  } catch {
    return false;
  }
}

export const redirectUrlRule = "must be an absolute https URL, or http on localhost, without user or password";

/** Whether a browser may be sent there with the outcome of a link; plain http only on the developer's own machine. */
export function isRedirectUrl(text: string): boolean {
  // Without the two slashes the URL parser would guess a host: "https:example.com", "https:/example.com".
  if (text.length > 2048 || !/^https?:\/\/[^/\\\s]/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return false;
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname) || url.hostname.endsWith(".localhost");
  return url.protocol === "https:" || isLocal;
}

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
/** What `Intl` names but ISO 3166-1 has not assigned to a country. */
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
  "UK",
  "UN",
  "XA",
  "XB",
  "XK",
  "ZZ",
]);

function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !notCountries.has(code) && regions.of(code) !== undefined;
}
