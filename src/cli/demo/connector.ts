/** Which connector the demo links a bank at, and the user that its provider takes. */
import { builtInNames } from "../../upstream/providers/built-in.ts";
import { ExplainedError } from "../explained-error.ts";
import { at, type DemoClient, listAt } from "./client.ts";

export type DemoConnector = { readonly id: string; readonly name: string; readonly provider: string };

/**
 * @param wanted a connector's name, id or provider; `null`: the first that users can link a bank at.
 * @throws {ExplainedError} that names those which there are.
 */
export async function chooseConnector(client: DemoClient, wanted: string | null): Promise<DemoConnector> {
  const data = await client.step(
    "Which connector reaches the user's bank?",
    `
    query Connectors {
      connectors(first: 100) { nodes { id name provider canLink } }
    }`,
  );
  const all = listAt(data, "connectors.nodes").map((node) => ({
    id: String(at(node, "id")),
    name: String(at(node, "name")),
    provider: String(at(node, "provider")).toLowerCase(),
    canLink: at(node, "canLink") === true,
  }));
  const linkable = all.filter(({ canLink }) => canLink).sort((one, other) => rank(one.provider) - rank(other.provider));
  const isWanted = ({ id, name, provider }: DemoConnector) =>
    wanted === id || [name.toLowerCase(), provider].includes(wanted?.toLowerCase() ?? "");
  const found = wanted === null ? linkable[0] : all.find(isWanted);
  if (found !== undefined) return found;
  const names = all.map(({ name, provider }) => `${name} (${provider})`).join(", ");
  const there = names === "" ? "The stack has none at all." : `There are: ${names}.`;
  throw new ExplainedError(
    wanted === null
      ? `No connector is one that a user can link a bank at (${builtInNames.join(", ")}). ${there}`
      : `No connector has the name, provider or id "${wanted}". ${there}`,
  );
}

/** Those that the gateway knows in their order, the operator's own before the one for trials. */
function rank(provider: string): number {
  const at = builtInNames.indexOf(provider);
  return at < 0 ? builtInNames.length - 1.5 : at;
}

export type Residence = { readonly country: string; readonly locale: string };

/** Plaid and Tink require a country and a locale that they cover; Powens works mostly in France. */
export function toResidence({ provider }: DemoConnector): Residence {
  return provider === "powens" ? { country: "FR", locale: "fr_FR" } : { country: "GB", locale: "en_GB" };
}
