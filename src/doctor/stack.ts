/** Checks the stack itself: URL, version, credentials, scopes and connectors. */
import { decodeJwt } from "jose";
import { z } from "zod";
import { toScopes } from "../auth/viewer.ts";
import type { Config } from "../config/config.ts";
import { createUpstreamClient } from "../upstream/client.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { allRows } from "../upstream/pages.ts";
import { isForTrials } from "../upstream/providers/built-in.ts";
import { createProviders } from "../upstream/providers/providers.ts";
import { gatewayScopes, tokenPath } from "../upstream/transport/transport.ts";
import { info, tokenResponse } from "../upstream/wire-types.ts";
import { isWebPage, mendConnection, mendResponse, type Question } from "./advice.ts";
import { type Findings, failed, ok, warning } from "./finding.ts";
import { describeResponse, type HttpResponse, joinUrl, parseBody, type Send } from "./http-client.ts";
import { checkReachability, type Reachability } from "./reachability.ts";

export type Stack = Extract<Config["upstream"], { kind: "stack" }>;

const infoPath = "/api/payments/_info";
const restPath = "/api/payments/v3";

/**
 * URL, base path, clock, version, credentials, scopes and connectors, up to one without which the next cannot be checked.
 * @param ownProviders at which users can link a bank, besides those that the gateway knows.
 * @returns whether all could be checked.
 */
export async function* checkStack(stack: Stack, send: Send, ownProviders: readonly string[] = []): Findings<boolean> {
  const { url, proxy } = stack;
  const reachability = await checkReachability(url, proxy);
  if (reachability.failed !== null) {
    yield failed("url", `${unreachable[reachability.failed]} (${reachability.code})`, mendReachability(reachability));
    return false;
  }
  const way = proxy === null ? "" : ` through the proxy at ${proxy.host}`;
  const certificate = url.protocol === "https:" ? ", and its certificate is good" : "";
  yield ok("url", `${url.origin} can be reached${way}${certificate}`);

  const response = await send(joinUrl(url, infoPath));
  const version = parseBody(response, info)?.version ?? null;
  if (version === null) {
    yield await explainBasePath(url, response, send);
    return false;
  }
  yield ok("base path", "the payments service is where it is asked for");
  if (response.aheadMs !== null) yield checkClock(response.aheadMs);
  yield checkVersion(version);

  const bearer = yield* obtainToken(stack, send);
  if (bearer === null || !(yield* checkScopes(url, bearer, send))) return false;
  yield* checkConnectors(stack, createProviders({ openBanking: ownProviders }).linkable);
  return true;
}

const unreachable = {
  dns: "the host's name is not known here",
  tcp: "nobody takes connections there",
  tls: "the connection cannot be encrypted",
  timeout: "no answer within five seconds",
  proxy: "the proxy opens no way to it",
} as const;

function mendReachability({ failed, code }: Exclude<Reachability, { failed: null }>): string {
  const speaksNoTls = failed === "tls" && /^(ERR_SSL|EPROTO|ECONNRESET)/.test(code);
  if (speaksNoTls) return "The port speaks no TLS: write http://, or another port.";
  return mendConnection(code, "FORMANCE_API_URL");
}

async function explainBasePath(url: URL, response: HttpResponse, send: Send) {
  const about = "base path";
  const what = `${describeResponse(response)} where the payments service tells its version (${infoPath})`;
  // The usual mistake: a URL with /api, /api/payments or /api/payments/v3 at its end.
  const [shorter = ""] = url.pathname.split("/api", 1);
  const candidate = new URL(shorter || "/", url);
  if (candidate.pathname !== url.pathname && parseBody(await send(joinUrl(candidate, infoPath)), info) !== null) {
    const right = candidate.href.replace(/\/$/, "");
    return failed(
      about,
      "FORMANCE_API_URL goes too deep",
      `Set FORMANCE_API_URL=${right}, without ${shorter ? "what follows" : url.pathname}.`,
    );
  }
  if (response.location !== null && URL.canParse(response.location, url)) {
    const { origin } = new URL(response.location, url);
    return failed(
      about,
      `${what}: a redirect to ${origin}`,
      `Set FORMANCE_API_URL to where it leads; the gateway follows no redirects.`,
    );
  }
  return failed(about, what, mendResponse(response, { ...paymentsService, refused: openInfo }));
}

