/** All that the gateway knows of providers: the built-in ones, the operator's, and those of the library's user. */
import { LRUCache } from "lru-cache";
import { memoize } from "../memoize.ts";
import { parseUpstreamId } from "../upstream-id.ts";
import type { Account, LinkAttempt, PaymentInFull } from "../wire-types.ts";
import { type AccountDetails, accountChecks } from "./account-details.ts";
import { builtIn } from "./built-in.ts";
import { toWordOrNull } from "./checks.ts";
import { type Mapped, type MapperError, orMapperError, runMapper } from "./mapper.ts";
import { readOwnProviders } from "./own-providers.ts";
import { type PaymentDetails, paymentChecks } from "./payment-details.ts";
import type { ConnectorNeed, Provider, RawRow } from "./provider.ts";
import { firstWord } from "./raw.ts";

/** One for each gateway: made at its start, and handed down. */
export type Providers = {
  /** Those at which users can link a bank. */
  readonly linkable: ReadonlySet<string>;
  needsOf(provider: string): readonly ConnectorNeed[];
  /** Of any value of its `raw`; nothing throws. */
  accountDetailsOf(account: Account): Mapped<AccountDetails>;
  /**
   * Of a payment's newest adjustment. Where its row does not say whether it is pending, a status of `PENDING` does; any
   * other status does not: that of Plaid's pending payments is `SUCCEEDED`.
   */
  paymentDetailsOf(payment: PaymentInFull): Mapped<PaymentDetails>;
  /** The provider's code in the error of a link attempt. @throws {MapperError} */
  linkErrorCodeOf(attempt: Pick<LinkAttempt, "connectorID">, error: string): string | null;
  /** The sign of what is owed in the balances that the service stores. */
  owedSignOf(account: Account): 1n | -1n;
  /** Whether the service notes in a connection when its data came. */
  notesSyncTime(connectorId: string): boolean;
};

export type ProvidersOptions = {
  /** By the name that the service writes. What one leaves out stays as the built-in one of that name has it. */
  readonly own?: Readonly<Record<string, Provider>>;
  /** Further names of those at which users can link a bank. */
  readonly openBanking?: readonly string[];
  /** A mapper failed; of equal errors, one a minute. */
  readonly onError?: (error: MapperError) => void;
};

const quietMs = 60_000;
const maxQuiet = 1000;

/** @throws {InvalidProviderError} for an own one of another shape. */
export function createProviders({ own = {}, openBanking = [], onError = () => {} }: ProvidersOptions = {}): Providers {
  const byName = new Map<string, Provider>(Object.entries(builtIn));
  for (const [name, provider] of readOwnProviders(own)) byName.set(name, { ...byName.get(name), ...provider });
  const linkable = [...byName].filter(([, { canLink }]) => canLink === true).map(([name]) => name);

  const recent = new LRUCache<string, true>({ max: maxQuiet, ttl: quietMs });
  function report(error: MapperError): void {
    const key = JSON.stringify([error.message, error.thrownAt]);
    if (recent.has(key)) return;
    recent.set(key, true);
    onError(error);
  }

  return {
    linkable: new Set([...linkable, ...openBanking]),
    needsOf: (provider) => byName.get(provider)?.needs ?? [],
    accountDetailsOf: memoize(({ provider, raw, defaultAsset }: Account) => {
      const map = byName.get(provider)?.account;
      const mapper = { provider, name: "account", checks: accountChecks } as const;
      return runMapper(mapper, () => (map !== undefined && isRow(raw) ? map(raw, defaultAsset) : nothing), report);
    }),
    paymentDetailsOf: memoize((payment: PaymentInFull) => {
      const { provider, adjustments } = payment;
      const [newest] = adjustments;
      const map = byName.get(provider)?.payment;
      const raw = newest?.raw;
      const mapper = { provider, name: "payment", checks: paymentChecks } as const;
      const given = runMapper(mapper, () => (map !== undefined && isRow(raw) ? map(raw) : nothing), report);
      const status = newest?.status ?? payment.status;
      return { ...given, isPending: given.isPending ?? (status === "PENDING" ? true : null) };
    }),
    linkErrorCodeOf({ connectorID }, error) {
      const provider = toProviderName(connectorID) ?? "";
      const mapper = { provider, name: "linkErrorCode", checks: { code: toWordOrNull } } as const;
      const map = byName.get(provider)?.linkErrorCode ?? firstWord;
      return orMapperError(runMapper<LinkError>(mapper, () => ({ code: map(error) }), report).code);
    },
    owedSignOf: ({ provider }) => (byName.get(provider)?.owedIsPositive === true ? 1n : -1n),
    notesSyncTime(connectorId) {
      return byName.get(toProviderName(connectorId) ?? "")?.notesSyncTime === true;
    },
  };
}

type LinkError = { readonly code: string | null };

const nothing: RawRow = {};

/** Connections and attempts name none but in the id of their connector. */
function toProviderName(connectorId: string): string | null {
  const name = parseUpstreamId(connectorId)?.["Provider"];
  return typeof name === "string" ? name : null;
}

function isRow(raw: unknown): raw is RawRow {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}
