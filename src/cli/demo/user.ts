/** The demo's own user: made with what providers require, and deleted whatever becomes of the demo. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { ExplainedError, toLine } from "../explained-error.ts";
import { at, type DemoClient, expect, RefusedError, say } from "./client.ts";
import type { Residence } from "./connector.ts";

/** @returns the PSU's id. */
export async function createUser(client: DemoClient, { country, locale }: Residence): Promise<string> {
  const mark = randomUUID();
  try {
    const created = await client.step(
      "Create a payment service user",
      `
      mutation CreateUser($input: CreatePaymentServiceUserInput!) {
        createPaymentServiceUser(input: $input) {
          paymentServiceUser { id psuId name }
        }
      }`,
      {
        input: {
          name: "Ada Lovelace",
          contactDetails: { email: "ada@example.com", locale },
          address: { country },
          metadata: { demo: mark },
        },
      },
    );
    return String(at(created, "createPaymentServiceUser.paymentServiceUser.psuId"));
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code === "BAD_USER_INPUT") throw error;
    const where = error.createdId === null ? "" : ` It has the id ${error.createdId}.`;
    throw new ExplainedError(`${error.message} If the user was created, their metadata has demo: ${mark}.${where}`);
  }
}

const deletion = `
    mutation DeleteUser($psuId: ID!) {
      deletePaymentServiceUser(input: { psuId: $psuId }) {
        deletedId
        task { id status }
      }
    }`;
const lookup = `
    query UserGone($psuId: ID!) {
      paymentServiceUser(id: $psuId) { name }
    }`;

/** Deletes the user as a step of the journey. */
export async function deleteUser(client: DemoClient, psuId: string, withinMs: number): Promise<void> {
  const deleted = await client.step("Delete the user", deletion, { psuId });
  await client.follow(
    "The stack works on it",
    `
    subscription Task($id: ID!) {
      taskChanged(id: $id) { status error }
    }`,
    { id: at(deleted, "deletePaymentServiceUser.task.id") },
    {
      withinMs,
      isOver(data) {
        const status = at(data, "taskChanged.status");
        if (status === "FAILED") throw new ExplainedError(`The deletion failed: ${at(data, "taskChanged.error")}.`);
        return status === "SUCCEEDED";
      },
    },
  );
  const gone = await client.step("They are gone, too", lookup, { psuId });
  expect(at(gone, "paymentServiceUser") === null, "the user is gone");
}

/** How a person deletes them. */
export const deletionByHand = (psuId: string): string =>
  `mutation { deletePaymentServiceUser(input: { psuId: "${psuId}" }) { deletedId } } deletes them, at a gateway of this stack.`;

const cleanUpWithinMs = 30_000;

/** Deletes the user after the journey has broken off, and says what is left. Never rejects. */
export async function cleanUp(client: DemoClient, psuId: string): Promise<void> {
  const title = "Delete the user";
  try {
    await client.send(title, deletion, { psuId }).catch((error: unknown) => {
      if (!(error instanceof RefusedError) || error.code !== "NOT_FOUND") throw error;
    });
    const until = Date.now() + cleanUpWithinMs;
    while (at(await client.send(title, lookup, { psuId }), "paymentServiceUser") !== null) {
      if (Date.now() > until) {
        say(`The stack was asked to delete the demo's user ${psuId}, and still shows them. ${deletionByHand(psuId)}`);
        return;
      }
      await pause(500);
    }
    say(`The demo's user ${psuId} is deleted from the stack.`);
  } catch (error) {
    say(`The demo's user ${psuId} is left on the stack. ${toLine(error)} ${deletionByHand(psuId)}`);
  }
}
