/** What both seeded worlds need: a context, and the three connectors. */
import { type Connector, createConnector } from "../models/connector.ts";
import type { Random } from "../random.ts";
import { insert, type Store } from "../store/store.ts";
import { day, type Micros, second } from "../time.ts";

export type SeedContext = { readonly store: Store; readonly random: Random; readonly now: Micros };

/** One connector of each open banking provider. */
export function addConnectors({ store, random, now }: SeedContext) {
  const add = (provider: Connector["provider"], name: string, age: Micros, config: Connector["config"]): Connector => {
    const connector = createConnector({ reference: random.uuid(), name, provider, createdAt: now - age, config });
    insert(store.connectors, connector);
    return connector;
  };
  const secret = () => `s3cr3t-${random.token(24)}`;
  // Every connector's settings have these, whatever its provider.
  const common = { pollingPeriod: "30m0s" };
  return {
    add,
    secret,
    common,
    plaid: add("plaid", "Plaid", 400 * day + 11 * second + 250_417, {
      ...common,
      name: "Plaid",
      clientID: "62f1c0ffee",
      clientSecret: secret(),
      isSandbox: true,
    }),
    tink: add("tink", "Tink", 390 * day, {
      ...common,
      name: "Tink",
      clientID: "tink-client",
      clientSecret: secret(),
      endpoint: "https://tink.sandbox.invalid",
    }),
    powens: add("powens", "Powens", 380 * day + 1_500, {
      ...common,
      name: "Powens",
      clientID: "powens-client",
      clientSecret: secret(),
      configurationToken: secret(),
      domain: "sandbox",
      maxConnectionsPerLink: 2,
      endpoint: "https://powens.sandbox.invalid",
    }),
  };
}
