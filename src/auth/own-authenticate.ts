/** Checks what a program's own `authenticate` says of a caller: nobody is let in by accident. */
import type { IncomingHttpHeaders } from "node:http";
import { GraphQLError } from "graphql";
import { z } from "zod";
import { isClientError, tokensUncheckable, unauthenticated } from "../errors.ts";
import { isUuid } from "../lib/uuid.ts";
import { TimeoutError, withTimeout } from "../lib/with-timeout.ts";
import type { Viewer } from "./viewer.ts";

/** What a caller sends to show who it is. */
export type Credentials = {
  /** The `Authorization` header; over a WebSocket that of `connection_init`, where it has one. */
  readonly authorization: string | null;
  /** Of the request; over a WebSocket of its handshake. */
  readonly headers: IncomingHttpHeaders;
  /** What a WebSocket's client sends in `connection_init`; `null` over HTTP. */
  readonly connectionParams: Readonly<Record<string, unknown>> | null;
};

/** What is sent besides the `Authorization` header. */
export type SentCredentials = Omit<Credentials, "authorization">;

const nothingElse: SentCredentials = { headers: {}, connectionParams: null };

/** Who a caller is. `psuId` must be said of everyone: only `null` makes an operator, whose rights are its scopes. */
export type OwnViewer = {
  readonly subject: string | null;
  /** A UUID. */
  readonly psuId: string | null;
  readonly scopes: readonly string[];
  /** When it ends (epoch, milliseconds), and with it open streams; left out or `null`: never. */
  readonly expiresAt?: number | null;
};

/**
 * A program's own: from what a caller sends to who it is; `null` where that is nobody. Called for each request, and once
 * for a WebSocket.
 */
export type OwnAuthenticate = (credentials: Credentials) => OwnViewer | null | Promise<OwnViewer | null>;

/** Of 1973: what is before that counts seconds. */
const earliestMs = 1e11;

const viewer = z.object({
  subject: z.string().nullable(),
  psuId: z.string().refine(isUuid).nullable(),
  scopes: z.array(z.string()).readonly(),
  expiresAt: z.number().min(earliestMs).nullish(),
});

/** How long `authenticate` may take. */
const timeoutMs = 10_000;

/**
 * @param onWrongViewer is given the first member that is wrong, never its value.
 * @returns a function that rejects with `UNAUTHENTICATED`, or with the error for clients that `authenticate` throws.
 */
export function createOwnAuthenticate(
  authenticate: OwnAuthenticate,
  onWrongViewer: (member: string) => void,
): (authorization: string | null, sent?: SentCredentials) => Promise<Viewer> {
  return async (authorization, { headers, connectionParams } = nothingElse) => {
    const called = (async () => authenticate({ authorization, headers, connectionParams }))();
    const given: unknown = await withTimeout(called, timeoutMs).catch(fail);
    if (given === null) throw unauthenticated("These credentials are not accepted.");
    const read = viewer.safeParse(given);
    if (!read.success) {
      onWrongViewer(read.error.issues[0]?.path.join(".") || "viewer");
      throw unauthenticated("These credentials are not accepted.");
    }
    const { subject, psuId, scopes, expiresAt = null } = read.data;
    if (expiresAt !== null && expiresAt <= Date.now()) throw unauthenticated("These credentials have ended.");
    return { subject, psuId: psuId?.toLowerCase() ?? null, scopes, expiresAt };
  };
}

/** What is no error for clients is a fault of `authenticate`, whatever it quotes. */
function fail(error: unknown): never {
  if (error instanceof TimeoutError) throw tokensUncheckable();
  if (error instanceof GraphQLError && isClientError(error)) throw error;
  throw Object.assign(new Error("authenticate failed"), error instanceof Error ? { name: error.name } : {});
}
