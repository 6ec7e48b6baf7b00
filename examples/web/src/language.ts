import { de } from "./de.ts";
import { en } from "./en.ts";

const languages = { de, en };
type Language = keyof typeof languages;

/** Some browsers name locales that are no tags, such as "en-US@posix": no format takes them. */
const toLanguage = (tag: string) => (/^[\w-]+$/.test(tag) ? tag.replace(/-.*/, "") : "");
const chosen = localStorage.getItem("language");
const preferred = navigator.languages.filter((tag) => chosen === null || toLanguage(tag) === chosen);

/** Of numbers, amounts and dates: the first of the user's that there are texts for, with its region, such as `de-AT`. */
export const locale = [...preferred, chosen ?? "en"].find((tag) => Object.hasOwn(languages, toLanguage(tag))) ?? "en";
const language = toLanguage(locale) as Language;
export const texts = languages[language];
document.documentElement.lang = language;

/** What the user can switch to. */
export const other: Language = language === "de" ? "en" : "de";
export const otherName = languages[other].language;

export function switchLanguage(): void {
  localStorage.setItem("language", other);
  location.reload();
}
