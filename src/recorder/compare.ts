/** What differs between two recordings, as far as it can matter to a reader of the API. */
import { parseJson } from "../upstream/exact-json.ts";
import { isError, isFree, isMembers, isOthers } from "./answer.ts";
import { absent, kindOf } from "./kinds.ts";
import { type Exchange, keptHeaders, type Recording } from "./recording.ts";

export type Difference = {
  /** The request's name. */
  readonly request: string;
  /** `status`, a header, or the path of a member. */
  readonly what: string;
  readonly before: string;
  readonly now: string;
};

export type Comparison = {
  readonly differences: readonly Difference[];
  /** The names of requests that only one recording has. */
  readonly unmatched: readonly string[];
};

type Sides<Value> = { readonly before: Value; readonly now: Value };
type Found = Omit<Difference, "request">;

const onBoth = <From, To>({ before, now }: Sides<From>, map: (side: From) => To): Sides<To> => ({
  before: map(before),
  now: map(now),
});

/** Requests are matched by their names. */
export function compareRecordings(before: Recording, now: Recording): Comparison {
  const known = new Map(before.map((exchange) => [exchange.name, exchange]));
  const names = new Set(now.map(({ name }) => name));
  const isUnmatched = ({ name }: Exchange) => !(known.has(name) && names.has(name));
  return {
    differences: now.flatMap((exchange) => {
      const old = known.get(exchange.name);
      if (old === undefined) return [];
      return compareExchanges({ before: old, now: exchange }).map((found) => ({ request: exchange.name, ...found }));
    }),
    unmatched: [...new Set([...before, ...now].filter(isUnmatched).map(({ name }) => name))],
  };
}

function compareExchanges(sides: Sides<Exchange>): readonly Found[] {
  const { status } = sides.before;
  if (status !== sides.now.status) return [{ what: "status", ...onBoth(sides, describeOutcome) }];
  const answers = onBoth(sides, readAnswer);
  return [
    ...keptHeaders.flatMap((name) => {
      const headers = onBoth(sides, ({ answerHeaders }) => sortedList(answerHeaders[name] ?? "none"));
      return headers.before === headers.now ? [] : [{ what: `header ${name}`, ...headers }];
    }),
    ...compareMembers("answer", onBoth(answers, toSingle), { isExact: isExactIn(sides.before) }),
    ...compareRows(onBoth(answers, rowsOf), namesOwn(sides.before)),
  ];
}

/** A status with its error, where it has one. */
function describeOutcome(exchange: Exchange): string {
  const answer = readAnswer(exchange);
  if (!isMembers(answer) || !isError(answer)) return String(exchange.status);
  return `${exchange.status} ${answer["errorCode"]} ${JSON.stringify(answer["errorMessage"])}`;
}

/** The service writes the methods of `allow` in any order. */
const sortedList = (header: string) => header.split(", ").sort().join(", ");

/** What is no JSON stays text. */
function readAnswer({ answer }: Exchange): unknown {
  try {
    return parseJson(answer);
  } catch {
    return answer;
  }
}

function rowsOf(answer: unknown): readonly unknown[] | null {
  const cursor = isMembers(answer) ? answer["cursor"] : null;
  return isMembers(cursor) && Array.isArray(cursor["data"]) ? cursor["data"] : null;
}

/** The answer without its rows. Whether there is a next page depends on the data; that it has a cursor does not. */
function toSingle(answer: unknown): readonly unknown[] {
  if (!isMembers(answer) || !isMembers(answer["cursor"]) || rowsOf(answer) === null) return [answer];
  const { data, next, hasMore, ...cursor } = answer["cursor"];
  const nextPage = (next !== undefined) === hasMore ? "where hasMore" : "against hasMore";
  return [{ ...answer, cursor: { ...cursor, hasMore, next: nextPage } }];
}

/** Whether the request is about something of the recorder's. Which rows other lists begin with is chance. */
const namesOwn = ({ path, body = "" }: Exchange) => /\{(A|B|C|N|account|payment)\}/.test(path + body);

/** The recorder's own rows are compared in full; of others', which nobody has chosen, only what both lists have. */
function compareRows({ before, now }: Sides<readonly unknown[] | null>, namesOwn: boolean): readonly Found[] {
  if (before === null || now === null) return [];
  const what = "answer.cursor.data";
  const own = onBoth({ before, now }, (rows) => rows.filter((row) => !isOthers(row)));
  const others = onBoth({ before, now }, (rows) => rows.filter(isOthers));
  const present = onBoth(own, ({ length }) => (length === 0 ? "no own rows" : "own rows"));
  if (namesOwn && present.before !== present.now) return [{ what, ...present }];
  const isFilterLost = namesOwn && others.before.length === 0 && others.now.length > 0;
  return [
    ...(isFilterLost ? [{ what, before: "own rows only", now: "rows of others, too" }] : []),
    ...compareMembers(`${what}[]`, own),
    ...compareMembers(`${what}[] of others`, others, { ignores: ["null", "absent", "{C}"] }),
  ];
}

/** Whether text is compared and not only its kind. The message of a 4xx can reach clients, that of a 5xx cannot. */
const isExactIn = (exchange: Exchange) => (path: string) =>
  ["answer", "answer.errorCode", "answer.cursor.pageSize", "answer.cursor.next"].includes(path) ||
  (path === "answer.errorMessage" && exchange.status < 500) ||
  (path.startsWith("answer.data") && exchange.path.endsWith("/capabilities"));

type Rules = { readonly isExact?: (path: string) => boolean; readonly ignores?: readonly string[] };

/**
 * Values at the same place. Each kind that there is now must have been there before: what has become null or optional is
 * a difference, but not that one of several kinds is missing from the data that happens to be there. Texts that are
 * compared as they are must be the same.
 */
function compareMembers(path: string, values: Sides<readonly unknown[]>, rules: Rules = {}): readonly Found[] {
  if (values.before.length === 0 || values.now.length === 0) return [];
  const { isExact = () => false, ignores = [] } = rules;
  const toKind = (value: unknown) =>
    isExact(path) && (typeof value === "string" || typeof value === "number") ? JSON.stringify(value) : kindOf(value);
  const kinds = onBoth(values, (side) => [...new Set(side.map(toKind))].filter((kind) => !ignores.includes(kind)));
  const isNew = kinds.now.some((kind) => !kinds.before.includes(kind));
  const isGone = kinds.before.some((kind) => !kinds.now.includes(kind));
  if (kinds.before.length > 0 && (isNew || (isGone && isExact(path)))) {
    return [{ what: path, ...onBoth(kinds, (side) => side.sort().join(" or ")) }];
  }
  if (isFree(path.slice(path.lastIndexOf(".") + 1))) return [];
  const objects = onBoth(values, (side) => side.filter(isMembers));
  const names = new Set([...objects.before, ...objects.now].flatMap(Object.keys));
  return [
    ...compareMembers(
      `${path}[]`,
      onBoth(values, (side) => side.filter(Array.isArray).flat()),
      rules,
    ),
    ...[...names].flatMap((name) => {
      const members = onBoth(objects, (side) => side.map((one) => (Object.hasOwn(one, name) ? one[name] : absent)));
      return compareMembers(`${path}.${name}`, members, rules);
    }),
  ];
}

/** For people, in two lines. */
export const describe = ({ request, what, before, now }: Difference): string =>
  `${request}: ${what}\n  before: ${before}\n  now:    ${now}`;
