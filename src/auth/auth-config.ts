/** How callers are authenticated, as the settings say it. */
import type { JSONWebKeySet } from "jose";

export type AuthConfig =
  /** No tokens are checked: every caller is an operator. */
  | { readonly kind: "open" }
  | {
      readonly kind: "jwt";
      readonly keys:
        | { readonly kind: "url"; readonly url: URL }
        | { readonly kind: "file"; readonly set: JSONWebKeySet };
      readonly issuer: string;
      readonly audience: string;
      /** The claim that holds a PSU's id. */
      readonly psuClaim: string;
    };
