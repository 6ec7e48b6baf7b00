/** All that the log lines and the metric labels of a gateway may hold. */
import { z } from "zod";
import { settingNames } from "../../../src/config/settings.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import type { WebhookOutcome } from "../../../src/live/webhook-receiver.ts";
import type { UpstreamErrorKind } from "../../../src/upstream/errors.ts";

const errorCodes = Object.keys({
  BAD_USER_INPUT: 1,
  NOT_FOUND: 1,
  CONFLICT: 1,
  UNAUTHENTICATED: 1,
  FORBIDDEN: 1,
  RATE_LIMITED: 1,
  QUERY_TOO_COMPLEX: 1,
  DOCUMENT_NOT_TRUSTED: 1,
  PERSISTED_QUERY_NOT_SUPPORTED: 1,
  UPSTREAM_UNAVAILABLE: 1,
  UPSTREAM_TIMEOUT: 1,
  UPSTREAM_MALFORMED: 1,
  UPSTREAM_UNAUTHORIZED: 1,
  INTERNAL_SERVER_ERROR: 1,
} satisfies Record<ErrorCode, 1>);

/** Kinds of errors whose causes are logged as they are: those of the others may quote a client's input. */
const loggedKinds = Object.keys({
  unauthorized: 1,
  "rate-limited": 1,
  unavailable: 1,
  timeout: 1,
  malformed: 1,
  cancelled: 1,
} satisfies Record<Exclude<UpstreamErrorKind, "invalid" | "not-found" | "conflict">, 1>);

const refusedKinds = ["invalid", "not-found", "conflict"] as const;
const upstreamKinds = [...loggedKinds, ...refusedKinds];

const outcomes = Object.keys({
  accepted: 1,
  duplicate: 1,
  test: 1,
  unknown: 1,
  malformed: 1,
  "bad-signature": 1,
  "wrong-method": 1,
  "too-large": 1,
  "wrong-type": 1,
  "too-slow": 1,
  "too-old": 1,
  "too-early": 1,
  busy: 1,
  unpublished: 1,
  aborted: 1,
} satisfies Record<WebhookOutcome, 1>);

const requestId = z.string().regex(/^[\w.:-]{1,128}$/);
const path = z.optional(z.string().regex(/^\w[\w.]{0,255}$/));
const count = z.int().min(0);
const word = z.string().regex(/^\w{1,64}$/);
/** Of a connection to Redis or NATS. */
const problemKind = z.string().regex(/^(a listener failed: )?\w{1,64}$/);
const cause = z.union([
  z.string().regex(/^(token endpoint )?answered \d{3}( without an error code of its contract)?$/),
  z.string().regex(/^[A-Z][A-Z0-9_]{2,48}$/),
  z.string().regex(/^the answer has not the promised shape \(([\w.]*: [a-z_]+(; )?)+\)$/),
  z.string().regex(/^an unknown (status of a (connection|link attempt|task)|type of an account)$/),
  z.enum([
    "the JSON is nested too deep",
    "the answer is not JSON",
    "the answer is in no UTF-8",
    "the answer is too large",
    "the connection failed",
    "the caller left",
    "no answer before the deadline",
    "the list has more but no cursor",
    "the list has no end",
    "the list's cursor repeats",
    "the connector's capabilities are missing",
    "the payment is another one",
    "whether the connector stays is missing",
    "the list holds attempts of others",
    "the list holds rows that its filter excludes",
    "the list holds balances of others",
    "the link is of another attempt",
    "the stack has not answered of late",
    "too many calls are waiting",
  ]),
]);

/** What is wrong with what a provider's mapper returned, in the gateway's own words. */
const mapperProblem = z.enum([
  "must be a boolean",
  "must be a day such as 2026-11-20",
  "must be a text",
  "must be a time such as 2026-11-20T08:30:00Z",
  "must be an object",
  "must be one of CHECKING, SAVINGS, CREDIT_CARD, LOAN, MORTGAGE, INVESTMENT, PENSION, OTHER, UNKNOWN",
  "must be one word",
  "must have a name",
  "must have an amount in minor units, as a bigint",
  "must have an asset such as EUR/2",
  "must have https URLs",
  "must not be a promise",
  "there is no such member",
  "threw an error",
]);

const address = String.raw`http://(127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0|\[::\]):\d+`;

