import { describe, expect, it } from "vitest";
import { connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";
import { answersOf, idsOf, refusal, stage } from "./stage.ts";

describe("a token of one PSU", () => {
  it("may not list users, create one, or see what the provider sent", async () => {
    await using scene = await stage();
    const calls = await scene.gateway.calls(async () => {
      expect(await refusal(scene.gateway, "{ paymentServiceUsers { nodes { id } } }")).toEqual([
        ["FORBIDDEN", undefined],
      ]);
      const byId = `{ paymentServiceUsers(filter: { ids: ["${scene.me}"] }) { nodes { id } } }`;
      expect(await refusal(scene.gateway, byId)).toEqual([["FORBIDDEN", undefined]]);
      const create = 'mutation { createPaymentServiceUser(input: { name: "Eve" }) { paymentServiceUser { id } } }';
      expect(await refusal(scene.gateway, create)).toEqual([["FORBIDDEN", undefined]]);
    });
    expect(calls).toEqual([]);
    expect(scene.world.people).toHaveLength(2);
    const { data, errors } = await scene.gateway.send<{ accounts: { nodes: unknown[] } }>(
      "{ accounts(first: 2) { nodes { name raw } } }",
    );
    expect(errors.map(({ extensions, path }) => [extensions.code, path])).toEqual([
      ["FORBIDDEN", ["accounts", "nodes", 0, "raw"]],
      ["FORBIDDEN", ["accounts", "nodes", 1, "raw"]],
    ]);
    expect(data?.accounts.nodes).toEqual([
      { name: expect.stringMatching(/^Account/), raw: null },
      { name: expect.stringMatching(/^Account/), raw: null },
    ]);
  });

  it("changes nothing of another: NOT_FOUND, without any call of the service", async () => {
    await using scene = await stage();
    const { gateway, other, powens, world } = scene;
    const ids = idsOf(scene, other);
    const before = structuredClone([world.people, world.connections, world.attempts, world.accounts]);
    const user = `psuId: "${other}"`;
    const url = 'clientRedirectUrl: "https://app.example.com/"';
    const mutations = [
      [`forwardPaymentServiceUser(input: { ${user}, connectorId: "${powens}" }) { connector { id } }`, "input.psuId"],
      [`createLink(input: { ${user}, connectorId: "${powens}", ${url} }) { link }`, "input.psuId"],
      [
        `createLink(input: { ${user}, connectorId: "${powens}", ${url}, idempotencyKey: "key" }) { link }`,
        "input.psuId",
      ],
      [`deletePaymentServiceUser(input: { ${user} }) { deletedId }`, "input.psuId"],
      [`deletePaymentServiceUser(input: { psuId: "${ids.user}" }) { deletedId }`, "input.psuId"],
      [`deletePaymentServiceUserConnector(input: { ${user}, connectorId: "${powens}" }) { deletedId }`, "input.psuId"],
      [`updateLink(input: { connectionId: "${ids.connections[0]}", ${url} }) { link }`, "input.connectionId"],
      [`deleteConnection(input: { connectionId: "${ids.connections[0]}" }) { deletedId }`, "input.connectionId"],
    ] as const;
    const calls = await gateway.calls(async () => {
      for (const [mutation, field] of mutations) {
        expect([mutation, await refusal(gateway, `mutation { ${mutation} }`)]).toEqual([
          mutation,
          [["NOT_FOUND", field]],
        ]);
      }
    });
    expect(calls).toEqual([]);
    scene.clock.advance(10_000);
    expect([world.people, world.connections, world.attempts, world.accounts]).toEqual(before);
  });

  it("changes nothing of another by a spliced id", async () => {
    await using scene = await stage();
    const { gateway, me, other, world } = scene;
    const foreign = firstOf(world.connections, ({ psuID }) => psuID === other);
    const id = connectionGlobalId({ ...foreign, psuID: me });
    const calls = await gateway.calls(async () => {
      const remove = `mutation { deleteConnection(input: { connectionId: "${id}" }) { deletedId } }`;
      expect(await refusal(gateway, remove)).toEqual([["NOT_FOUND", "input.connectionId"]]);
      const update = `mutation { updateLink(input: { connectionId: "${id}", clientRedirectUrl: "https://app.example.com/" }) { link } }`;
      expect(await refusal(gateway, update)).toEqual([["NOT_FOUND", "input.connectionId"]]);
    });
    expect(calls.map(({ method }) => method)).toEqual(["GET", "GET"]);
    scene.clock.advance(10_000);
    expect(world.connections).toContain(foreign);
  });

  it("changes and deletes what is its own", async () => {
    await using scene = await stage();
    const { gateway, me, powens, clock, world } = scene;
    const connection = firstOf(world.connections, ({ psuID }) => psuID === me);
    const { data, errors } = await gateway.send<Record<string, unknown>>(`mutation {
      createLink(input: { psuId: "${me}", connectorId: "${connectorGlobalId(powens)}", clientRedirectUrl: "https://app.example.com/" }) { attempt { status } }
      deleteConnection(input: { connectionId: "${connectionGlobalId(connection)}" }) { task { status } }
    }`);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      createLink: { attempt: { status: "PENDING" } },
      deleteConnection: { task: { status: "PROCESSING" } },
    });
    clock.advance(1000);
    expect(world.connections).not.toContain(connection);
    const remove = await gateway.send(
      `mutation { deletePaymentServiceUser(input: { psuId: "${me.toUpperCase()}" }) { deletedId task { status } } }`,
    );
    expect(remove).toMatchObject({
      errors: [],
      data: { deletePaymentServiceUser: { deletedId: psuGlobalId(me), task: { status: "PROCESSING" } } },
    });
    clock.advance(1000);
    expect(world.people.map(({ id }) => id)).toEqual([scene.other]);
    expect(await answersOf(gateway, ["viewer { paymentServiceUser { id } }"])).toEqual([{ paymentServiceUser: null }]);
  });
});
