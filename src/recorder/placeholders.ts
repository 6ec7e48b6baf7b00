/** Names such as `{A}` in place of the ids that differ from run to run. */

/** What stands for what in one run. */
export type Placeholders = ReadonlyMap<string, string>;

const placeholder = /\{(\w+)\}/g;

/** What of a link must be there before a request with it can be sent. */
export const ofLink: readonly string[] = ["N", "account", "payment"];

export const isPlaceholder = (text: string): boolean => /^\{\w+\}$/.test(text);

export function placeholdersIn(text: string): readonly string[] {
  return Array.from(text.matchAll(placeholder), ([, name = ""]) => name);
}

/** @throws where a placeholder has no value. */
export function fill(text: string, values: Placeholders): string {
  return text.replaceAll(placeholder, (_match, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`{${name}} has no value.`);
    return value;
  });
}

/** Ids shorter than this occur in other texts by chance: they are replaced only where they are the whole text. */
const shortestInside = 32;

/** The text with placeholders in place of their values. */
export function putPlaceholders(text: string, values: Placeholders): string {
  let result = text;
  for (const [name, value] of values) {
    if (text === value) return `{${name}}`;
    if (value.length >= shortestInside) result = result.replaceAll(value, `{${name}}`);
  }
  return result;
}
