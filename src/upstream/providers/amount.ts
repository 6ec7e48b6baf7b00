/** Amounts as providers write them, made exact ones: no double is ever calculated with. */
import { isRawJson } from "../exact-json.ts";

/** `digits` × 10^-`scale`. */
export type Decimal = { readonly digits: bigint; readonly scale: number };

/** As `Money` has it: minor units of an asset. */
export type Amount = { readonly asset: string; readonly amount: bigint };

/** No bank has more; an exponent alone could ask for any number of digits. */
const maxDigits = 100;

/** From a JSON number as `parseJson` reads it: a number, a bigint or its own text. */
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

/** From an integer and a scale in texts. */
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

/** In the currency's usual scale, or in a finer one where the amount has more digits than that. */
export function toAmount(decimal: Decimal | null, currency: string | null, defaultAsset: string | null): Amount | null {
  // A slash would be read as the scale's.
  if (decimal === null || currency === null || currency.includes("/")) return null;
  const scale = Math.max(usualScaleOf(currency, defaultAsset), decimal.scale);
  const amount = decimal.digits * 10n ** BigInt(scale - decimal.scale);
  return { asset: scale === 0 ? currency : `${currency}/${scale}`, amount };
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