const paymentsService = {
  who: "the payments service",
  address: "FORMANCE_API_URL",
  absent: "FORMANCE_API_URL must be the URL of the stack itself, to which /api/payments is added.",
};
const openInfo =
  "Have the proxy before the stack let this path through: the payments service tells its version to all.";

function checkClock(aheadMs: number) {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const what = `the stack's clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`;
  const mend = "Set the clocks by NTP, here and there.";
  if (seconds >= 300) return failed("clock", `${what}: its webhooks are refused, as too old or too early`, mend);
  if (seconds >= 5) return warning("clock", `${what}: webhooks are refused from five minutes on`, mend);
  return ok("clock", "the stack's clock and this machine's agree within five seconds");
}

/** By the tags of the payments service: 3.1.0 is the first with open banking, 3.4 is what the gateway was written to. */
function checkVersion(version: string) {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  const what = `the payments service is ${version.replace(/[^\w.+-]/g, "").slice(0, 40)}`;
  const at = Number(major) * 1000 + Number(minor);
  if (major === undefined) return warning("version", `${what}, which is no release`, "Use a release from v3.4 on.");
  if (at < 3001) return failed("version", `${what}, which has no open banking`, "Upgrade the stack to v3.4 or later.");
  if (at < 3004)
    return warning("version", `${what}; the gateway was written to v3.4`, "Upgrade the stack if something is amiss.");
  if (at >= 4000) return warning("version", `${what}; the gateway was written to v3.4`, "Look for a newer gateway.");
  return ok("version", what);
}

/** The bearer token for calls of the stack; `null` when there is none to be had. */
async function* obtainToken({ url, credentials }: Stack, send: Send): Findings<string | null> {
  const about = "credentials";
  if (credentials.kind === "token") {
    const endsAt = endOf(credentials.token);
    if (endsAt === null) {
      yield ok(about, "FORMANCE_TOKEN is set; when it ends cannot be seen from it");
    } else if (endsAt <= Date.now()) {
      yield failed(about, `FORMANCE_TOKEN ended at ${new Date(endsAt).toISOString()}`, renew);
      return null;
    } else {
      yield warning(about, `FORMANCE_TOKEN ends at ${new Date(endsAt).toISOString()}, and the gateway with it`, renew);
    }
    return credentials.token;
  }
  const response = await requestToken(url, credentials, send, gatewayScopes);
  const token = parseBody(response, tokenResponse)?.access_token ?? null;
  if (response.status === 200 && token !== null) {
    yield ok(about, "the stack gives a token for FORMANCE_CLIENT_ID");
    return token;
  }
  yield failed(about, `${describeResponse(response)} to the request for a token`, mendToken(response));
  return null;
}

/** What to do where the stack gives no token. A refusal is a 400 or a 401 with a code (RFC 6749, 5.2). */
export function mendToken(response: HttpResponse, scopes = gatewayScopes): string {
  if (response.status === 400 && !isWebPage(response)) {
    const code = parseBody(response, oauthError)?.error;
    if (code === "invalid_scope") return `Give the client ${scopes} on the stack.`;
    if (code === "unauthorized_client" || code === "unsupported_grant_type")
      return "Make the client on the stack one that may use client credentials.";
    return unknownClient;
  }
  return mendResponse(response, {
    who: "the stack's auth service",
    address: "FORMANCE_API_URL",
    refused: unknownClient,
    absent: `The auth service of the stack must be at ${tokenPath}.`,
  });
}

const oauthError = z.object({ error: z.string() });
const unknownClient =
  "The stack does not know FORMANCE_CLIENT_ID with this FORMANCE_CLIENT_SECRET: make a client on this stack.";

const renew =
  "Set FORMANCE_CLIENT_ID and FORMANCE_CLIENT_SECRET instead: with them the gateway gets new tokens by itself.";

