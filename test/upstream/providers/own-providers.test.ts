/** Which providers of one's own a gateway starts with. */
import { describe, expect, it } from "vitest";
import { InvalidProviderError } from "../../../src/upstream/providers/own-providers.ts";
import type { Provider } from "../../../src/upstream/providers/provider.ts";
import { createProviders } from "../../../src/upstream/providers/providers.ts";

/** As JavaScript may give it. */
const create = (own: unknown) => createProviders({ own: own as Record<string, Provider> });

type Wrong = readonly [own: unknown, problems: readonly string[]];

const wrong: readonly Wrong[] = [
  [{ acme: { acount: () => ({}) } }, ["providers.acme.acount: there is no such member, but canLink, needs, "]],
  [{ acme: { account: {} } }, ["providers.acme.account: must be a function"]],
  [{ acme: { payment: null } }, ["providers.acme.payment: must be a function"]],
  [{ acme: { linkErrorCode: "x" } }, ["providers.acme.linkErrorCode: must be a function"]],
  [{ acme: { canLink: "yes" } }, ["providers.acme.canLink: must be true or false"]],
  [{ acme: { owedIsPositive: 1 } }, ["providers.acme.owedIsPositive: must be true or false"]],
  [{ acme: { notesSyncTime: 0 } }, ["providers.acme.notesSyncTime: must be true or false"]],
  [{ acme: { needs: "COUNTRY" } }, ["providers.acme.needs: must be a list of COUNTRY, LOCALE, APPLICATION_NAME"]],
  [{ acme: { needs: ["Country"] } }, ["providers.acme.needs: must be a list of "]],
  ...["Acme", "ACME", "my bank", "", "acme.", "__proto__x", "acme/2"].map(
    (name): Wrong => [{ [name]: {} }, [`providers.${name}: must be named as the service writes it, in small letters`]],
  ),
  ...[null, [], "acme", () => ({}), new (class Acme {})()].map(
    (provider): Wrong => [{ acme: provider }, ["providers.acme: must be a plain object"]],
  ),
  ...[null, [], new Map()].map((own): Wrong => [own, ["providers: must be a plain object of providers"]]),
  [
    { acme: { pay: 1, canLink: 1 }, Other: {} },
    ["providers.acme.pay: ", "providers.acme.canLink: ", "providers.Other: "],
  ],
];

describe("a provider of one's own", () => {
  it.each(wrong)("%j is an error at the start that names all that is wrong", (own, problems) => {
    const start = () => create(own);
    expect(start).toThrow(InvalidProviderError);
    expect(start).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(new RegExp(`^${problems.map((text) => RegExp.escape(text)).join(".*\\n")}`)),
      }),
    );
  });

  it("may have any of its members, or none, and those that are undefined change nothing", () => {
    const { linkable, needsOf } = create({
      plaid: { needs: undefined, canLink: undefined },
      "my-bank_2": {},
      acme: {},
    });
    expect([...linkable]).toEqual(["plaid", "tink", "powens", "dummypay"]);
    expect(needsOf("plaid")).toHaveLength(3);
    expect(needsOf("constructor")).toEqual([]);
  });

  it("is linkable where it or the operator says so, and a built-in one is not where it says so", () => {
    const own = { acme: { canLink: true }, powens: { canLink: false }, tink: { canLink: false } };
    expect([...createProviders({ own, openBanking: ["mybank", "tink"] }).linkable].toSorted()).toEqual(
      ["acme", "dummypay", "mybank", "plaid", "tink"].toSorted(),
    );
  });
});

it("of equal errors of mappers one a minute is reported", () => {
  const errors: string[] = [];
  const account = () => ({ kind: "CARD" as never });
  const { accountDetailsOf } = createProviders({
    own: { acme: { account } },
    onError: (one) => errors.push(one.message),
  });
  for (let times = 0; times < 5; times += 1)
    accountDetailsOf({ provider: "acme", raw: {}, defaultAsset: null } as never);
  expect(errors).toEqual([expect.stringMatching(/^acme\.account\.kind: must be one of /)]);
});
