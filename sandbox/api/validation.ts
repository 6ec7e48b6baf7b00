/** The checks that the service makes of request bodies: first the shape (Go's JSON decoder), then the values. */
import { z } from "zod";
import { ApiError, invalid } from "../http/api-error.ts";

/** Go leaves a field alone when its member is absent or null. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

const personBody = z.object({
  name: text,
  contactDetails: z
    .object({ email: text, phoneNumber: text, locale: text })
    .nullish()
    .transform((details) => details ?? null),
  address: z
    .object({ streetName: text, streetNumber: text, city: text, region: text, postalCode: text, country: text })
    .nullish()
    .transform((lines) => lines ?? null),
  bankAccountIDs: z
    .array(z.string())
    .nullish()
    .transform((ids) => ids ?? []),
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .transform((map) => map ?? null),
});

const linkBody = z.object({ applicationName: text, clientRedirectURL: text });

export type PersonBody = z.output<typeof personBody>;
export type LinkBody = { readonly applicationName: string; readonly clientRedirectURL: string };

const phoneNumber = /^\+?\d{1,4}?[-.\s]?\(?\d{1,3}?\)?[-.\s]?\d{1,4}[-.\s]?\d{1,4}[-.\s]?\d{1,9}$/;
const email = /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/;

export function readPerson(body: string): PersonBody {
  const person = decode(body, personBody);
  const { contactDetails, address } = person;
  if (person.name === null || person.name === "") throw invalid("Name is a required field");
  if ([...person.name].length > 1000) throw invalid("Name must be at maximum 1,000 characters in length");
  check(contactDetails?.email, (value) => email.test(value), "Email is invalid");
  check(contactDetails?.phoneNumber, (value) => phoneNumber.test(value), "PhoneNumber is invalid");
  check(contactDetails?.locale, isLocale, "Locale is invalid");
  check(
    address?.streetNumber,
    (value) => /^[a-zA-Z0-9]+$/.test(value),
    "StreetNumber can only contain alphanumeric characters",
  );
  check(
    address?.country,
    isCountry,
    "Key: 'PaymentServiceUsersCreateRequest.Address.Country' Error:Field validation for 'Country' failed on the 'country_code' tag",
  );
  for (const [at, id] of person.bankAccountIDs.entries()) {
    check(
      id,
      (value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value),
      `BankAccountIDs[${at}] must be a valid UUID`,
    );
  }
  return person;
}

export function readLinkBody(body: string): LinkBody {
  const { applicationName, clientRedirectURL } = decode(body, linkBody);
  if (clientRedirectURL === null || clientRedirectURL === "") throw invalid("ClientRedirectURL is a required field");
  check(clientRedirectURL, isUrl, "ClientRedirectURL must be a valid URL");
  return { applicationName: applicationName ?? "", clientRedirectURL };
}

function decode<Body>(body: string, shape: z.ZodType<Body>): Body {
  if (body.trim() === "") throw new ApiError("MISSING_OR_INVALID_BODY", "EOF");
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new ApiError("MISSING_OR_INVALID_BODY", (error as Error).message);
  }
  const read = shape.safeParse(value ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ApiError("MISSING_OR_INVALID_BODY", `json: cannot unmarshal ${issue?.path.join(".")}: ${issue?.message}`);
}

/** An empty text is checked like any other: only an absent one is left alone. */
function check(value: string | null | undefined, isGood: (value: string) => boolean, message: string): void {
  if (typeof value === "string" && !isGood(value)) throw invalid(message);
}

/** A BCP 47 tag, with underscores allowed. */
function isLocale(value: string): boolean {
  try {
    return /^[a-z]{2,3}(?![a-z])/i.test(value) && new Intl.Locale(value.replaceAll("_", "-")).language !== "";
  } catch {
    return false;
  }
}

const countries = new Set(
  (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO " +
    "JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR " +
    "MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO " +
    "RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV " +
    "TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
  ).split(" "),
);

/** ISO 3166-1 alpha-2. The service also takes the three-letter and numeric codes; of those only the form is checked. */
function isCountry(value: string): boolean {
  return countries.has(value) || /^(?:[A-Z]{3}|\d{3})$/.test(value);
}

/** As loose as the service: a scheme and something after it; `javascript:` passes. */
function isUrl(value: string): boolean {
  const match = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(value);
  if (match === null || /[\s\p{Cc}]/u.test(value)) return false;
  const [, scheme, rest = ""] = match;
  if (scheme?.toLowerCase() === "file") return rest !== "" && rest !== "/";
  return rest.startsWith("//") ? URL.canParse(value) && /^\/\/[^/?#]/.test(rest) : rest !== "" && !rest.startsWith("/");
}
