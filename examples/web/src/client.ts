import { createClient as createSocket } from "graphql-ws";
import { Client, type CombinedError, cacheExchange, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { endSession, type Session } from "./session.ts";
import { createStore, type Store } from "./store.ts";

/** How the live line to the gateway is. A `lost` one is opened again by itself, after growing pauses. */
export type Line = "idle" | "open" | "lost";

export type Connection = {
  readonly client: Client;
  /** Behind `open` there may be news that no event announced: read again. */
  readonly line: Store<Line>;
  readonly close: () => void;
};

/** One for each session: nothing that one user has read is left for the next. */
export function connect({ token }: Session): Connection {
  const authorization = `Bearer ${token}`;
  const line = createStore<Line>("idle");
  let pong: number | undefined;
  const socket = createSocket({
    url: `${location.origin.replace(/^http/, "ws")}/graphql`,
    connectionParams: { authorization },
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => pause(Math.min(500 * 2 ** retries, 15_000) * (0.5 + Math.random())),
    // A network that is gone closes no socket: one that does not answer in time is given up.
    keepAlive: 10_000,
    on: {
      ping: (isReceived) => {
        if (!isReceived) pong = window.setTimeout(() => socket.terminate(), 5000);
      },
      pong: () => window.clearTimeout(pong),
      connected: () => line.set("open"),
      closed: (event) => {
        window.clearTimeout(pong);
        const { code } = event as CloseEvent;
        line.set(code === 1000 ? "idle" : "lost");
        if (code === 4403) endSession();
      },
    },
  });

  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    requestPolicy: "cache-and-network", // what is known is shown at once, and read again behind it
    fetchOptions: { headers: { authorization } },
    exchanges: [
      mapExchange({ onError: (error) => toCode(error) === "UNAUTHENTICATED" && endSession() }),
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
        }),
      }),
    ],
  });

  // One that never opened says so once more.
  return { client, line, close: () => void Promise.resolve(socket.dispose()).catch(() => {}) };
}

/** Of a field that failed, by the beginning of its path ("account.payments"); else the answer's first. */
export function firstError({ graphQLErrors: all }: CombinedError, at = "") {
  return all.find(({ path }) => path?.join(".").startsWith(at)) ?? all[0];
}

/** Its `extensions.code`; `OFFLINE` when there was no answer at all. */
export function toCode(error: CombinedError, at?: string): string {
  const code = firstError(error, at)?.extensions["code"];
  return typeof code === "string" ? code : error.networkError ? "OFFLINE" : "INTERNAL_SERVER_ERROR";
}

/** Whether the id in the page's address is none, or names nothing of the user's: queries answer that with null. */
export function isWrongId(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some(({ extensions: { field } }) => field === "id") ?? false;
}

/** Over early when the browser is online again. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    window.addEventListener("online", () => resolve(), { once: true });
    window.setTimeout(resolve, ms);
  });
}
