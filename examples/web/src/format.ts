/** The user's own: of numbers, amounts and dates. The gateway formats amounts, exactly, in the locale that it is told. */
export const locale = navigator.language;

const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const countries = new Intl.DisplayNames(locale, { type: "region" });

export const toDay = (time: string): string => day.format(new Date(time));
export const toMoment = (time: string): string => moment.format(new Date(time));
export const toCountry = (code: string): string => countries.of(code) ?? code;

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

/** Whether a positive balance is what the user owes: Plaid states the debt of cards and loans so. */
export const isDebt = ({ metadata }: { readonly metadata: Readonly<Record<string, string>> }): boolean =>
  metadata["accountType"] === "credit" || metadata["accountType"] === "loan";
