/** Clients of automatic persisted queries go on by themselves with a gateway that keeps none. */
import { createHash } from "node:crypto";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { cacheExchange, createClient, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Each request's method, and whether it had the text of its document. */
function watchRequests(accept?: string) {
  const sent: string[] = [];
  const watched: typeof fetch = async (input, init = {}) => {
    const target = new URL(String(input));
    const body = init.body === undefined || init.body === null ? "" : String(init.body);
    sent.push(`${init.method ?? "GET"} ${/"query":"|[?&]query=/.test(`${target.search}${body}`) ? "text" : "hash"}`);
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${await stage.getToken()}`);
    if (accept !== undefined) headers.set("accept", accept);
    return fetch(input, { ...init, headers });
  };
  return { sent, watched };
}

describe.each(["POST", "GET"])("by %s", (method) => {
  it.each([undefined, "application/json", "application/graphql-response+json"])(
    "Apollo Client, accepting %s",
    async (accept) => {
      const { sent, watched } = watchRequests(accept);
      const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: method === "GET" }).concat(
        new HttpLink({ uri: stage.url, fetch: watched }),
      );
      const client = new ApolloClient({ cache: new InMemoryCache(), link });
      const { data } = await client.query<{ viewer: { subject: string } }>({ query: gql`{ viewer { subject } }` });
      expect(data?.viewer.subject).toBe("user");
      await client.query({ query: gql`query Again { viewer { scopes } }` });
      // It remembers that the gateway keeps no documents.
      expect(sent).toEqual([`${method} hash`, "POST text", "POST text"]);
    },
  );

  it.each([undefined, "application/json", "application/graphql-response+json"])(
    "urql, accepting %s",
    async (accept) => {
      const { sent, watched } = watchRequests(accept);
      const client = createClient({
        url: stage.url,
        preferGetMethod: false,
        fetch: watched,
        exchanges: [
          cacheExchange,
          persistedExchange({
            generateHash: async (query) => sha256(query),
            preferGetForPersistedQueries: method === "GET",
          }),
          fetchExchange,
        ],
      });
      const { data, error } = await client
        .query<{ viewer: { subject: string } }>("{ viewer { subject } }", {})
        .toPromise();
      expect([error, data?.viewer.subject]).toEqual([undefined, "user"]);
      expect(sent[0]).toBe(`${method} hash`);
      expect(sent[1]).toMatch(/ text$/);
    },
  );
});
