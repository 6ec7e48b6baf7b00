/** Who may call, and from where. */
import { z } from "zod";
import { isRedirectUrl } from "../../schema/input.ts";
import type { Setting } from "../setting.ts";
import { count, httpUrl, keySetFile, origins, word } from "../shapes.ts";

export const callers = {
  AUTH: {
    shape: z.literal("off", "can only be off"),
    unset: "tokens are checked where `AUTH_…` is set",
    meaning:
      "`off`: open on purpose, where something in front does the checking. Every caller is an operator then. On a loopback " +
      "`HOST` only its own names and those of `CORS_ORIGINS` are answered",
  },
  AUTH_JWKS_URL: {
    shape: httpUrl,
    unset: "open",
    meaning: "the issuer's public keys, which it may rotate",
  },
  AUTH_JWKS_FILE: {
    shape: keySetFile,
    unset: "open",
    meaning: "the same in a file, where the issuer cannot be reached; a new key takes a restart",
  },
  AUTH_ISSUER: {
    shape: word,
    unset: "open",
    meaning: "whose tokens are accepted (`iss`); required with keys",
  },
  AUTH_AUDIENCE: {
    shape: word,
    unset: "open",
    meaning: "for whom they are (`aud`); required with keys. One of its own keeps out tokens for other services",
  },
  AUTH_PSU_CLAIM: {
    // In these nobody puts a user's id.
    shape: word.refine(
      (name) => !/^(iss|aud|exp|nbf|iat|jti|scope|scp)$/.test(name),
      "must name a claim of the user's own",
    ),
    default: "psu_id",
    meaning: "the claim that holds a user's PSU id",
  },
  CORS_ORIGINS: {
    shape: origins,
    unset: "none",
    meaning:
      "origins whose pages may call, with commas between; pages of others are refused. An app in a web view has one, too: " +
      "`capacitor://localhost`",
  },
  REDIRECT_ORIGINS: {
    // Elsewhere `http` would send the outcome of a link over the network in the open.
    shape: origins.refine(
      (list) => list.every((origin) => isRedirectUrl(`${origin}/`)),
      "must hold https origins, or http on localhost",
    ),
    unset: "any",
    meaning:
      "origins that users may be sent back to with the outcome of a link, with commas between; without it a stolen " +
      "token can send a user anywhere",
  },
  TRUSTED_PROXIES: {
    shape: count(0, 32),
    default: "0",
    meaning:
      "exactly how many proxies in front write `X-Forwarded-For`; with 0 the address is that of the socket. With too " +
      "few all callers are one, with too many a client can invent its address. A port that a proxy writes does not count; " +
      "all that it calls `unknown` are one caller",
  },
} satisfies Record<string, Setting>;
