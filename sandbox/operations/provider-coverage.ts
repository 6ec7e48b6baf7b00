/** The countries and languages that Plaid and Tink cover; users from elsewhere are refused. Powens checks nothing. */
import { invalid } from "../http/api-error.ts";
import type { Connector } from "../models/connector.ts";
import type { Person } from "../models/person.ts";

const split = (codes: string): ReadonlySet<string> => new Set(codes.split(" "));

const europe = "AT BE DE DK EE ES FI FR GB IE IT LT LV NL NO PL PT SE";
const tinkMarkets = split(europe);
const tinkLocales = split(
  "en_US en_GB da_DK de_DE es_ES fi_FI fr_FR it_IT nl_NL no_NO pt_PT pl_PL sv_SE et_EE lt_LT lv_LV",
);
const plaidCountries = split(`${europe} CA US`);
const plaidLanguages = split("da nl en et fr de hi it lv lt no pl pt ro es sv vi");

export type CoverageStep = "forward" | "create-link" | "update-link";

/** Throws when the user's record lacks something that the provider requires. */
export function checkProviderCoverage(
  connector: Connector,
  person: Person,
  applicationName: string,
  stage: CoverageStep,
): void {
  const country = person.address?.country ?? null;
  const locale = person.contactDetails?.locale ?? null;
  switch (connector.provider) {
    case "tink":
      if (country === null) throw invalidRequest("missing payment service user country");
      if (stage === "update-link") return;
      if (!tinkMarkets.has(country)) throw invalidRequest(`unsupported payment service user country: ${country}`);
      if (locale === null) throw invalidRequest("missing payment service user locale");
      if (!tinkLocales.has(locale)) throw invalidRequest(`unsupported payment service user locale: ${locale}`);
      return;
    case "plaid": {
      if (stage === "forward") return;
      if (applicationName === "") throw invalidRequest("missing application name");
      if (locale === null) throw invalidRequest("missing payment service user locale");
      if (country === null) throw invalidRequest("missing payment service user country");
      if (!plaidCountries.has(country)) throw invalidRequest(`unsupported payment service user country: ${country}`);
      const language = locale.split(/[-_]/)[0]?.toLowerCase() ?? "";
      if (!plaidLanguages.has(language)) throw invalidRequest(`unsupported locale: ${language}`);
      return;
    }
    case "powens":
      return;
    default:
      throw invalidRequest("not implemented");
  }
}

const invalidRequest = (reason: string) => invalid(`${reason}: invalid request`);
