/** The providers at which users can link a bank, and what each requires of a user or a link. */

/**
 * Those whose plugins in the service make links (`ce/plugins/…/create_user_link.go`); no capability of a connector says
 * so. The one for trials last.
 */
export const builtInProviders = ["plaid", "tink", "powens", "dummypay"] as const;

/** With the operator's own, which the service knows by plugins of theirs. */
export function toOpenBankingProviders(own: readonly string[]): ReadonlySet<string> {
  return new Set([...builtInProviders, ...own]);
}

export const isForTrials = (provider: string): boolean => provider === "dummypay";

export type ConnectorNeed = "COUNTRY" | "LOCALE" | "APPLICATION_NAME";

/** What each plugin refuses a user or a link without, when the user is forwarded or the link is made. */
const needsByProvider: Readonly<Record<string, readonly ConnectorNeed[]>> = {
  plaid: ["COUNTRY", "LOCALE", "APPLICATION_NAME"],
  tink: ["COUNTRY", "LOCALE"],
};

export function needsOf(provider: string): readonly ConnectorNeed[] {
  return Object.hasOwn(needsByProvider, provider) ? (needsByProvider[provider] ?? []) : [];
}
