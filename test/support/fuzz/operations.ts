/** GraphQL operations with malformed documents and variables, drawn from a seeded random. */
import { createRandom, type Random } from "../../../sandbox/random.ts";
import { chance, draw, type Members, nested, oddJson, oddObject, oddText } from "./values.ts";

export type World = { readonly seed: string; readonly psuId: string; readonly connectorId: string };

/**
 * An operation on existing data, mostly a cheap one, with malformed variables and in most cases a malformed document. It
 * is one of 500 documents: the gateway caches those that are valid, which would look like a leak.
 */
export function drawOperation(random: Random, { seed, psuId, connectorId }: World): Members {
  const own = createRandom(`${seed}/document ${random.integer(1, 500)}`);
  const [query, variables] = draw<readonly [string, object]>(own, [
    () => ["query A($id: ID!) { node(id: $id) { __typename id } }", { id: psuId }],
    () => ["query A($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: [psuId, connectorId] }],
    () => [
      "query A($first: Int, $after: String) { paymentServiceUsers(first: $first, after: $after) { nodes { id name } } }",
      { first: 2, after: null },
    ],
    () => [
      "query A($filter: AccountFilter) { accounts(first: 1, filter: $filter) { nodes { id raw } } }",
      { filter: { psuId, metadata: { a: "b" } } },
    ],
    () => [
      "query A($filter: PaymentFilter) { payments(first: 1, filter: $filter) { edges { cursor } } }",
      { filter: { psuId, asset: "USD/2" } },
    ],
    () => [
      "mutation A($input: CreateLinkInput!) { createLink(input: $input) { link } }",
      { input: { psuId, connectorId, clientRedirectUrl: "ftp://x", idempotencyKey: "k" } },
    ],
    () => [
      "mutation A($input: CreatePaymentServiceUserInput!) { createPaymentServiceUser(input: $input) { __typename } }",
      { input: { name: "", metadata: {}, address: { country: "XX" } } },
    ],
    () => [
      "mutation A($input: DeleteConnectionInput!) { deleteConnection(input: $input) { deletedId } }",
      { input: { connectionId: "x" } },
    ],
    () => ["subscription A($id: ID!) { linkAttemptChanged(id: $id) { status } }", { id: psuId }],
    () => ["subscription A($psuId: ID!) { connectionChanged(psuId: $psuId) { kind } }", { psuId }],
    () => ["subscription A($id: ID!) { taskChanged(id: $id) { status } }", { id: "x" }],
    () => ["{ __schema { types { name } } viewer { __typename } }", {}],
  ]);
  const given = chance(random, 0.5)
    ? oddObject(random, toMembers(variables))
    : chance(random, 0.3)
      ? oddJson(random)
      : JSON.stringify(deepOdd(random, variables));
  const text = chance(own, 0.2) ? query : oddDocument(own, query);
  return {
    query: JSON.stringify(text),
    operationName: chance(random, 0.8) ? '"A"' : oddJson(random),
    variables: given,
  };
}

const toMembers = (value: object): Members =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, JSON.stringify(member)]));

/** The value with something odd in one place, however deep. */
function deepOdd(random: Random, value: unknown): unknown {
  if (typeof value !== "object" || value === null || chance(random, 0.2)) {
    return draw<unknown>(random, [
      () => oddText(random),
      () => random.pick([null, 0, -1, 2 ** 53, 1.5, true, [], {}, [[]]]),
    ]);
  }
  const copy: Record<string, unknown> = { ...value };
  const name = random.pick([...Object.keys(copy), oddText(random)]);
  copy[name] = deepOdd(random, copy[name]);
  return copy;
}

const tokens = [
  ...'{ } ( ) [ ] ! $ : = @ ... | & " """ # , - query mutation subscription fragment on null true schema'.split(" "),
  ..."type extend __typename __proto__ $__proto__ ...A ...{id} 99999999999999999999 -0 1e999 0.0 00 \0 \ufeff".split(
    " ",
  ),
  ...['"\\u{110000}"', '"\\uD800"', '"\\x"', "@skip(if: true)", "@include(if: $x)", "@defer", "@a".repeat(60)],
];

/** The document, with one to three things wrong. */
function oddDocument(random: Random, query: string): string {
  let odd = query;
  for (let mistakes = random.integer(1, 3); mistakes > 0; mistakes -= 1) {
    const at = random.integer(0, odd.length);
    const put = (text: string) => odd.slice(0, at) + text + odd.slice(at);
    odd = draw(random, [
      () => put(random.pick(tokens)),
      () => put(random.pick(tokens)),
      () => put(oddText(random)),
      () => odd.slice(0, at),
      () => odd.slice(0, at) + odd.slice(at + random.integer(1, 8)),
      () => put(odd.slice(at, at + random.integer(1, 60))),
      () =>
        odd.replace(/\w+/g, (word) =>
          chance(random, 0.15) ? random.pick(["node", "id", "String", "__typename", word]) : word,
        ),
      () => `${odd} fragment A on Query { ...B } fragment B on Query { ...A }`,
      () => `${odd} ${odd}`,
      () => `{ ${Array.from({ length: random.integer(2, 300) }, (_, at) => `a${at}: __typename`).join(" ")} }`,
      () => `{ ${Array.from({ length: random.integer(2, 120) }, () => random.token(6)).join(" ")} }`,
      () => nested("{ node(id: 1) ", random.integer(2, chance(random, 0.1) ? 2000 : 50), "}"),
      () => `{ node(id: ${nested("[", random.integer(2, chance(random, 0.1) ? 1900 : 50), "]")}) { id } }`,
      () =>
        `query A(${Array.from({ length: random.integer(1, 80) }, (_, at) => `$a${at}: Int`).join(" ")}) { __typename }`,
    ]);
  }
  return odd;
}
