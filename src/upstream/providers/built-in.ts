/** The providers that the gateway knows by itself. */
import { plaid } from "./plaid.ts";
import { powens } from "./powens.ts";
import type { Provider } from "./provider.ts";
import { tink } from "./tink.ts";

/** Their plugins make links (the service's `ce/plugins/…/create_user_link.go`). The one for trials is last. */
export const builtIn = { plaid, tink, powens, dummypay: { canLink: true } } satisfies Record<string, Provider>;

export const builtInNames: readonly string[] = Object.keys(builtIn);

export const isForTrials = (name: string): boolean => name === "dummypay";
