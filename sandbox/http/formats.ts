/** The formats that the service's validator knows, and its words for ids that it cannot read. */
import { parseJson } from "./json.ts";

export const isEmail = (value: string): boolean => /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/.test(value);

export const isPhoneNumber = (value: string): boolean =>
  /^\+?\d{1,4}?[-.\s]?\(?\d{1,3}?\)?[-.\s]?\d{1,4}[-.\s]?\d{1,4}[-.\s]?\d{1,9}$/.test(value);

export const isAlphanumeric = (value: string): boolean => /^[a-zA-Z0-9]+$/.test(value);

/** In lower case and with dashes only. */
export const isPlainUuid = (value: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value);

const languages = new Set(
  (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es " +
    "et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv " +
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne " +
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st " +
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
  ).split(" "),
);

/** A BCP 47 tag, with underscores allowed. Of languages with three letters only the form is checked. */
export function isLocale(value: string): boolean {
  const [language = ""] = value.toLowerCase().split(/[-_]/);
  if (!languages.has(language) && !/^[a-z]{3}$/.test(language)) return false;
  try {
    return new Intl.Locale(value.replaceAll("_", "-")).language !== "";
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
export function isCountry(value: string): boolean {
  return countries.has(value) || /^(?:[A-Z]{3}|\d{3})$/.test(value);
}

/** As loose as the service: a scheme and something after it; `javascript:` passes. */
export function isUrl(value: string): boolean {
  const match = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(value);
  if (match === null || /[\s\p{Cc}]/u.test(value)) return false;
  const [, scheme, rest = ""] = match;
  if (scheme?.toLowerCase() === "file") return rest !== "" && rest !== "/";
  return rest.startsWith("//") ? URL.canParse(value) && /^\/\/[^/?#]/.test(rest) : rest !== "" && !rest.startsWith("/");
}

/** Why the text has not the form of an encoded id, or `null`. The service checks no more than this before the lookup. */
export function faultOfEncodedId(text: string): string | null {
  const at = text.search(/[^\w-]/);
  if (at >= 0) return `illegal base64 data at input byte ${at}`;
  try {
    const value = parseJson(Buffer.from(text, "base64url").toString("latin1"));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? null : "json: cannot unmarshal into an id";
  } catch (error) {
    // In Go's words for a text that is all there.
    return (error as Error).message.replace(/^(?:unexpected )?EOF$/, "unexpected end of JSON input");
  }
}

/** Why the text is no UUID, for one that `toUuid` cannot read. */
export const faultOfUuid = (text: string): string =>
  [32, 36, 38, 45].includes(text.length) ? "invalid UUID format" : `invalid UUID length: ${text.length}`;
