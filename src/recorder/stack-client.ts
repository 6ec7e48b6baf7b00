/** Sends a recording's requests to a stack, by the gateway's own credentials. */
import type { Dispatcher } from "undici";
import { describeResponse, parseBody, type Send } from "../doctor/http-client.ts";
import { requestToken, type Stack } from "../doctor/stack.ts";
import { createDispatcher } from "../lib/network/http-proxy.ts";
import { toProblemKind } from "../lib/reconnecting-connection.ts";
import { createRefreshingToken, createStaticToken, type TokenSource } from "../upstream/transport/access-token.ts";
import { Deadline } from "../upstream/transport/deadline.ts";
import { gatewayScopes } from "../upstream/transport/transport.ts";
import { tokenResponse } from "../upstream/wire-types.ts";

export type StackRequest = {
  readonly method: string;
  /** Below the stack's URL; sent as it is, valid or not. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

export type StackResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export type StackClient = AsyncDisposable & {
  /** Follows no redirect. @throws {Error} with one line, where no response comes within half a minute. */
  send(request: StackRequest): Promise<StackResponse>;
};

const timeoutMs = 30_000;
const tokenLifetimeS = 3600;
const maxResponseBytes = 64 * 1024 * 1024;

export function createStackClient({ url, credentials, proxy }: Stack, sendDoctors: Send): StackClient {
  const stack = createDispatcher(url.origin, proxy, { connections: 8, maxResponseSize: maxResponseBytes, timeoutMs });
  const token: TokenSource =
    credentials.kind === "token"
      ? createStaticToken(credentials.token)
      : createRefreshingToken(async () => {
          const response = await requestToken(url, credentials, sendDoctors, gatewayScopes);
          const granted = parseBody(response, tokenResponse);
          if (granted === null) throw new Error(`${describeResponse(response)} to the request for a token`);
          return { token: granted.access_token, lifetimeMs: (granted.expires_in ?? tokenLifetimeS) * 1000 };
        });
  return {
    async send({ method, path, body, headers }) {
      const signal = AbortSignal.timeout(timeoutMs);
      const authorization = `Bearer ${await token.get(new Deadline(timeoutMs))}`;
      const options = {
        ...{ origin: url.origin, path: url.pathname.replace(/\/+$/, "") + path },
        ...{
          method: method as Dispatcher.HttpMethod,
          headers: { authorization, ...headers },
          signal,
          body: body ?? null,
        },
      };
      try {
        const response = await stack.request(options);
        return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
      } catch (error) {
        const code = signal.aborted ? "ETIMEDOUT" : toProblemKind(error);
        throw new Error(`no answer (${code})`);
      }
    },
    [Symbol.asyncDispose]: () => stack.destroy(),
  };
}
