/** The gateway as a system: of this checkout, or of another one. */
import { mkdtemp, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { launch, untilReady } from "./program.ts";
import { readStartArguments, type Session } from "./session.ts";
import type { Stack } from "./stack.ts";
import { inOwnSchema, type System, type Target } from "./system.ts";

export type GatewayOptions = {
  readonly name?: string;
  readonly checkout?: string;
  /** Further flags of Node. */
  readonly flags?: readonly string[];
};

type StartOptions = GatewayOptions & {
  /** The folder of compiled code; the usual one when left out. */
  readonly cache?: string;
  /** Node's arguments; those of `npm start` when left out. */
  readonly args?: readonly string[];
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its errors are for the caller to read; else they go to ours. */
  readonly pipesErrors?: boolean;
};

/** As in production. Its log goes to a file. `startMs` is from its start to ready. */
export async function startGateway(
  { url: stackUrl, clientId, clientSecret }: Omit<Stack, "psuIds">,
  session: Session,
  options: StartOptions = {},
): Promise<Target & { readonly startMs: number }> {
  const { name = "The gateway", checkout = ".", flags = [], cache, env, pipesErrors = false } = options;
  const args = options.args ?? (await readStartArguments(checkout));
  const logFile = join(await mkdtemp(join(session.folder, "gateway-")), "log");
  const log = await open(logFile, "w");
  const startedAt = performance.now();
  const program = launch("first", [process.execPath, ...flags, ...args], {
    cwd: checkout,
    stdio: ["ignore", log.fd, pipesErrors ? "pipe" : "inherit"],
    env: {
      ...process.env,
      ...session.env,
      FORMANCE_API_URL: stackUrl,
      FORMANCE_CLIENT_ID: clientId,
      FORMANCE_CLIENT_SECRET: clientSecret,
      ...env,
      ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }),
    },
  });
  await log.close();
  const url = await untilReady(name, program, async () => {
    const [, found] = /GraphQL is at (http:\/\/[^/]+)/.exec(await readFile(logFile, "utf8")) ?? [];
    return found ?? null;
  }).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${(await readFile(logFile, "utf8")).slice(-2000)}`);
  });
  const startMs = performance.now() - startedAt;
  return { ...program, url, startMs, headers: { authorization: `Bearer ${session.token}` } };
}

export const toGateway = (options: GatewayOptions = {}): System => ({
  ...inOwnSchema,
  name: options.name ?? "gateway",
  start: (stack, session) => startGateway(stack, session, options),
});
