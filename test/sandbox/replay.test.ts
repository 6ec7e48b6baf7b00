/** The sandbox answers as the service did: the recording's requests, sent to it in the same order. */
import { expect, test } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { compareRecordings, type Difference } from "../../src/recorder/compare.ts";
import { record } from "../../src/recorder/record.ts";
import { readRecording, repositoryRecording } from "../../src/recorder/recording.ts";

type Exception = { readonly requests: readonly string[]; readonly what: string; readonly why: string };

const exceptions: readonly Exception[] = [
  {
    requests: ["pools", "payment-initiations", "orders", "conversions"],
    what: "status",
    why: "the gateway knows no such noun",
  },
  { requests: ["v2 accounts"], what: "status", why: "the gateway does not use the API of version 2" },
  { requests: ["connector schedules"], what: "status", why: "the sandbox fetches its data without a schedule" },
];

const isAbout =
  ({ requests, what }: Exception) =>
  (difference: Difference) =>
    requests.includes(difference.request) && what === difference.what;

test("the sandbox answers each recorded request as the service did, but for a few exceptions", async () => {
  await using sandbox = await startSandbox();
  const people = sandbox.world.people.map(({ id }) => id);
  const requests = readRecording(repositoryRecording);
  const { url, clientId, clientSecret } = sandbox;
  const { recording, left } = await record({
    stack: { kind: "stack", url: new URL(url), credentials: { kind: "client", clientId, clientSecret }, proxy: null },
    requests,
    connector: "Powens",
    consent: async (link) => void (await visitBank(link, { decision: "consent" })),
    redirectUrl: "https://app.example.com/linked",
    signal: new AbortController().signal,
    report: () => {},
  });
  expect(recording).toHaveLength(requests.length);
  const { differences, unmatched } = compareRecordings(requests, recording);
  expect(unmatched).toEqual([]);
  expect(differences.filter((difference) => !exceptions.some((exception) => isAbout(exception)(difference)))).toEqual(
    [],
  );
  // An exception for a request that is answered as it was goes.
  const unused = exceptions.flatMap(({ requests, what, why }) =>
    requests
      .filter((request) => !differences.some(isAbout({ requests: [request], what, why })))
      .map((request) => `${request}: ${what}`),
  );
  expect(unused).toEqual([]);
  // Its own users are gone, and nobody else.
  expect([left, sandbox.world.people.map(({ id }) => id)]).toEqual([[], people]);
});
