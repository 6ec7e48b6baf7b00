/** What people know a payment by: one shape for all providers. */
import { type Checks, toDayOrNull, toMembers, toTextOrNull, toTimeOrNull, toUrlOrNull, wrong } from "./checks.ts";

export type Counterparty = {
  readonly name: string | null;
  readonly logoUrl: string | null;
  readonly website: string | null;
};

export type PaymentCategory = {
  readonly name: string;
  readonly detailed: string | null;
  /** Whose words these are. */
  readonly source: string;
};

/** Each member is `null` where the provider does not say. Days are `2026-11-20`, times are RFC 3339. */
export type PaymentDetails = {
  readonly isPending: boolean | null;
  readonly description: string | null;
  readonly counterparty: Counterparty | null;
  readonly category: PaymentCategory | null;
  readonly bookedOn: string | null;
  readonly valueOn: string | null;
  readonly occurredAt: string | null;
};

/** What a mapper returns: what it leaves out, the provider does not say. */
export type MappedPayment = Partial<Omit<PaymentDetails, "counterparty" | "category">> & {
  /** URLs are https; a host alone becomes one. */
  readonly counterparty?: Partial<Counterparty> | null;
  /** Without a `source` the words are the provider's. */
  readonly category?: MappedCategory | null;
};

export type MappedCategory = Pick<PaymentCategory, "name"> & Partial<PaymentCategory>;

export const paymentChecks: Checks<PaymentDetails> = {
  isPending(value) {
    if (typeof value !== "boolean" && value != null) throw wrong("must be a boolean");
    return value ?? null;
  },
  description: toTextOrNull,
  counterparty(value) {
    if (value == null) return null;
    const given = toMembers(value);
    const name = toTextOrNull(given["name"]);
    const logoUrl = toUrlOrNull(given["logoUrl"]);
    const website = toUrlOrNull(given["website"]);
    return name === null && logoUrl === null && website === null ? null : { name, logoUrl, website };
  },
  category(value, provider) {
    if (value == null) return null;
    const given = toMembers(value);
    const name = toTextOrNull(given["name"]);
    if (name === null) throw wrong("must have a name");
    return { name, detailed: toTextOrNull(given["detailed"]), source: toTextOrNull(given["source"]) ?? provider };
  },
  bookedOn: toDayOrNull,
  valueOn: toDayOrNull,
  occurredAt: toTimeOrNull,
};
