/** The people of the default world, each with their banks. */
import type { Attempt } from "../models/attempt.ts";
import type { Provider } from "../models/connector.ts";
import type { Metadata } from "../models/metadata.ts";
import type { Address, ContactDetails } from "../models/person.ts";
import type { Product } from "../models/product.ts";

/** A person's connection to a bank. */
export type BankLink = {
  readonly provider: Provider;
  readonly bank: string;
  readonly daysAgo: number;
  /** Null: never synced. */
  readonly syncedHoursAgo: number | null;
  /** Why the connection is in error; absent while it is active. */
  readonly error?: string;
  readonly connectionID?: string;
  /** Instead of what the bank offers. */
  readonly products?: readonly Product[];
  /** Beside what the bank offers to all. */
  readonly mortgage?: Product;
  /** Paid from the first account in other currencies. */
  readonly abroad?: readonly PaymentAbroad[];
};

export type PaymentAbroad = {
  readonly asset: string;
  readonly amount: bigint;
  readonly daysAgo: number;
};

export type SeedPerson = {
  readonly name: string;
  readonly daysAgo: number;
  readonly contactDetails: ContactDetails | null;
  readonly address: Address | null;
  readonly metadata?: Metadata;
  readonly forwardedTo: readonly Provider[];
  readonly bankLinks: readonly BankLink[];
  readonly incompleteAttempts?: readonly {
    readonly provider: Provider;
    readonly status: Attempt["status"];
    readonly error: string | null;
    readonly ageS: number;
  }[];
};

const contact = (email: string, phoneNumber: string | null, locale: string): ContactDetails => ({
  email,
  phoneNumber,
  locale,
});

const addressIn = (
  country: string,
  city: string,
  postalCode: string,
  street: string,
  streetNumber: string,
): Address => ({
  streetName: street,
  streetNumber,
  city,
  region: null,
  postalCode,
  country,
});

/** Connection ids come from the providers, so two connectors can have the same. */
const sharedConnectionID = "5f0c2a9e41d74b6c8a3e9d107b52c6f4";

const travelAccount: Product = {
  kind: "checking",
  name: "Reisekonto",
  asset: "EUR/2",
  opening: 265_000n,
  usual: 3_200n,
  paymentsPerMonth: 42,
  // Held since the beginning: their only rows are the oldest of a long history.
  besides: { "SEK/2": 1_250_000n, "USD/2": 48_099n },
};

/** With two decimals, with three, and with none. */
const abroad: readonly PaymentAbroad[] = [
  { asset: "CHF/2", amount: -4_250n, daysAgo: 6 },
  { asset: "KWD/3", amount: -12_345n, daysAgo: 5 },
  { asset: "JPY", amount: -1_480n, daysAgo: 4 },
];

/** Its instalments are no payments of the account's own. */
const mortgage = (asset: string, opening: bigint, name: string, officialName: string): Product => ({
  kind: "mortgage",
  name,
  officialName,
  asset,
  opening,
  usual: 0n,
  paymentsPerMonth: 0,
});

