/** Checks how the gateway authenticates callers: the issuer's keys, and a token. */
import { GraphQLError } from "graphql";
import { decodeJwt } from "jose";
import { z } from "zod";
import type { AuthConfig } from "../auth/auth-config.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { canVerify, hasSecret } from "../auth/verification-key.ts";
import { mendResponse, type Question } from "./advice.ts";
import { type Finding, type Findings, failed, ok, warning } from "./finding.ts";
import { describeResponse, parseBody, type Send } from "./http-client.ts";

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

const issuer: Question = {
  who: "the issuer",
  address: "AUTH_JWKS_URL",
  refused: "Have the issuer publish its keys: they must be readable without credentials.",
  absent: "AUTH_JWKS_URL must be the issuer's jwks_uri, which its /.well-known/openid-configuration names.",
};

/** Whether the issuer's keys can check signatures. */
export async function* checkAuthentication(auth: AuthConfig, send: Send): Findings {
  const about = "callers";
  if (auth.kind !== "jwt") {
    yield warning(
      about,
      "no tokens are checked: every caller is an operator",
      "Set AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE.",
    );
    return;
  }
  if (auth.keys.kind === "file") {
    yield ok(
      about,
      `tokens of AUTH_ISSUER are checked with the keys of AUTH_JWKS_FILE (${auth.keys.set.keys.filter(canVerify).length})`,
    );
    return;
  }
  const response = await send(auth.keys.url);
  const keys = response.status === 200 ? (parseBody(response, keySet)?.keys ?? null) : null;
  if (keys === null) {
    const what =
      response.status === 200
        ? "the answer is no key set"
        : `${describeResponse(response)} to the question for the keys`;
    yield failed(about, what, mendResponse(response, issuer));
    return;
  }
  if (keys.some(hasSecret)) {
    yield failed(
      about,
      "the key set holds secret keys, which anybody can read there",
      "Replace them at the issuer at once: anybody who has one can sign as it.",
    );
    return;
  }
  const count = keys.filter(canVerify).length;
  yield count > 0
    ? ok(about, `tokens of AUTH_ISSUER are checked with the keys of AUTH_JWKS_URL (${count})`)
    : failed(
        about,
        `none of the keys (${keys.length}) can check signatures`,
        "The issuer must sign with RSA (from 2048 bits on), EC or Ed25519 keys, and publish them.",
      );
}

/** Whom a caller with this token acts for. */
export async function checkToken(auth: AuthConfig, token: string): Promise<Finding> {
  const about = "token";
  if (auth.kind !== "jwt")
    return warning(about, "it is not read: every caller is an operator", "Set AUTH_JWKS_URL first.");
  try {
    const { psuId, scopes, expiresAt } = await createAuthenticate(auth)(`Bearer ${token}`);
    const until = expiresAt === null ? "" : `, until ${new Date(expiresAt).toISOString()}`;
    if (psuId !== null) return ok(about, `speaks for the PSU ${psuId}${until}`);
    const held = scopes.filter((scope) => /^payments:(read|write)$/.test(scope));
    if (held.length > 0) return ok(about, `is an operator's, with ${held.join(" and ")}${until}`);
    return warning(
      about,
      `is an operator's without any scope${until}: it may do nothing`,
      `For a user, put the PSU's id into the claim ${auth.psuClaim}; for an operator, payments:read and payments:write into scope or scp.`,
    );
  } catch (error) {
    if (error instanceof GraphQLError && error.extensions["code"] === "UPSTREAM_UNAVAILABLE") {
      return failed(about, "cannot be checked: the issuer's keys cannot be had", "Mend what is said of callers first.");
    }
    const [why, mend] = explain(auth, token);
    return failed(about, `is refused: ${why}`, mend);
  }
}

/** Why a token is refused, and what to do. */
function explain(auth: Extract<AuthConfig, { kind: "jwt" }>, token: string): readonly [string, string] {
  try {
    const { iss, aud, exp, [auth.psuClaim]: psu } = decodeJwt(token);
    if (iss !== auth.issuer) return ["its issuer (iss) is not AUTH_ISSUER, to the letter", "Compare the two."];
    if (![aud].flat().includes(auth.audience))
      return ["its audience (aud) is not AUTH_AUDIENCE", "Have it issued for that audience, or correct the setting."];
    if (typeof exp !== "number") return ["it has no end (exp)", "Have the issuer set one, minutes ahead."];
    if (exp * 1000 < Date.now()) return [`it ended at ${new Date(exp * 1000).toISOString()}`, "Get a new one."];
    if (psu !== undefined && !z.guid().safeParse(psu).success)
      return [`its claim ${auth.psuClaim} is not a PSU's UUID`, "Have the issuer put the PSU's id there."];
    return [
      "its signature is by none of the issuer's keys, or its time has not come",
      "Compare the keys of its issuer with AUTH_JWKS_URL or AUTH_JWKS_FILE, and the clocks.",
    ];
  } catch {
    return ["it is no JWT", "Give the token by itself, without the word Bearer before it."];
  }
}