export function requestToken(
  url: URL,
  { clientId, clientSecret }: Extract<Stack["credentials"], { kind: "client" }>,
  send: Send,
  scope: string,
): Promise<HttpResponse> {
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope };
  return send(joinUrl(url, tokenPath), {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
}

/** When a token ends, in milliseconds since 1970, if it is a JWT that says so. */
function endOf(token: string): number | null {
  try {
    const { exp } = decodeJwt(token);
    return typeof exp === "number" ? exp * 1000 : null;
  } catch {
    return null;
  }
}

/** The scopes that a JWT holds; `null` for another kind of token. */
function scopesIn(token: string): string | null {
  try {
    return toScopes(decodeJwt(token)).join(" ");
  } catch {
    return null;
  }
}

/**
 * What the stack lets the token do, by trying: it may check no scopes at all. A missing scope is a 401 with an empty body,
 * as for an unknown token. The write is one that can only be refused: the body of a new user that is no JSON.
 * @returns whether the token may read.
 */
async function* checkScopes(url: URL, bearer: string, send: Send): Findings<boolean> {
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const held = scopesIn(bearer);
  const holds = held === null ? "" : ` (the token holds: ${held || "none"})`;
  const reading = await send(joinUrl(url, `${restPath}/connectors?pageSize=1`), { headers });
  if (reading.status !== 200 || isWebPage(reading)) {
    const mend = mendResponse(reading, asksFor("payments:read"));
    // What is no refusal says nothing of the scope.
    const about = isRefusal(reading) ? "scope payments:read" : "reading";
    yield failed(about, `${describeResponse(reading)} to a read${isRefusal(reading) ? holds : ""}`, mend);
    return false;
  }
  yield ok("scope payments:read", "the token may read");
  const writing = await send(joinUrl(url, `${restPath}/payment-service-users`), { method: "POST", headers, body: "{" });
  if (writing.status === 400 && !isWebPage(writing)) yield ok("scope payments:write", "the token may write");
  else {
    const mend = mendResponse(writing, asksFor("payments:write"));
    const about = isRefusal(writing) ? "scope payments:write" : "writing";
    yield failed(about, `${describeResponse(writing)} to a write${isRefusal(writing) ? holds : ""}`, mend);
  }
  return true;
}

const isRefusal = (response: HttpResponse) =>
  (response.status === 401 || response.status === 403) && !isWebPage(response);

const asksFor = (scope: string): Question => ({
  ...paymentsService,
  refused: `Give the client ${scope} on the stack. With FORMANCE_TOKEN it may also be a token of another stack, or one that has ended.`,
});

/** By the gateway's own client, so that what it reads has the shape that the gateway wants. */
async function* checkConnectors({ url, credentials, proxy }: Stack, providers: ReadonlySet<string>): Findings {
  const about = "connectors";
  await using client = createUpstreamClient({ url, credentials, proxy, timeoutMs: 10_000, sockets: 1 });
  try {
    const all = await allRows((page) => client.within({}).connectors(page));
    const found = all.filter((row) => providers.has(row.provider) && row.scheduledForDeletion !== true);
    const names = found.map(({ name, provider }) => `${name} (${provider})`).join(", ");
    const isTrial = found.every(({ provider }) => isForTrials(provider));
    if (found.length > 0 && !isTrial) yield ok(about, `for open banking: ${names}`);
    else if (found.length > 0) {
      yield warning(about, `only for trials: ${names}`, "Install one for Plaid, Powens or Tink before users come.");
    } else {
      const others = all.length === 0 ? "none at all" : `only others (${all.length})`;
      const mend = "Install a connector for Plaid, Powens or Tink on the stack: users can link no bank without one.";
      yield failed(about, `none for open banking, ${others}`, mend);
    }
  } catch (error) {
    const why = error instanceof UpstreamError ? `${error.kind}: ${error.message}` : "an unexpected error";
    yield failed(about, `their list cannot be read (${why})`, mendConnectors(error));
  }
}

function mendConnectors(error: unknown): string {
  switch (error instanceof UpstreamError ? error.kind : "unexpected") {
    case "malformed":
      return "Compare the stack's version with the gateway's.";
    case "unauthorized":
      return asksFor("payments:read").refused;
    case "rate-limited":
      return "Wait a minute, and run this again.";
    case "unavailable":
    case "timeout":
      return "Look whether the payments service is up and what load it has, and run this again.";
    default:
      return "Look at the logs of the payments service.";
  }
}
