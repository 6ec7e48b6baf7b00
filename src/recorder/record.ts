/** Records what a stack answers: makes a fixture, sends the requests of a recording in order, and deletes its users. */
import { createHttpClient } from "../doctor/http-client.ts";
import { checkStack, type Stack } from "../doctor/stack.ts";
import { createUpstreamClient } from "../upstream/client.ts";
import { toFailure } from "../upstream/errors.ts";
import { allRows } from "../upstream/pages.ts";
import { builtInNames } from "../upstream/providers/built-in.ts";
import { toKeptAnswer } from "./answer.ts";
import { type ConnectorChoice, type Fixture, type FixtureOptions, makeFixture } from "./fixture.ts";
import { fill, ofLink, placeholdersIn } from "./placeholders.ts";
import { type Exchange, keptHeaders, type Recording } from "./recording.ts";
import { createStackClient, type StackResponse } from "./stack-client.ts";
import { createUsers, type Users } from "./users.ts";

export type RecordOptions = Omit<FixtureOptions, "connector"> & {
  readonly stack: Stack;
  /** Whose requests are sent. */
  readonly requests: Recording;
  /** Its id or name; `null`: the first that can link, if possible of the provider that the repository's recording has. */
  readonly connector: string | null;
  /** A line for people. */
  readonly report: (line: string) => void;
};

export type Recorded = {
  readonly recording: Recording;
  /** Users that the stack did not delete. */
  readonly left: readonly string[];
};

/** @throws {Error} with one line, where it cannot go on or `signal` is aborted. Its users are deleted then, too. */
export async function record(options: RecordOptions): Promise<Recorded> {
  const { stack, report, signal } = options;
  await using http = createHttpClient(() => stack.proxy);
  for await (const { about, status, what, mend } of checkStack(stack, http.send)) {
    // The connector is looked up below: it can be one that the doctor does not know.
    if (status === "failed" && about !== "connectors") throw new Error(`${about}: ${what}. ${mend}`);
  }
  const connector = await findConnector(stack, options.connector);
  await using client = createStackClient(stack, http.send);
  const requests = toSendable(options);
  const users = createUsers(client);
  let recording: Recording;
  try {
    const fixture = await makeFixture(users, { ...options, connector });
    report(`Sending ${requests.length} requests, at a connector for ${connector.provider}`);
    recording = await sendAll(users, fixture, requests, signal);
  } catch (error) {
    describeLeft(await users.remove(), report);
    throw signal.aborted ? new Error("interrupted") : error;
  }
  const left = await users.remove();
  describeLeft(left, report);
  return { recording, left };
}

function describeLeft(left: readonly string[], report: RecordOptions["report"]): void {
  if (left.length > 0) report(`The stack has not deleted these users: ${left.join(", ")}`);
}

/** All, or those that work without a link. */
function toSendable({ requests, consent, report }: RecordOptions): Recording {
  if (consent !== null) return requests;
  const needsLink = ({ path, body = "", answer }: Exchange) =>
    placeholdersIn(path + body + answer).some((name) => ofLink.includes(name));
  const skipped = requests.filter(needsLink).map(({ name }) => name);
  report(`Not sent, because they need a link: ${skipped.join(", ")}`);
  return requests.filter((request) => !needsLink(request));
}

/** The provider of the repository's recording first. */
const linkable: readonly string[] = [...new Set(["powens", ...builtInNames])];

async function findConnector({ url, credentials, proxy }: Stack, wanted: string | null): Promise<ConnectorChoice> {
  await using client = createUpstreamClient({ url, credentials, proxy, timeoutMs: 10_000, sockets: 1 });
  const all = await allRows((page) => client.within({}).connectors(page)).catch((error: unknown) => {
    throw new Error(`the stack's connectors cannot be read (${toFailure(error).kind})`);
  });
  const rank = ({ provider }: ConnectorChoice) => linkable.indexOf(provider.toLowerCase());
  const connector =
    wanted === null
      ? all.filter((one) => rank(one) >= 0).sort((one, other) => rank(one) - rank(other))[0]
      : all.find(({ id, name }) => id === wanted || name === wanted);
  if (connector !== undefined) return connector;
  throw new Error(
    wanted === null
      ? "the stack has no connector for Powens, Plaid or Tink: users can link no bank without one"
      : "the stack has no connector with the id or name that --connector gives",
  );
}

async function sendAll(
  users: Users,
  { values: made, rows }: Fixture,
  requests: Recording,
  signal: AbortSignal,
): Promise<Recording> {
  const values = new Map(made);
  const recording: Exchange[] = [];
  for (const { name, method, path, body, headers } of requests) {
    signal.throwIfAborted();
    const request = {
      method,
      path: fill(path, values),
      body: body === undefined ? undefined : fill(body, values),
      headers: headers && mapValues(headers, (value) => fill(value, values)),
    };
    const response = await users.send(request).catch((error: Error) => {
      throw new Error(`"${name}": ${error.message}`);
    });
    if (name === firstPage) values.set("usersNext", nextOf(response));
    recording.push({
      ...{ name, method, path, ...(body !== undefined && { body }), ...(headers && { headers }) },
      status: response.status,
      answerHeaders: toKeptHeaders(response),
      answer: toKeptAnswer(path, response.text, new Set([...users.ids, ...rows]), values),
    });
  }
  return recording;
}

/** The request whose next page later ones read. */
const firstPage = "users page";

const nextOf = ({ text }: StackResponse): string => /"next"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? "";

const toKeptHeaders = ({ headers }: StackResponse): Record<string, string> =>
  Object.fromEntries(
    keptHeaders.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, [value].flat().join(", ")]];
    }),
  );

const mapValues = (record: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
