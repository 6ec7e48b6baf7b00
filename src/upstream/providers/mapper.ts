/** Runs a provider's mappers: whatever they do, each detail is a value that can be shown, or an error. */
import { type Checks, noPromise, silencePromise, toObject, WrongValue } from "./checks.ts";

/** Such as `payment` of `acme`. */
type MapperName = { readonly provider: string; readonly name: "account" | "payment" | "linkErrorCode" };

export type Mapper<Details> = MapperName & { readonly checks: Checks<Details> };

/** A mapper threw, or returned what cannot be shown. Nothing of the row is in it. */
export class MapperError extends Error {
  override readonly name = "MapperError";
  readonly provider: string;
  readonly mapper: string;
  /** Of what it returned; `null`: of all. */
  readonly member: string | null;
  readonly problem: string;
  /** Where it threw, such as `acme.ts:12`. */
  readonly thrownAt: string | null;

  constructor({ provider, name }: MapperName, member: string | null, problem: string, thrownAt: string | null = null) {
    super(
      [provider, name, member]
        .filter((one) => one !== null)
        .join(".")
        .concat(`: ${problem}`),
    );
    this.provider = provider;
    this.mapper = name;
    this.member = member;
    this.problem = problem;
    this.thrownAt = thrownAt;
  }
}

/** What a mapper returned, checked: each member has its value, or the error that the field is to fail with. */
export type Mapped<Details> = { readonly [Name in keyof Details]: Details[Name] | MapperError };

/** @throws the error, where the member is one. */
export function orMapperError<Value>(member: Value | MapperError): Value {
  if (member instanceof MapperError) throw member;
  return member;
}

/** @param onError is given each error that is found; the details hold the same ones. */
export function runMapper<Details extends object>(
  mapper: Mapper<Details>,
  map: () => unknown,
  onError: (error: MapperError) => void,
): Mapped<Details> {
  const { checks, provider } = mapper;
  let given: Readonly<Record<string, unknown>>;
  try {
    given = toObject(map());
    for (const name of Object.keys(given)) {
      if (Object.hasOwn(checks, name)) continue;
      // Nothing depends on it, so that nothing else fails.
      silencePromise(given[name]);
      onError(new MapperError(mapper, toShownName(name), "there is no such member"));
    }
  } catch (error) {
    const failure = toMapperError(mapper, null, error);
    onError(failure);
    return toDetails(checks, () => failure);
  }
  return toDetails(checks, (name) => {
    try {
      const value = given[name];
      if (silencePromise(value)) throw noPromise();
      return checks[name](value, provider);
    } catch (error) {
      const failure = toMapperError(mapper, name, error);
      onError(failure);
      return failure;
    }
  });
}

function toDetails<Details extends object>(
  checks: Checks<Details>,
  toMember: <Name extends keyof Details & string>(name: Name) => Details[Name] | MapperError,
): Mapped<Details> {
  const details: Partial<Mapped<Details>> = {};
  for (const name in checks) details[name] = toMember(name);
  return details as Mapped<Details>;
}

function toMapperError(mapper: MapperName, member: string | null, error: unknown): MapperError {
  if (error instanceof WrongValue) return new MapperError(mapper, member, error.message);
  return new MapperError(mapper, member, "threw an error", toPlace(error));
}

/** The first file and line in a stack. The message before it may quote the row. */
function toPlace(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { stack, message }: { stack?: unknown; message: unknown } = error;
  if (typeof stack !== "string" || typeof message !== "string") return null;
  const end = stack.indexOf(message);
  if (end < 0) return null;
  return /^ {4}at .*?([\w.-]+\.[cm]?[jt]s:\d+):\d+\)?$/m.exec(stack.slice(end + message.length))?.[1] ?? null;
}

/** A name of a member is one that somebody wrote in code; anything else may be of the row. */
const toShownName = (name: string): string => (/^[a-zA-Z]{1,40}$/.test(name) ? name : "…");
