/** How callers are authenticated, as the settings or the program say it. */
import type { JSONWebKeySet } from "jose";
import type { OwnAuthenticate } from "./own-authenticate.ts";

export type AuthConfig =
  /** No tokens are checked: every caller is an operator. */
  | { readonly kind: "open" }
  /** By a function of the program that starts the gateway. */
  | { readonly kind: "own"; readonly authenticate: OwnAuthenticate }
  | {
      readonly kind: "jwt";
      readonly keys:
        | { readonly kind: "url"; readonly url: URL; readonly proxy?: URL | null }
        | { readonly kind: "file"; readonly set: JSONWebKeySet };
      readonly issuer: string;
      readonly audience: string;
      /** The claim that holds a PSU's id. */
      readonly psuClaim: string;
    };
