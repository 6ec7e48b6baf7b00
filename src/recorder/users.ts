/** Sends requests, and takes note of the users that they make on the stack: none of them stays. */
import { setTimeout as pause } from "node:timers/promises";
import type { StackClient, StackRequest, StackResponse } from "./stack-client.ts";

export const usersPath = "/api/payments/v3/payment-service-users";

export type Users = Pick<StackClient, "send"> & {
  /** Those made so far. */
  readonly ids: ReadonlySet<string>;
  /** Deletes all, and waits until the stack no longer has them. @returns the ids of those that it still has. */
  remove(): Promise<readonly string[]>;
};

const deletionLimitMs = 60_000;
const pauseMs = 250;

export function createUsers(client: StackClient): Users {
  const ids = new Set<string>();

  async function send(request: StackRequest): Promise<StackResponse> {
    const makesUser = request.method === "POST" && request.path === usersPath;
    if (!makesUser) return client.send(request);
    const response = await client.send(request).catch((error: Error) => {
      throw new Error(`${error.message}; the stack may have made a user that nobody deletes`);
    });
    const id = /^\s*\{\s*"data"\s*:\s*"([^"]+)"/.exec(response.text)?.[1];
    if (response.status < 300 && id !== undefined) ids.add(id);
    return response;
  }

  async function isGone(id: string): Promise<boolean> {
    const path = `${usersPath}/${id}`;
    try {
      const { status } = await client.send({ method: "DELETE", path });
      if (status >= 300) return status === 404;
      // Deletes are done in the background.
      for (const end = performance.now() + deletionLimitMs; performance.now() < end; await pause(pauseMs)) {
        if ((await client.send({ method: "GET", path })).status === 404) return true;
      }
    } catch {
      // No answer: the user may still be there.
    }
    return false;
  }

  return {
    send,
    ids,
    async remove() {
      const outcomes = await Promise.all([...ids].map(async (id) => ({ id, isLeft: !(await isGone(id)) })));
      return outcomes.filter(({ isLeft }) => isLeft).map(({ id }) => id);
    },
  };
}
