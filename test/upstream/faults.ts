/** Faulty responses of the service, with the error that a client must get for each. */
import { expect } from "vitest";
import type { Fault } from "../../sandbox/server.ts";
import type { TestGateway } from "../support/helpers.ts";

/** What a faulty response may contain, and must reach neither clients nor logs. */
const leak = "dial tcp 10.20.30.40:5432: password=hunter2 for Ada Lovelace\\n\\tat storage.go:42";
const secrets = /hunter2|10\.20\.30\.40|Ada|storage\.go|127\.0\.0\.1|localhost|sandbox-s3cr3t/;
const stackTrace = /\n?\s+at \S+ \(|node:internal|\.ts:\d+/;

export const json = { "content-type": "application/json" };
export const html = { headers: { "content-type": "text/html" }, body: `<html><h1>${leak}</h1></html>` };
export const refusal = (status: number, errorCode: string, errorMessage = serviceMessage): Fault => ({
  status,
  headers: json,
  body: JSON.stringify({ errorCode, errorMessage }),
});

export const unavailable = "The payments stack is not available.";
export const malformed = "The payments stack answered something that its contract does not allow.";
const unauthorized = "The payments stack refused the gateway's credentials.";
const slowDown = "The payments stack asks to slow down.";
export const serviceMessage = "the service's words about the input";
const refusedInput = "The payments stack or the provider refused this.";
const refusedConflict = "The payments stack refused this: it conflicts with what is there.";

type Row = {
  readonly title: string;
  readonly fault: Fault;
  readonly message: string;
  readonly extensions: {
    readonly code: string;
    readonly retryable: boolean;
    readonly retryAfterMs?: number;
    readonly upstreamMessage?: string;
  };
  readonly calls: number;
};

const row = (
  title: string,
  fault: Fault,
  message: string,
  code: string,
  more: Partial<Row["extensions"]> & { readonly calls?: number } = {},
): Row => {
  const { calls = 1, retryable = false, ...rest } = more;
  return { title, fault, message, calls, extensions: { ...rest, code, retryable } };
};

/** The client of the tests is an operator. */
const forOperators = { upstreamMessage: serviceMessage };

export const rows: readonly Row[] = [
  row("400 VALIDATION", refusal(400, "VALIDATION"), refusedInput, "BAD_USER_INPUT", forOperators),
  row("400 INVALID_ID", refusal(400, "INVALID_ID"), refusedInput, "BAD_USER_INPUT", forOperators),
  row(
    "400 MISSING_OR_INVALID_BODY",
    refusal(400, "MISSING_OR_INVALID_BODY"),
    refusedInput,
    "BAD_USER_INPUT",
    forOperators,
  ),
  row("400 with an unknown code", refusal(400, "NEW_CODE", leak), malformed, "UPSTREAM_MALFORMED"),
  row("400 with HTML", { status: 400, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("401", { status: 401 }, unauthorized, "UPSTREAM_UNAUTHORIZED", { calls: 2 }),
  row("403 with an empty body", { status: 403 }, unauthorized, "UPSTREAM_UNAUTHORIZED"),
  row("404 with a proxy's HTML", { status: 404, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("404 with an empty body", { status: 404 }, malformed, "UPSTREAM_MALFORMED"),
  row("400 CONFLICT", refusal(400, "CONFLICT"), refusedConflict, "CONFLICT", forOperators),
  row("409 CONFLICT", refusal(409, "CONFLICT"), refusedConflict, "CONFLICT", forOperators),
  row("409 with HTML", { status: 409, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("429", { status: 429, headers: { "retry-after": "7" }, body: leak }, slowDown, "RATE_LIMITED", {
    retryable: true,
    retryAfterMs: 7000,
  }),
  row("429 without Retry-After", { status: 429 }, slowDown, "RATE_LIMITED", { retryable: true, calls: 3 }),
  row(
    "429 with a Retry-After that is no time",
    { status: 429, headers: { "retry-after": "soon" } },
    slowDown,
    "RATE_LIMITED",
    { retryable: true, calls: 3 },
  ),
  row("500 INTERNAL", refusal(500, "INTERNAL", leak), unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true }),
  row("500 with a code of a 400", refusal(500, "VALIDATION", leak), unavailable, "UPSTREAM_UNAVAILABLE", {
    retryable: true,
  }),
  row("502 with HTML", { status: 502, ...html }, unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true, calls: 3 }),
  row("503 with Retry-After", { status: 503, headers: { "retry-after": "1" } }, unavailable, "UPSTREAM_UNAVAILABLE", {
    retryable: true,
    retryAfterMs: 1000,
    calls: 3,
  }),
  row(
    "503 with a long Retry-After",
    { status: 503, headers: { "retry-after": "3" } },
    unavailable,
    "UPSTREAM_UNAVAILABLE",
    {
      retryable: true,
      retryAfterMs: 3000,
    },
  ),
  row("504 with an empty body", { status: 504 }, unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true, calls: 3 }),
  row("a redirect", { status: 302, headers: { location: "/elsewhere" } }, malformed, "UPSTREAM_MALFORMED"),
  row("truncated JSON", { truncate: true }, malformed, "UPSTREAM_MALFORMED"),
  row("HTML with 200", { status: 200, ...html }, malformed, "UPSTREAM_MALFORMED"),
  row("nothing with 200", { status: 200 }, malformed, "UPSTREAM_MALFORMED"),
  row("a wrong shape", { body: `{"error":"${leak}"}` }, malformed, "UPSTREAM_MALFORMED"),
  row("`null`", { body: "null" }, malformed, "UPSTREAM_MALFORMED"),
  row("a socket that closes", { reset: true }, unavailable, "UPSTREAM_UNAVAILABLE", { retryable: true, calls: 3 }),
];

function expectNoSecretsLogged(gateway: TestGateway): void {
  const lines = gateway.lines.join("");
  expect(lines).toContain('"msg":"operation"');
  expect(lines).not.toMatch(secrets);
  expect(lines).not.toMatch(stackTrace);
}

/** Sends an operation that must fail, checks what all failures have in common, and returns its errors and calls. */
export async function sendFailing(gateway: TestGateway, document: string, variables: object) {
  const before = gateway.sandbox.calls.length;
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: document, variables }),
  });
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(text).not.toMatch(secrets);
  expect(text).not.toMatch(stackTrace);
  expectNoSecretsLogged(gateway);
  const { data, errors } = JSON.parse(text) as { data: unknown; errors: { extensions: { requestId: string } }[] };
  for (const { extensions } of errors) expect(extensions.requestId).toBe(response.headers.get("x-request-id"));
  return { data, errors, calls: gateway.sandbox.calls.slice(before) };
}

export const requestId = expect.stringMatching(/^[\w-]{36}$/);
