/** A gateway of a command's own: on loopback and a free port, on the stack of the settings or the embedded sandbox. */
import type { AuthConfig } from "../auth/auth-config.ts";
import type { Config } from "../config/config.ts";
import { createHttpClient } from "../doctor/http-client.ts";
import { checkStack, type Stack } from "../doctor/stack.ts";
import { ExplainedError } from "./explained-error.ts";

/** The settings with everything left out that is for callers from elsewhere, and for several replicas. */
export function toLocal(config: Config, auth: AuthConfig): Config {
  return {
    ...config,
    listen: { host: "127.0.0.1", port: 0 },
    auth,
    live: { ...config.live, bus: { kind: "memory" }, nats: null, webhookSecrets: null },
    origins: { allowed: [], localOnly: true },
    redirectOrigins: null,
    trustedDocuments: null,
    graphiql: false,
    introspection: false,
    traces: null,
  };
}

/** On what a command works. */
export function describeUpstream(upstream: Config["upstream"]): string {
  return upstream.kind === "stack"
    ? `On the stack at ${toShown(upstream)} (FORMANCE_API_URL).`
    : "On an embedded sandbox, with invented people and banks: FORMANCE_API_URL is not set.";
}

export const toShown = ({ url }: Stack): string => url.href.replace(/\/$/, "");

/** These say nothing of whether a user can link a bank. */
const isOther = (about: string) => about === "clock" || about === "connectors";

/** @throws {ExplainedError} where the stack cannot be used, with the doctor's first finding and what to do. */
export async function requireStack(stack: Stack): Promise<void> {
  await using http = createHttpClient(() => stack.proxy);
  for await (const { about, status, what, mend = "" } of checkStack(stack, http.send)) {
    if (status === "failed" && !isOther(about))
      throw new ExplainedError(`The stack cannot be used: ${about}: ${what}. ${mend}`);
  }
}
