/** The fictitious banks that users of the sandbox can link, and what each offers. */
import type { Provider } from "../models/connector.ts";
import type { Product } from "../models/product.ts";

export type Bank = {
  readonly id: string;
  readonly provider: Provider;
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Degrees on the colour wheel: the bank's livery on its pages. */
  readonly hue: number;
  readonly products: readonly Product[];
};

const checking = (asset: string, opening: bigint, usual: bigint, name = "Current account"): Product => ({
  kind: "checking",
  name,
  asset,
  opening,
  usual,
  paymentsPerMonth: 14,
});
const savings = (asset: string, opening: bigint, usual: bigint, name = "Savings"): Product => ({
  kind: "savings",
  name,
  asset,
  opening,
  usual,
  paymentsPerMonth: usual === 0n ? 0 : 1,
});
const card = (asset: string, opening: bigint, usual: bigint, name = "Credit card"): Product => ({
  kind: "card",
  name,
  asset,
  opening,
  usual,
  paymentsPerMonth: 9,
});
const crypto = (name: string, asset: string, opening: bigint, usual: bigint): Product => ({
  kind: "crypto",
  name,
  asset,
  opening,
  usual,
  paymentsPerMonth: 2,
});

export const banks: readonly Bank[] = [
  {
    id: "harbour-vale",
    provider: "plaid",
    name: "Harbour & Vale",
    country: "GB",
    hue: 205,
    products: [
      checking("GBP/2", 214_350n, 4_200n),
      savings("GBP/2", 1_250_000n, 15_000n, "Rainy day saver"),
      card("GBP/2", -38_215n, 2_900n),
    ],
  },
  {
    id: "copperfield",
    provider: "plaid",
    name: "Copperfield Federal",
    country: "US",
    hue: 18,
    products: [
      checking("USD/2", 487_190n, 6_300n, "Everyday Checking"),
      savings("USD/2", 0n, 0n, "New Savings"),
      { ...card("USD/2", -164_077n, 5_400n, "Rewards card"), officialName: "Copperfield Rewards Visa Signature" },
    ],
  },
  {
    id: "ledgerwood",
    provider: "plaid",
    name: "Ledgerwood Digital",
    country: "US",
    hue: 265,
    products: [
      checking("USD/2", 92_000n, 3_100n, "Cash"),
      crypto("Ether vault", "ETH/18", 12_345_678_901_234_567_890n, 250_000_000_000_000_000n),
      crypto("Bitcoin vault", "BTC/8", 31_415_926n, 1_000_000n),
    ],
  },
  {
    id: "nordhavn",
    provider: "tink",
    name: "Nordhavn Bank",
    country: "SE",
    hue: 190,
    products: [
      checking("SEK/2", 2_874_500n, 48_000n, "Lönekonto"),
      savings("SEK/2", 18_400_000n, 200_000n, "Sparkonto"),
      card("SEK/2", -512_900n, 35_000n, "Kreditkort"),
    ],
  },
  {
    id: "spreebank",
    provider: "tink",
    name: "Spreebank",
    country: "DE",
    hue: 150,
    products: [checking("EUR/2", 345_612n, 5_100n, "Girokonto"), savings("EUR/2", 2_210_000n, 30_000n, "Tagesgeld")],
  },
  {
    id: "thistle",
    provider: "tink",
    name: "Thistle & Sons",
    country: "GB",
    hue: 290,
    products: [checking("GBP/2", 68_420n, 3_300n), savings("GBP/2", 410_000n, 10_000n)],
  },
  {
    id: "lilas",
    provider: "powens",
    name: "Banque des Lilas",
    country: "FR",
    hue: 325,
    products: [
      checking("EUR/2", 187_340n, 4_700n, "Compte courant"),
      savings("EUR/2", 1_530_000n, 20_000n, "Livret A"),
      card("EUR/2", -27_660n, 2_400n, "Carte à débit différé"),
    ],
  },
  {
    id: "rhone",
    provider: "powens",
    name: "Crédit du Rhône",
    country: "FR",
    hue: 40,
    products: [
      checking("EUR/2", 93_215n, 3_900n, "Compte chèques"),
      savings("EUR/2", 640_000n, 12_000n, "Livret Jeune"),
    ],
  },
  {
    id: "gulf-pearl",
    provider: "powens",
    name: "Gulf Pearl Bank",
    country: "KW",
    hue: 170,
    products: [checking("KWD/3", 3_845_250n, 62_500n), savings("KWD/3", 21_000_000n, 500_000n)],
  },
  {
    id: "sakura",
    provider: "powens",
    name: "Sakura Trust",
    country: "JP",
    hue: 345,
    products: [
      checking("JPY", 1_284_000n, 18_000n, "普通預金"),
      savings("JPY", 9_876_543_210_987_654n, 0n, "信託口座"),
    ],
  },
];

const bankByID = new Map(banks.map((bank) => [bank.id, bank]));

export const bankOf = (id: string): Bank | undefined => bankByID.get(id);
