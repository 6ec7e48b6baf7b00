/** What people know a payment by: one shape for all providers. */

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
