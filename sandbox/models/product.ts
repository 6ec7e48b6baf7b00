/** A kind of account that a bank offers. Not on the wire. */
export type Product = {
  readonly kind: "checking" | "savings" | "card" | "mortgage" | "crypto";
  readonly name: string;
  /** The bank's own name of it, where the provider names that, too. */
  readonly officialName?: string;
  readonly asset: string;
  /** The first balance, in minor units. */
  readonly opening: bigint;
  /** What a usual payment moves, in minor units; 0 for none. */
  readonly usual: bigint;
  readonly paymentsPerMonth: number;
  /** Further assets on the same account, each with a balance that does not move. */
  readonly besides?: Readonly<Record<string, bigint>>;
};
