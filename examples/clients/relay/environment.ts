import { createClient as createSocket } from "graphql-ws";
import {
  Environment,
  type FetchFunction,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  Store,
} from "relay-runtime";

/** Relay over HTTP, with subscriptions over one WebSocket that comes back by itself. */
export function createEnvironment(url: string, getToken: () => Promise<string>) {
  const authorized = async () => ({ authorization: `Bearer ${await getToken()}` });
  const socket = createSocket({
    url: url.replace(/^http/, "ws"),
    connectionParams: authorized,
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
    keepAlive: 12_000,
  });
  const ask: FetchFunction = async ({ text, name }, variables) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...(await authorized()) },
      body: JSON.stringify({ query: text, operationName: name, variables }),
    });
    return (await response.json()) as GraphQLResponse;
  };
  const network = Network.create(ask, ({ text, name }, variables) =>
    Observable.create((sink) =>
      socket.subscribe(
        { query: text ?? "", operationName: name, variables },
        {
          next: (message) => sink.next(message as GraphQLResponse),
          error: (error) =>
            sink.error(error instanceof Error ? error : new Error("The stream failed.", { cause: error })),
          complete: () => sink.complete(),
        },
      ),
    ),
  );
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  return Object.assign(environment, { [Symbol.asyncDispose]: async () => socket.dispose() });
}
