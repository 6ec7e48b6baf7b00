/** The peers that are written by hand, as systems: bench/peers, and whatever command is named. */
import { existsSync } from "node:fs";
import { startProgram } from "./program.ts";
import { inOwnSchema, type System } from "./system.ts";

/**
 * A peer with the gateway's schema. The command gets the stack's address and client by its environment, and prints one
 * line of JSON with its URL when it is ready.
 */
const toPeer = (name: string, command: readonly string[], packages: readonly string[] = []): System => ({
  ...inOwnSchema,
  name,
  get missing() {
    const areInstalled = packages.every((one) => existsSync(`bench/peers/node_modules/${one}`));
    return areInstalled ? null : `${name} is not installed: \`npm ci --prefix bench/peers\`.`;
  },
  async start(stack) {
    const env = { NODE_ENV: "production", STACK_URL: stack.url, CLIENT_ID: stack.clientId };
    const { ready, ...program } = await startProgram<{ url: string }>(name, "first", command, {
      ...env,
      CLIENT_SECRET: stack.clientSecret,
    });
    return { ...program, url: ready.url, headers: {} };
  },
});

/** With the gateway's own young generation. */
const node = [process.execPath, "--max-semi-space-size=32"];

export const yoga = toPeer("Yoga by hand", [...node, "bench/peers/yoga.mjs"], ["graphql-yoga", "@pothos/core"]);
export const mercurius = toPeer("Mercurius", [...node, "bench/peers/mercurius.mjs"], ["mercurius", "fastify"]);
export const toNamedPeer = (command: string): System => toPeer("peer", command.split(" "));
