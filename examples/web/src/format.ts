import type { AccountKind } from "./graphql/graphql.ts";
import { locale, texts } from "./language.ts";

const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const calendarDay = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const countries = new Intl.DisplayNames(locale, { type: "region" });
const list = new Intl.ListFormat(locale);

/** A time's day where the user is. A day alone, "2026-11-20", is that day everywhere. */
export const toDay = (time: string): string => (time.length === 10 ? calendarDay : day).format(new Date(time));
export const toMoment = (time: string): string => moment.format(new Date(time));
export const toCountry = (code: string): string => countries.of(code) ?? code;
export const toList = (words: readonly string[]): string => list.format(words);

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** "3 hours ago", "in 5 minutes". */
export function toAge(time: string): string {
  const ms = Date.parse(time) - Date.now();
  for (const [unit, length] of units) {
    if (Math.abs(ms) >= length) return relative.format(Math.round(ms / length), unit);
  }
  return relative.format(0, "minute");
}

type Amount = { readonly decimal: string; readonly formatted: string | null };
type Account = { readonly provider: string; readonly isLiability: boolean };
type Named = { readonly name: string | null; readonly kind: AccountKind; readonly mask: string | null };

/** As the gateway wrote it, exactly, with the one minus sign of this app: U+2212. */
export const toAmount = ({ formatted, decimal }: Amount): string => (formatted ?? decimal).replace("-", "−");

/** A card's or loan's as what is owed. Plaid states that as a positive balance, the others as a negative one. */
export function toBalance({ isLiability, provider }: Account, money: Amount): string {
  const text = toAmount(money);
  if (!isLiability || /^[-0.]+$/.test(money.decimal)) return text;
  const isOwed = money.decimal.startsWith("-") !== (provider === "plaid");
  return (isOwed ? texts.owed : texts.inCredit)(text.replace("−", ""));
}

/** Stacks often name a connector as the provider writes itself in code: "plaid". */
export function toName(connector: { readonly name: string } | null | undefined): string {
  return connector ? connector.name.charAt(0).toUpperCase() + connector.name.slice(1) : texts.someBank;
}

/** "Current account ·· 1234", without what the name says already. */
export function toKind({ kind, mask, name }: Named): string {
  const word = texts.kinds[kind];
  return [word !== name && word, mask && `·· ${mask}`].filter(Boolean).join(" ");
}
