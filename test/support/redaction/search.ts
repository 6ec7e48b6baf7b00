/** Finds secrets, personal data and internals in what gateways have written. */
import { createWorld } from "../../../sandbox/world.ts";
import { toSamples } from "../samples.ts";
import { labels, line, plainLines, startLine, startTexts } from "./allowed.ts";

/** A part of all the sandbox's secrets and tokens, which must not leave the gateway. */
export const marker = "s3cr3t-";

/** Names, contact details and accounts of the sandbox's people. */
function toPersonal(): readonly string[] {
  const { people, accounts, payments } = createWorld();
  const texts = people.flatMap(({ name, contactDetails, address: lines }) => [
    name,
    ...name.split(" ").filter((part) => part.length > 4),
    contactDetails?.email,
    contactDetails?.phoneNumber,
    lines?.streetName,
    lines?.postalCode,
    lines?.city,
  ]);
  const places = accounts.flatMap(({ name, reference }) => [name, reference]);
  // What the gateway reads out of providers' data: names of products, descriptions, counterparties.
  const details = [...accounts, ...payments]
    .flatMap(({ raw }) => textsIn(raw))
    .filter((text) => / /.test(text) && !/\d/.test(text));
  // Names in tests that create users themselves.
  const others = ["Lovelace", "Ada ", "Jane"];
  return [...new Set([...texts, ...places, ...details, ...others])].filter(
    // Digits alone, such as a postal code, are in any random id; so are digits with a dash between.
    (text) => text != null && text.length > 3 && /[^\d-]/.test(text),
  ) as string[];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

type Rule = readonly [what: string, pattern: RegExp];

const anywhere: readonly Rule[] = [
  ["a token", /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/],
  ["a bearer token", /bearer[ \t]+[\w-]{16,}/i],
  [
    "a stack trace",
    /(\n|\\n) +at ((async |new )?[\w.<>]+ (\[[^\]]*\] )?\(|(async )?(file:|node:|\/))|\bnode:internal\b/,
  ],
  [
    "a place in the source",
    /file:\/\/\/[\w/.-]+\.[jt]s|(?<![.\w/-])\/[\w/.-]*\b(src|node_modules)\/[\w/.-]+\.[jt]s|\.ts:\d+:\d+/,
  ],
  ["a provider's settings", /"(clientSecret|configurationToken|apiKey|pollingPeriod)\\?":/],
  ["words of the service", /Consult logs\/traces/],
];

const inLogs: readonly Rule[] = [
  ["an e-mail", /[\w.+-]+@[\w-]+\.\w/],
  ["a phone number", /\+\d[\d ]{6,}/],
  ["an IBAN", /\b[A-Z]{2}\d{2}(?:[A-Z\d]{11,30}|(?: [A-Z\d]{4}){2,7})\b/],
  ["an address", /\d+\.\d+\.\d+\.\d+|localhost|\[::/],
];

/** Permitted URLs: links to the sandbox's bank pages, and clients' own redirect URLs. */
const given = /(link|clientRedirectUrl)\W{1,8}https?:\/\/[^\s"\\]*|https?:\/\/[\w.:[\]-]+\/bank\/[^\s"\\]*/g;
/** Ports of five digits, as servers on a free port have; clients' own URLs in the tests use `localhost:3000`. */
const internal: Rule = ["an address", /\b(127\.0\.0\.1|localhost):\d{5}\b|\bECONNREFUSED\b/];

export type Search = {
  /** The problem with a line of a log, or `null`. */
  line(text: string): string | null;
  /** The problem with the text of metrics, or `null`. */
  metrics(text: string): string | null;
  /** The problem with answers, or `null`. */
  answers(text: string): string | null;
};

export function createSearch(recordedSecrets: Iterable<string>): Search {
  const secrets = [marker, ...recordedSecrets];
  const personal = toPersonal();

  function secretIn(text: string): string | null {
    const secret = secrets.find((one) => text.includes(one));
    return secret === undefined ? null : `a secret: ${around(text, text.indexOf(secret))}`;
  }

  function personIn(text: string): string | null {
    const person = personal.find((one) => text.includes(one));
    return person === undefined ? null : `personal data: ${around(text, text.indexOf(person))}`;
  }

  return {
    line(text) {
      const problem = toLineProblem(text);
      if (problem === "allowed") return secretIn(text);
      return secretIn(text) ?? ruleIn(anywhere, text) ?? ruleIn(inLogs, text) ?? personIn(text) ?? problem;
    },
    metrics: (text) =>
      secretIn(text) ?? ruleIn(anywhere, text) ?? ruleIn(inLogs, text) ?? personIn(text) ?? toLabelProblem(text),
    answers(text) {
      return secretIn(text) ?? ruleIn(anywhere, text) ?? ruleIn([internal], text.replace(given, ""));
    },
  };
}

function ruleIn(rules: readonly Rule[], text: string): string | null {
  for (const [what, pattern] of rules) {
    const match = pattern.exec(text);
    if (match !== null) return `${what}: ${around(text, match.index)}`;
  }
  return null;
}

function toLabelProblem(text: string): string | null {
  for (const name of toSamples(text).keys()) {
    for (const [pair, label = "", value] of name.matchAll(/(\w+)="([^"]*)"/g)) {
      if (labels[label]?.safeParse(value).success !== true) return `a label that is not known: ${around(pair)}`;
    }
  }
  return null;
}

/** `allowed`: one of the lines with an address, or of those that are not JSON. */
function toLineProblem(text: string): string | "allowed" | null {
  if (!text.startsWith("{")) {
    return plainLines.some((pattern) => pattern.test(text)) ? "allowed" : `no line of a log: ${around(text)}`;
  }
  const value: unknown = JSON.parse(text);
  const start = startLine.safeParse(value);
  if (start.success && startTexts.some((pattern) => pattern.test(start.data.msg))) return "allowed";
  const result = line.safeParse(value);
  if (result.success) return null;
  const issues = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.code}`);
  return `a line that is not known (${issues.slice(0, 3).join(", ")}): ${around(text)}`;
}

/** Enough to find the place, without showing all of the secret. */
function around(text: string, at = 0): string {
  return JSON.stringify(text.slice(Math.max(0, at - 60), at + 140)).slice(0, 220);
}
