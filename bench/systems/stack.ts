/** The stack of a run: the sandbox, answering from memory, in a process of its own. */
import type { WorldSize } from "../../sandbox/seed/uniform-world.ts";
import { toSizeText, usualSize } from "../worlds.ts";
import { type Program, startProgram } from "./program.ts";

export type Stack = {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of all its users, the newest first. */
  readonly psuIds: readonly string[];
};

export type RunningStack = Program & { readonly ready: Stack };

/** @param delayMs how long each response takes. */
export function startStack(delayMs: number, world: WorldSize | "edges" = usualSize): Promise<RunningStack> {
  const text = world === "edges" ? world : toSizeText(world);
  return startProgram("The stack", "others", [process.execPath, "bench/upstream.ts", String(delayMs), text]);
}

/** Calls that it has had. */
export async function countCalls({ url }: Stack): Promise<number> {
  return Number(await (await fetch(`${url}/requests`)).text());
}

/** An access token of the stack, for a system that cannot get one by itself. */
export async function getAccessToken({ url, clientId, clientSecret }: Stack): Promise<string> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: "openid payments:read payments:write",
  });
  // As text: the stack knows no chunked bodies.
  const response = await fetch(`${url}/api/auth/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
