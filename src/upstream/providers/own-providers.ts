/** Reads the providers of the library's user: a wrong name or shape is an error at the start that names it. */
import { connectorNeeds, type Provider, type RawRow } from "./provider.ts";

export class InvalidProviderError extends Error {
  override readonly name = "InvalidProviderError";
}

/** As the service writes them, which makes small letters of a plugin's name. */
export const providerName = /^[a-z0-9]+(?:[-_][a-z0-9]+)*$/;

const shapes: Readonly<Record<keyof Provider, readonly [is: (value: unknown) => boolean, problem: string]>> = {
  canLink: [isBoolean, "must be true or false"],
  needs: [isNeeds, `must be a list of ${connectorNeeds.join(", ")}`],
  owedIsPositive: [isBoolean, "must be true or false"],
  notesSyncTime: [isBoolean, "must be true or false"],
  account: [isFunction, "must be a function"],
  payment: [isFunction, "must be a function"],
  linkErrorCode: [isFunction, "must be a function"],
};

/** By name, each with only the members that it has. @throws {InvalidProviderError} that says all that is wrong. */
export function readOwnProviders(own: Readonly<Record<string, Provider>>): readonly (readonly [string, Provider])[] {
  const problems = findProviderProblems(own);
  if (problems.length > 0) throw new InvalidProviderError(problems.join("\n"));
  return Object.entries(own).map(([name, provider]) => [name, withFrozenRows(provider)]);
}

/** Of what JavaScript may give as providers: all that is wrong. */
export function findProviderProblems(own: unknown): readonly string[] {
  if (!isPlainObject(own)) return ["providers: must be a plain object of providers by their names"];
  return Object.entries(own).flatMap(([name, provider]) => findProblems(name, provider));
}

function findProblems(name: string, provider: unknown): readonly string[] {
  const at = `providers.${name}`;
  if (!providerName.test(name))
    return [`${at}: must be named as the service writes it, in small letters, such as acme`];
  // Members of a class would be lost.
  if (!isPlainObject(provider)) return [`${at}: must be a plain object`];
  return Object.entries(provider).flatMap(([member, value]) => {
    if (!Object.hasOwn(shapes, member))
      return [`${at}.${member}: there is no such member, but ${Object.keys(shapes).join(", ")}`];
    const [is, problem] = shapes[member as keyof Provider];
    return value === undefined || is(value) ? [] : [`${at}.${member}: ${problem}`];
  });
}

/** Rows are shown by other fields, too, and kept for later operations: a mapper that changes one throws. */
function withFrozenRows(provider: Provider): Provider {
  const { account, payment, ...rest } = provider;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(account && { account: (raw, defaultAsset) => account(frozen(raw), defaultAsset) }),
    ...(payment && { payment: (raw) => payment(frozen(raw)) }),
  };
}

/** Without recursion: a row may be nested deep. */
function frozen(row: RawRow): RawRow {
  const values: unknown[] = [row];
  while (values.length > 0) {
    const value = values.pop();
    if (typeof value !== "object" || value === null || Object.isFrozen(value)) continue;
    values.push(...Object.values(Object.freeze(value)));
  }
  return row;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isNeeds(value: unknown): boolean {
  return Array.isArray(value) && value.every((need) => (connectorNeeds as readonly unknown[]).includes(need));
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}
