/**
 * Amounts as providers write them, made exact ones, for the mappers of all providers. No double is ever calculated with.
 */
import { isRawJson } from "../exact-json.ts";

/** `digits` × 10^-`scale`. */
export type Decimal = { readonly digits: bigint; readonly scale: number };

/** As `Money` has it: minor units of an asset, such as 12345 of `EUR/2` for 123.45 euros. */
export type Amount = { readonly asset: string; readonly amount: bigint };

/** No bank has more; an exponent alone could ask for any number of digits. */
const maxDigits = 100;

/** From a number of a raw row: a number, a bigint or a raw JSON value. `null` for anything else, such as a text. */
export function toDecimal(value: unknown): Decimal | null {
  // A double that `parseJson` leaves as it is has at most 15 digits, so that its text is the one that was read.
  if (typeof value === "number" || typeof value === "bigint") return parseDecimal(String(value));
  return isRawJson(value) ? parseDecimal(value.rawJSON) : null;
}

function parseDecimal(text: string): Decimal | null {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  return bounded(BigInt(`${sign}${whole}${fraction}`), fraction.length - Number(exponent));
}

/** From an integer and a scale in texts: `12345` and `2` are 123.45. `null` for anything else. */
export function toScaled(unscaled: unknown, scale: unknown): Decimal | null {
  if (typeof unscaled !== "string" || !/^-?\d{1,400}$/.test(unscaled)) return null;
  if (typeof scale !== "string" || !/^-?\d{1,4}$/.test(scale)) return null;
  return bounded(BigInt(unscaled), Number(scale));
}

function bounded(digits: bigint, scale: number): Decimal | null {
  if (digits === 0n) return { digits, scale: 0 };
  const text = String(digits);
  const zeros = text.length - text.replace(/0+$/, "").length;
  const shortest = { digits: digits / 10n ** BigInt(zeros), scale: scale - zeros };
  const length = text.length - zeros;
  return shortest.scale > maxDigits || length - shortest.scale > maxDigits || length > maxDigits ? null : shortest;
}

/**
 * In the currency's usual scale, or in a finer one where the amount has more digits than that.
 * @param currency such as `EUR` or `BTC`; `null`, or in any other form than Formance's: no amount.
 * @param defaultAsset what the account is kept in, such as `EUR/2`: of that currency it says the usual scale.
 */
export function toAmount(decimal: Decimal | null, currency: string | null, defaultAsset: string | null): Amount | null {
  if (decimal === null || currency === null || !isAsset(currency) || currency.includes("/")) return null;
  const scale = Math.max(usualScaleOf(currency, defaultAsset), decimal.scale);
  const amount = decimal.digits * 10n ** BigInt(scale - decimal.scale);
  return { asset: scale === 0 ? currency : `${currency}/${scale}`, amount };
}

/** As Formance writes an asset: `EUR/2`, `JPY`, `ETH/18`. */
export function isAsset(text: string): boolean {
  const asset = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*(?:\/(\d{1,3}))?$/.exec(text);
  return asset !== null && Number(asset[1] ?? 0) <= maxDigits;
}

/** Of the service's list of ISO 4217, which writes an asset by it; two digits for all others there. */
const scales: Readonly<Record<string, number>> = Object.fromEntries([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0]),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3]),
  ..."CLF UYW".split(" ").map((code) => [code, 4]),
]);
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** What the account is kept in says it, where that is the same currency; what is no currency has no usual scale. */
function usualScaleOf(currency: string, defaultAsset: string | null): number {
  const [, own, scale] = /^(.+?)(?:\/(\d{1,2}))?$/.exec(defaultAsset ?? "") ?? [];
  if (own === currency) return Number(scale ?? "0");
  return currencies.has(currency) ? (scales[currency] ?? 2) : 0;
}