export const seedPeople: readonly SeedPerson[] = [
  {
    name: "Astrid Lindqvist",
    daysAgo: 210,
    contactDetails: contact("astrid.lindqvist@example.se", "+46 8 123 456 78", "sv_SE"),
    address: addressIn("SE", "Stockholm", "114 55", "Strandvägen", "7A"),
    metadata: { segment: "retail", source: "mobile" },
    forwardedTo: ["tink", "plaid"],
    bankLinks: [
      {
        provider: "tink",
        bank: "nordhavn",
        daysAgo: 150,
        syncedHoursAgo: 3,
        abroad,
        mortgage: mortgage("SEK/2", -184_500_000n, "Bolån", "Bolån med bunden ränta"),
      },
    ],
  },
  {
    name: "Ben Okafor",
    daysAgo: 190,
    contactDetails: contact("ben.okafor@example.co.uk", "+44 20 7946 0958", "en_GB"),
    address: addressIn("GB", "Leeds", "LS1 4AP", "Wellington Street", "12"),
    metadata: { segment: "retail" },
    forwardedTo: ["plaid", "tink"],
    bankLinks: [
      { provider: "plaid", bank: "harbour-vale", daysAgo: 120, syncedHoursAgo: 5, abroad },
      {
        provider: "tink",
        bank: "thistle",
        daysAgo: 95,
        syncedHoursAgo: 240,
        error: "Your session with the bank has expired. Please sign in again.",
      },
    ],
  },
  {
    name: "Chloé Martin",
    daysAgo: 175,
    contactDetails: contact("chloe.martin@example.fr", "+33 1 99 00 12 34", "fr_FR"),
    address: addressIn("FR", "Lyon", "69002", "Rue de la République", "48"),
    forwardedTo: ["powens"],
    bankLinks: [
      { provider: "powens", bank: "lilas", daysAgo: 140, syncedHoursAgo: 2, abroad },
      { provider: "powens", bank: "rhone", daysAgo: 140, syncedHoursAgo: 2 },
    ],
    incompleteAttempts: [{ provider: "powens", status: "exited", error: "access_denied", ageS: 12_200_000 }],
  },
  {
    name: "Daichi Mori",
    daysAgo: 160,
    contactDetails: contact("daichi.mori@example.jp", "+81 3 1234 5678", "ja_JP"),
    address: addressIn("JP", "Kyoto", "604-8001", "Kiyamachi", "3"),
    forwardedTo: ["powens"],
    bankLinks: [{ provider: "powens", bank: "sakura", daysAgo: 100, syncedHoursAgo: 1 }],
  },
  {
    name: "Emma Schneider",
    daysAgo: 150,
    contactDetails: contact("emma.schneider@example.de", null, "de_DE"),
    address: addressIn("DE", "Leipzig", "04109", "Grimmaische Straße", "22"),
    metadata: { segment: "business" },
    forwardedTo: ["tink"],
    bankLinks: [{ provider: "tink", bank: "spreebank", daysAgo: 145, syncedHoursAgo: 4, products: [travelAccount] }],
  },
  {
    name: "Fatima Al-Sabah",
    daysAgo: 140,
    contactDetails: contact("fatima.alsabah@example.com", "+965 2222 3333", "ar_KW"),
    address: addressIn("KW", "Kuwait City", "13001", "Gulf Road", "101"),
    forwardedTo: ["powens"],
    bankLinks: [{ provider: "powens", bank: "gulf-pearl", daysAgo: 90, syncedHoursAgo: 6 }],
  },
  {
    name: "Gabriel Santos",
    daysAgo: 230,
    contactDetails: contact("gabriel.santos@example.pt", "+351 21 123 4567", "pt_PT"),
    address: addressIn("PT", "Porto", "4050-253", "Rua das Flores", "15"),
    forwardedTo: ["tink", "powens"],
    bankLinks: [{ provider: "tink", bank: "spreebank", daysAgo: 0, syncedHoursAgo: null }],
    incompleteAttempts: [
      { provider: "tink", status: "pending", error: null, ageS: 2 * 86_400 },
      { provider: "powens", status: "pending", error: null, ageS: 600 },
    ],
  },
  {
    name: "Hannah Cole",
    daysAgo: 125,
    contactDetails: contact("hannah.cole@example.com", "+1 303 555 0147", "en_US"),
    address: { ...addressIn("US", "Boulder", "80302", "Pearl Street", "1400"), region: "CO" },
    metadata: { segment: "retail", tier: "gold" },
    forwardedTo: ["plaid"],
    bankLinks: [
      { provider: "plaid", bank: "copperfield", daysAgo: 118, syncedHoursAgo: 7 },
      { provider: "plaid", bank: "ledgerwood", daysAgo: 80, syncedHoursAgo: 7 },
    ],
  },
  {
    name: "Ivan Petrov",
    daysAgo: 200,
    contactDetails: null,
    address: null,
    forwardedTo: ["powens"],
    bankLinks: [
      {
        provider: "powens",
        bank: "lilas",
        daysAgo: 60,
        syncedHoursAgo: 400,
        error: "The bank asks for a new strong authentication.",
      },
    ],
  },
  {
    name: "Jun Park",
    daysAgo: 260,
    contactDetails: contact("jun.park@example.com", null, "en_US"),
    address: null,
    forwardedTo: [],
    bankLinks: [],
  },
  {
    name: "Kofi Mensah",
    daysAgo: 185,
    contactDetails: contact("kofi.mensah@example.co.uk", "+44 161 496 0000", "en_GB"),
    address: addressIn("GB", "Manchester", "M1 2WD", "Dale Street", "30"),
    metadata: {},
    forwardedTo: ["plaid", "tink"],
    bankLinks: [
      {
        provider: "plaid",
        bank: "harbour-vale",
        daysAgo: 70,
        syncedHoursAgo: 9,
        connectionID: sharedConnectionID,
        mortgage: mortgage("GBP/2", -18_450_000n, "Mortgage", "Harbour & Vale 5 Year Fixed Rate Mortgage"),
      },
      { provider: "tink", bank: "thistle", daysAgo: 65, syncedHoursAgo: 8, connectionID: sharedConnectionID },
    ],
  },
  {
    name: "Lena Nowak",
    daysAgo: 220,
    contactDetails: contact("lena.nowak@example.pl", "+48 22 123 45 67", "pl_PL"),
    address: addressIn("PL", "Gdańsk", "80-831", "Długa", "47"),
    forwardedTo: ["tink"],
    bankLinks: [
      {
        provider: "tink",
        bank: "spreebank",
        daysAgo: 40,
        syncedHoursAgo: null,
        error: "AUTHENTICATION_ERROR: the credentials were refused",
      },
    ],
    incompleteAttempts: [
      {
        provider: "tink",
        status: "exited",
        error: "got an error from tink: USER_CANCELLED: The user left before giving consent.",
        ageS: 41 * 86_400,
      },
    ],
  },
];
