/** A program's own Yoga plugins: which hooks they may have, and what happens when one throws. */
import { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import { isClientError } from "../errors.ts";

/** Sees the requests by HTTP, what they ask for, and their responses. */
export type RequestPlugin = Pick<Plugin, (typeof ownHooks)[number]>;

const ownHooks = ["onRequest", "onParams", "onResponse"] as const;

/** Where that is done in this gateway which a hook would do. */
const elsewhere: Readonly<Record<string, string>> = {
  onRequestParse: "the gateway reads bodies itself, within its limits; what they ask for is in onParams",
  onParse: "documents are parsed and cached by the gateway's pipeline; their text is in onParams",
  onValidate: "the gateway's pipeline validates; limits are settings, and TRUSTED_DOCUMENTS says which documents run",
  onContextBuilding: "the context is the gateway's; what a caller may do comes from authenticate",
  onExecute: "the gateway's pipeline executes; what a field does belongs into its resolver, by extend",
  onSubscribe: "the gateway's pipeline executes; what a field does belongs into its resolver, by extend",
  onExecutionResult: "the gateway's pipeline executes; its log line and metrics have each outcome",
  onResultProcess: "the gateway writes results itself; headers can be set in onResponse",
  onSchemaChange: "the schema never changes while the gateway runs; gateway.schema has it",
  instrumentation: "traces come from tracerProvider",
};

const knownHooks = [...ownHooks, ...Object.keys(elsewhere), "onPluginInit", "onEnveloped", "onYogaInit", "onDispose"];

/** What is wrong with them, one a line. */
export function findPluginProblems(plugins: readonly unknown[]): readonly string[] {
  return plugins.flatMap((plugin, index) => {
    const at = `plugins.${index}`;
    if (typeof plugin !== "object" || plugin === null || Array.isArray(plugin)) return [`${at} is no plugin`];
    // Of a class they are not the object's own.
    const names = new Set([...Object.keys(plugin).filter((name) => /^on[A-Z]/.test(name)), ...knownHooks]);
    const hooks = [...names].filter((name) => Reflect.get(plugin, name) != null);
    const own: readonly string[] = ownHooks;
    if (hooks.length === 0) return [`${at} has no hook: ${ownHooks.join(", ")} are called`];
    return hooks.flatMap((name) => {
      const instead = elsewhere[name] ?? `only ${ownHooks.join(", ")} are`;
      if (!own.includes(name)) return [`${at} has ${name}, which would never be called: ${instead}`];
      return typeof Reflect.get(plugin, name) === "function" ? [] : [`${at}.${name} must be a function`];
    });
  });
}

/**
 * A request whose plugin throws fails. Yoga would answer it with a stack trace.
 * @param onError is given what was thrown by `onRequest` or `onResponse`; the pipeline logs what `onParams` throws.
 */
export function guardPlugin(plugin: RequestPlugin, onError: (error: unknown) => void): Plugin {
  const { onRequest, onParams, onResponse } = plugin;
  return {
    ...(onParams && {
      async onParams(payload) {
        try {
          await onParams.call(plugin, payload);
        } catch (error) {
          // What is no error for clients may quote anything, as that of another service.
          if (error instanceof GraphQLError && !isClientError(error)) throw new Error("a plugin failed");
          throw error;
        }
      },
    }),
    ...(onRequest && {
      async onRequest(payload) {
        try {
          await onRequest.call(plugin, payload);
        } catch (error) {
          onError(error);
          payload.endResponse(toFailed(payload.fetchAPI));
        }
      },
    }),
    ...(onResponse && {
      async onResponse(payload) {
        try {
          await onResponse.call(plugin, payload);
        } catch (error) {
          onError(error);
          payload.setResponse(toFailed(payload.fetchAPI));
        }
      },
    }),
  };
}

/** As what else fails in the server. */
function toFailed({ Response }: { readonly Response: typeof globalThis.Response }): Response {
  return new Response('{"status":"failed"}', { status: 500, headers: { "content-type": "application/json" } });
}
