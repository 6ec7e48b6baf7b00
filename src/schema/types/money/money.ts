/** Money: exact amounts, and how they are written. */

import { badUserInput } from "../../../errors.ts";
import { builder } from "../../builder.ts";
import { isLocale } from "../../input.ts";

/** An exact amount in minor units of an asset, which Formance writes `CUR/scale`: `USD/2`, `ETH/18`, `JPY`. */
export type Money = { readonly asset: string; readonly amount: bigint };

export const Money = builder.objectRef<Money>("Money").implement({
  description: "An exact amount of one asset. Nothing here was ever rounded.",
  authScopes: { read: true },
  fields: (t) => ({
    asset: t.exposeString("asset", { description: 'The asset as Formance writes it, with its scale: "USD/2".' }),
    currency: t.string({
      description: 'The asset without its scale: "USD".',
      resolve: ({ asset }) => toUnit(asset).currency,
    }),
    scale: t.int({
      description: "How many digits of the amount stand behind the decimal point: 2.",
      resolve: ({ asset }) => toUnit(asset).scale,
    }),
    amount: t.expose("amount", {
      type: "BigInt",
      description: 'The amount in minor units: "1234567". To calculate, use this and not `formatted`.',
    }),
    decimal: t.string({
      description: 'The amount with its decimal point, exact at any size: "12345.67".',
      resolve: toDecimal,
    }),
    formatted: t.string({
      description: 'The amount as people of a locale write it: "$12,345.67". For showing, not for calculating.',
      args: {
        locale: t.arg.string({ defaultValue: "en", description: 'A BCP 47 language tag, such as "fr" or "en-IN".' }),
      },
      resolve: (money, { locale }) => toFormatted(money, locale ?? "en"),
    }),
  }),
});

export const absolute = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

type Unit = { readonly currency: string; readonly scale: number };

const units = new Map<string, Unit>();
/** Clients and banks choose these keys, so that a full cache is cleared instead of growing. */
const maxCached = 1000;

/** An asset without a scale is counted in whole units. */
export function toUnit(asset: string): Unit {
  const known = units.get(asset);
  if (known !== undefined) return known;
  const [, currency = asset, scale = "0"] = /^(.+)\/(\d{1,6})$/.exec(asset) ?? [];
  const unit = { currency, scale: Number(scale) };
  if (units.size >= maxCached) units.clear();
  units.set(asset, unit);
  return unit;
}

/** By string arithmetic alone: `toDecimal({asset: "USD/2", amount: -5n})` is `"-0.05"`. */
export function toDecimal({ asset, amount }: Money): string {
  const { scale } = toUnit(asset);
  const sign = amount < 0n ? "-" : "";
  const digits = absolute(amount)
    .toString()
    .padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-scale)}`;
}

/** @throws BAD_USER_INPUT for a locale that `Intl` does not know. */
export function toFormatted(money: Money, locale: string): string {
  const { currency, scale } = toUnit(money.asset);
  const decimal = toDecimal(money);
  // Intl would round what is longer; such a number is shown as it is.
  if (scale > maxFractionDigits) {
    checkLocale(locale);
    return `${decimal}\u00a0${currency}`;
  }
  // Intl takes the digits of a text as they are; a number would have been rounded.
  const formatted = toFormat(locale, currency, scale).format(decimal as unknown as number);
  return isCurrency.has(currency) ? formatted : `${formatted}\u00a0${currency}`;
}

const maxFractionDigits = 100;
const isCurrency: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));
const formats = new Map<string, Intl.NumberFormat>();

function toFormat(locale: string, currency: string, scale: number): Intl.NumberFormat {
  const key = `${locale} ${currency} ${scale}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  checkLocale(locale);
  const tag = locale.replaceAll("_", "-");
  const options: Intl.NumberFormatOptions = isCurrency.has(currency) ? { style: "currency", currency } : {};
  const usual = new Intl.NumberFormat(tag, options).resolvedOptions().maximumFractionDigits ?? 0;
  const least = isCurrency.has(currency) ? usual : 0;
  const format = new Intl.NumberFormat(tag, { ...options, maximumFractionDigits: Math.max(scale, least) });
  if (formats.size >= maxCached) formats.clear();
  formats.set(key, format);
  return format;
}

function checkLocale(locale: string): void {
  if (!isLocale(locale)) throw badUserInput("`locale` is not a known locale.", "locale");
}
