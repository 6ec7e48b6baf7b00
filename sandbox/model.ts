/** What the sandbox stores. Members that the wire does not know are marked so. */
import type { Micros } from "./time.ts";

export type ContactDetails = {
  readonly email: string | null;
  readonly phoneNumber: string | null;
  readonly locale: string | null;
};

export type Address = {
  readonly streetName: string | null;
  readonly streetNumber: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
};

export type Metadata = Readonly<Record<string, string>>;

export type Person = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Micros;
  readonly contactDetails: ContactDetails | null;
  readonly address: Address | null;
  readonly metadata: Metadata | null;
};

export type Provider = "plaid" | "tink" | "powens";

export type Connector = {
  readonly id: string;
  readonly reference: string;
  readonly name: string;
  readonly provider: Provider | "generic";
  readonly createdAt: Micros;
  /** Holds provider secrets, as the real one does; each secret contains `s3cr3t-`. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
};

export type Connection = {
  readonly psuID: string;
  readonly connectorID: string;
  readonly connectionID: string;
  readonly createdAt: Micros;
  /** Null: never; the wire says Go's zero time. */
  dataUpdatedAt: Micros | null;
  updatedAt: Micros;
  status: "ACTIVE" | "ERROR";
  error: string | null;
  readonly metadata: Metadata | null;
  /** Not on the wire: which of the sandbox's banks it leads to. */
  readonly bankID: string;
  /** Not on the wire: the accounts that the user agreed to share. */
  readonly products: readonly Product[];
};

export type AttemptStatus = "pending" | "completed" | "exited";

export type Attempt = {
  readonly id: string;
  readonly psuID: string;
  readonly connectorID: string;
  readonly createdAt: Micros;
  readonly clientRedirectURL: string;
  status: AttemptStatus;
  error: string | null;
};

export type Account = {
  readonly id: string;
  readonly connectorID: string;
  readonly reference: string;
  readonly createdAt: Micros;
  readonly type: "UNKNOWN" | "INTERNAL" | "EXTERNAL";
  readonly name: string | null;
  readonly defaultAsset: string | null;
  readonly psuID: string | null;
  readonly connectionID: string | null;
  readonly metadata: Metadata | null;
  readonly raw: Readonly<Record<string, unknown>>;
};

export type Balance = {
  readonly accountID: string;
  readonly createdAt: Micros;
  lastUpdatedAt: Micros;
  readonly asset: string;
  readonly amount: bigint;
};

export type PaymentType = "PAY-IN" | "PAYOUT" | "TRANSFER" | "OTHER" | "UNKNOWN";

export type Payment = {
  readonly id: string;
  readonly connectorID: string;
  readonly reference: string;
  readonly createdAt: Micros;
  readonly type: PaymentType;
  /** Never negative: the type tells the direction. */
  readonly initialAmount: bigint;
  readonly amount: bigint;
  readonly asset: string;
  readonly scheme: string;
  readonly status: string;
  readonly sourceAccountID: string | null;
  readonly destinationAccountID: string | null;
  readonly psuID: string | null;
  readonly connectionID: string | null;
  readonly metadata: Metadata | null;
};

export type Task = {
  readonly id: string;
  readonly connectorID: string | null;
  readonly createdAt: Micros;
  status: "PROCESSING" | "SUCCEEDED" | "FAILED";
  updatedAt: Micros;
  createdObjectID: string | null;
  error: string | null;
};

/** A kind of account that a bank offers. */
export type Product = {
  readonly kind: "checking" | "savings" | "card" | "crypto";
  readonly name: string;
  readonly asset: string;
  /** What lies on it at first, in minor units. */
  readonly opening: bigint;
  /** What a usual payment moves, in minor units; 0 for none. */
  readonly usual: bigint;
  readonly paymentsPerMonth: number;
  /** Further assets on the same account, each with a balance that does not move. */
  readonly besides?: Readonly<Record<string, bigint>>;
};