const settings = z.array(z.enum(settingNames));
/** A problem with a setting, in the gateway's own words. */
const problem = /^(authenticate|settings|[A-Z_]+):?( and [A-Z_]+)* [\w ,.:;/<>"'()=-]+$/;

/** All lines that a gateway logs. A new member, text or kind of line must be added here first. */
export const line = z.discriminatedUnion("msg", [
  logLine("operation", {
    requestId,
    traceId: z.optional(z.string().regex(/^[\da-f]{32}$/)),
    operation: z.nullable(word),
    subject: z.nullable(z.string().regex(/^[\w.:|-]{1,128}$/)),
    outcome: z.union([z.enum(["ok", "ended"]), z.array(z.enum(errorCodes))]),
    ms: z.number().min(0).multipleOf(0.1),
    upstreamCalls: count,
    messages: z.optional(count),
    cost: z.optional(count),
  }),
  logLine("upstream failed", { requestId, path, kind: z.enum(loggedKinds), cause }),
  logLine("upstream refused", {
    requestId,
    path,
    kind: z.enum(refusedKinds),
    call: z.string().regex(/^[a-zA-Z]{1,40}$/),
    code: z.string().regex(/^[A-Z_]{1,40}$/),
    // No digit, no sign of an address: values that the service quotes are "…".
    text: z.string().regex(/^[A-Za-z_$…\s:.,'"()[\]{}]{1,500}$/),
  }),
  logLine("unexpected error", {
    requestId,
    path,
    name: z.optional(word),
    thrownAt: z.optional(z.string().regex(/^[\w/.-]{1,64}\.ts:\d+$/)),
  }),
  logLine("a provider's mapper failed", {
    provider: z.string().regex(/^[a-z0-9_-]{1,64}$/),
    mapper: z.enum(["account", "payment", "linkErrorCode"]),
    member: z.nullable(z.string().regex(/^([a-zA-Z]{1,40}|…)$/)),
    problem: mapperProblem,
    thrownAt: z.nullable(z.string().regex(/^[\w.-]{1,64}\.[cm]?[jt]s:\d+$/)),
  }),
  logLine("request failed", { name: word }),
  logLine("a plugin failed", { name: z.optional(word) }),
  logLine("authenticate returned what is no viewer: the caller was refused", {
    member: z.string().regex(/^[a-zA-Z]+(\.\d+)?$/),
  }),
  logLine("plugins: every request by HTTP goes through Yoga, which takes longer; operations on WebSockets do not", {}),
  logLine("webhook", { outcome: z.enum(outcomes) }),
  logLine("a refresh failed", { kind: z.enum([...upstreamKinds, "unexpected"]) }),
  logLine("traces are not delivered", { kind: word }),
  logLine("event bus is degraded", { kind: problemKind }),
  logLine("NATS consumer is degraded", { kind: problemKind }),
  logLine("rate limits are degraded", { kind: problemKind }),
  logLine("settings were read again", { changed: settings }),
  logLine("settings were read again; some take effect with a restart only", {
    changed: settings,
    needRestart: settings,
  }),
  logLine("settings were read again and are wrong: the old ones stay", {
    problems: z.array(z.string().regex(problem)),
  }),
  logLine("the circuit breaker of the payments stack", { state: z.enum(["closed", "open", "half-open"]) }),
  logLine("stopping: requests under way may end; a second signal ends at once", {}),
  logLine("authentication is off: every caller is an operator", {}),
]);

/** The values that labels of metrics may have. A new one must be added here first. */
export const labels: Readonly<Record<string, z.ZodType>> = {
  operation: z.string().regex(/^(\w{1,64}|\((none|anonymous|other)\))$/),
  kind: z.enum(["query", "mutation", "subscription", "none", "unexpected", ...upstreamKinds]),
  outcome: z.union([z.enum(["ok", ...errorCodes, ...upstreamKinds, ...outcomes]), z.string().regex(/^\d{3}$/)]),
  call: z.string().regex(/^[a-zA-Z]{1,40}$/),
  loader: z.string().regex(/^[a-zA-Z]{1,40}$/),
  state: z.enum(["closed", "open", "half-open"]),
  reason: z.enum(["queue-full", "breaker-open"]),
  source: z.enum(["webhook", "nats", "bus", "own"]),
  budget: z.enum(["psu", "operator", "address"]),
  le: z.string().regex(/^([\d.]+|\+Inf)$/),
};

/** These lines hold an address, for the person who starts the gateway. */
export const startLine = z.strictObject({ level: z.int(), time: z.int(), msg: z.string() });
export const startTexts = [
  new RegExp(`^GraphQL is at ${address}/graphql(, in a browser with GraphiQL)?$`),
  new RegExp(
    `^no FORMANCE_API_URL is set: serving the embedded sandbox at ${address}, with invented people and banks$`,
  ),
];

/** Lines that are not JSON: why the gateway did not start, and the output of the tests' own code in it. */
export const plainLines = [
  /^The gateway cannot start\.$/,
  /^listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+$/,
  /^Set PORT to another port\.$/,
  /^Node 24 or newer is needed, and this is v[\d.]+: https:\/\/nodejs\.org\/en\/download has it\.$/,
  problem,
  /^held \d+: \d+ bytes$/,
];

function logLine<Message extends string, Members extends z.ZodRawShape>(msg: Message, members: Members) {
  return z.strictObject({ level: z.int(), time: z.int(), msg: z.literal(msg), ...members });
}
