/** Two people with the same kind of data, a gateway for one of them and one for an operator. */

import { expect } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { type Call, startSandbox } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { toGlobalId } from "../../../src/schema/global-id.ts";
import { graphql } from "../../graphql/gql.ts";
import { createTestGateway, psuViewer, type TestGateway } from "../../support/helpers.ts";
import { accountGlobalId, attemptGlobalId, connectionGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";

/** Two people with the same kind of data; the test advances the clock. */
export async function stage() {
  const clock = createManualClock();
  const world = createWorld({ clock, size: { people: 2, connectionsEach: 3, accountsEach: 2 } });
  const sandbox = await startSandbox({ world });
  const [me = "", other = ""] = world.people.map(({ id }) => id);
  const powens = firstOf(world.connectors, ({ provider }) => provider === "powens").id;
  for (const psuID of [me, other]) {
    world.links.create({
      psuID,
      connectorID: powens,
      key: null,
      applicationName: "",
      clientRedirectURL: "https://app.example.com/",
    });
  }
  const gateway = createTestGateway(sandbox, { viewer: psuViewer(me) });
  const operator = createTestGateway(sandbox);
  return {
    clock,
    world,
    sandbox,
    gateway,
    operator,
    me,
    other,
    powens,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await operator[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

type Stage = Awaited<ReturnType<typeof stage>>;

/** The ids of everything that a PSU has. */
export function idsOf({ world, powens }: Stage, psuId: string) {
  const isOwn = ({ psuID }: { readonly psuID: string | null }) => psuID === psuId;
  return {
    user: psuGlobalId(psuId),
    connections: world.connections.filter(isOwn).map(connectionGlobalId),
    accounts: world.accounts.filter(isOwn).map(({ id }) => accountGlobalId(id)),
    payments: world.payments.filter(isOwn).map(({ id }) => toGlobalId("Payment", id)),
    attempts: world.attempts.filter((row) => isOwn(row) && row.connectorID === powens).map(attemptGlobalId),
  };
}

export const Mine = graphql(`
  query Mine($connector: ID!) {
    viewer {
      subject
      paymentServiceUser {
        id
        connections { id accounts { id } paymentServiceUser { id } }
        accounts { id paymentServiceUser { id } connection { id } balances { amount { decimal } } }
        linkAttempts(connectorId: $connector) { nodes { id } }
        payments(first: 100) { nodes { id } }
      }
    }
    connectors { nodes { id } }
    accounts(first: 100) { nodes { id } pageInfo { hasNextPage } }
    payments(first: 100) { nodes { id sourceAccount { id } paymentServiceUser { id } } pageInfo { hasNextPage } }
  }
`);

export const NodesForViewer = graphql(`
  query NodesForViewer($ids: [ID!]!) {
    nodes(ids: $ids) { id }
  }
`);

export async function answersOf(gateway: TestGateway, fields: readonly string[]) {
  const document = `{ ${fields.map((field, at) => `a${at}: ${field}`).join("\n")} }`;
  const { data, errors } = await gateway.send<Record<string, unknown>>(document);
  expect(errors).toEqual([]);
  return Object.values(data ?? {});
}

export async function refusal(gateway: TestGateway, document: string) {
  const { errors } = await gateway.send(document);
  return errors.map(({ extensions }) => [extensions.code, extensions["field"]]);
}

/** Calls that name a PSU. */
export const naming = (calls: readonly Call[], psuId: string) =>
  calls.filter(({ path, body, query }) => JSON.stringify([path, body, query]).includes(psuId));
