/** What Powens says of an account: of all that, only when the bank was read. */
import type { Account } from "../wire-types.ts";
import { type AccountDetails, noDetails } from "./account-shape.ts";
import { at, fromParis } from "./raw.ts";

export function readPowensAccount({ raw }: Account): AccountDetails {
  return { ...noDetails, refreshedAt: fromParis(at(raw, "last_update")) };
}
