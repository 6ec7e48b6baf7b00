/** Bank accounts of PSUs: added, read, forwarded, masked, and nobody else's. */
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { toGlobalId } from "../../../src/schema/global-id.ts";
import { mask } from "../../../src/upstream/account-numbers.ts";
import { createTestGateway, psuViewer, startTestGateway } from "../../support/helpers.ts";
import { firstOf } from "../global-ids.ts";

const iban = "FR7630006000011234567890189";
const maskedIban = `FR76${"*".repeat(19)}0189`;

async function stage() {
  const clock = createManualClock();
  const world = createWorld({ clock, size: { people: 2, connectionsEach: 1, accountsEach: 1 } });
  const gateway = await startTestGateway({ sandbox: { world } });
  const [me = "", other = ""] = world.people.map(({ id }) => id);
  const mine = createTestGateway(gateway.sandbox, { viewer: psuViewer(me) });
  const theirs = createTestGateway(gateway.sandbox, { viewer: psuViewer(other) });
  const connector = firstOf(world.connectors).id;
  return {
    ...{ clock, world, gateway, me, other, mine, theirs, connector },
    async [Symbol.asyncDispose]() {
      for (const one of [mine, theirs, gateway]) await one[Symbol.asyncDispose]();
    },
  };
}

type Send = { send: Awaited<ReturnType<typeof stage>>["mine"]["send"] };
type Row = { id: string; bankAccountId: string; iban: string | null; accountNumber: string | null };
const fields = "id bankAccountId name iban accountNumber swiftBicCode country metadata accounts { id }";

const add = (by: Send, input: Readonly<Record<string, unknown>>, select = `bankAccount { ${fields} }`) =>
  by.send<{ addBankAccount: { bankAccount: Row } }>(
    `mutation ($input: AddBankAccountInput!) { addBankAccount(input: $input) { ${select} } }`,
    { input },
  );
const forward = (by: Send, bankAccountId: string, connectorId: string) =>
  by.send<{ forwardBankAccount: { task: { status: string; taskId: string } | null } }>(
    `mutation ($id: ID!, $connector: ID!) {
      forwardBankAccount(input: { bankAccountId: $id, connectorId: $connector }) { task { status taskId } }
    }`,
    { id: bankAccountId, connector: connectorId },
  );
const codes = (errors: readonly { extensions: Readonly<Record<string, unknown>> }[]) =>
  errors.map(({ extensions }) => [extensions["code"], extensions["field"]]);

describe("a bank account", () => {
  it("is added, read through its PSU and by its id, with its numbers masked", async () => {
    await using scene = await stage();
    const { data, errors } = await add(scene.mine, {
      ...{ psuId: scene.me, name: "Rent", iban: "fr76 3000 6000 0112 3456 7890 189", accountNumber: "12345678" },
      ...{ swiftBicCode: "AGRIFRPP", country: "FR", metadata: { use: "rent" } },
    });
    expect(errors).toEqual([]);
    const row = data?.addBankAccount.bankAccount;
    expect(row).toMatchObject({ name: "Rent", iban: maskedIban, accountNumber: "12***678", swiftBicCode: "AGRIFRPP" });
    const node = await scene.mine.send(
      `query ($id: ID!) { node(id: $id) { ... on BankAccount { ${fields} paymentServiceUser { psuId } } } }`,
      { id: row?.id },
    );
    expect(node).toMatchObject({ errors: [], data: { node: { ...row, paymentServiceUser: { psuId: scene.me } } } });
    const list = `query ($id: ID!) { paymentServiceUser(id: $id) { bankAccounts { ${fields} } } }`;
    for (const by of [scene.mine, scene.gateway]) {
      expect(await by.send(list, { id: scene.me })).toMatchObject({
        errors: [],
        data: { paymentServiceUser: { bankAccounts: [row] } },
      });
    }
  });

  it("costs a call for the list of any number, and one for the numbers of each", async () => {
    await using scene = await stage();
    for (const psuId of [scene.me, scene.other])
      for (const name of ["a", "b"]) await add(scene.gateway, { psuId, name, iban });
    const callsOf = async (select: string) =>
      (
        await scene.gateway.calls(() =>
          scene.gateway.send(`{ paymentServiceUsers { nodes { bankAccounts { ${select} } } } }`),
        )
      ).map(({ path }) => path.replace(/[\da-f-]{36}/, "<id>"));
    expect(await callsOf("name createdAt")).toEqual(["/payment-service-users", "/bank-accounts"]);
    expect(await callsOf("iban accountNumber swiftBicCode")).toEqual([
      ...["/payment-service-users", "/bank-accounts"],
      ...Array(4).fill("/bank-accounts/<id>"),
    ]);
  });

  it("of another PSU is neither read nor forwarded nor given", async () => {
    await using scene = await stage();
    const { me, other, mine, theirs, connector, world } = scene;
    const id = (await add(theirs, { psuId: other, name: "Theirs", iban })).data?.addBankAccount.bankAccount.id ?? "";
    const { bankAccounts } = world;
    const own = bankAccounts.all[0]?.id ?? "";
    // As its owner's, and as if it were the caller's.
    for (const wanted of [id, toGlobalId("BankAccount", `${me}:${own}`)]) {
      expect(await mine.send("query ($id: ID!) { node(id: $id) { id } }", { id: wanted })).toMatchObject({
        errors: [],
        data: { node: null },
      });
      const calls = await scene.gateway.calls(async () => {
        expect(codes((await forward(mine, wanted, connector)).errors)).toEqual([["NOT_FOUND", "input.bankAccountId"]]);
      });
      expect(calls.filter(({ method }) => method === "POST")).toEqual([]);
    }
    // Nor by an operator under another PSU's name.
    const spliced = toGlobalId("BankAccount", `${me}:${own}`);
    expect(codes((await forward(scene.gateway, spliced, connector)).errors)).toEqual([
      ["NOT_FOUND", "input.bankAccountId"],
    ]);
    expect(codes((await add(mine, { psuId: other, name: "x", iban })).errors)).toEqual([["NOT_FOUND", "input.psuId"]]);
    expect(bankAccounts.idsOf(other)).toEqual([own]);
    expect(bankAccounts.all).toHaveLength(1);
  });

  it("is not added for a PSU that does not exist: nothing is created", async () => {
    await using scene = await stage();
    const psuId = "00000000-0000-4000-8000-000000000000";
    expect(codes((await add(scene.gateway, { psuId, name: "x", iban })).errors)).toEqual([
      ["NOT_FOUND", "input.psuId"],
    ]);
    expect(scene.world.bankAccounts.all).toEqual([]);
  });

  it("that is created, but not added, is said to be so, without its numbers", async () => {
    await using scene = await stage();
    using _ = scene.gateway.sandbox.fault(({ path }) => /users\/.*\/bank-accounts\//.test(path), {
      status: 500,
      body: "",
    });
    const { errors } = await add(scene.mine, { psuId: scene.me, name: "Rent", iban });
    expect(errors[0]?.message).toContain("was created, but may not have been added");
    expect(JSON.stringify(errors)).not.toContain("30006000");
    expect(scene.world.bankAccounts.all).toHaveLength(1);
    expect(scene.world.bankAccounts.idsOf(scene.me)).toEqual([]);
  });

  it("is masked here, too, for all but operators who may write", async () => {
    await using scene = await stage();
    const { data } = await add(scene.gateway, { psuId: scene.me, name: "Rent", iban, accountNumber: "12345678" });
    const { id, bankAccountId } = data?.addBankAccount.bankAccount ?? { id: "", bankAccountId: "" };
    const whole = { id: bankAccountId, createdAt: "2026-01-01T00:00:00Z", name: "Rent", iban, accountNumber: "1234" };
    using _ = scene.gateway.sandbox.fault(({ path }) => path === `/bank-accounts/${bankAccountId}`, {
      body: JSON.stringify({ data: whole }),
    });
    const query = "query ($id: ID!) { node(id: $id) { ... on BankAccount { iban accountNumber } } }";
    const reader = { subject: "r", psuId: null, scopes: ["payments:read"] };
    await using reading = createTestGateway(scene.gateway.sandbox, {
      viewer: { ...psuViewer(scene.me), ...reader },
    });
    for (const by of [scene.mine, reading]) {
      expect((await by.send(query, { id })).data).toEqual({ node: { iban: maskedIban, accountNumber: "****" } });
    }
    expect((await scene.gateway.send(query, { id })).data).toEqual({ node: { iban, accountNumber: "1234" } });
    for (const text of [iban, "1234567", "12345678", ""]) {
      expect(mask(mask(text, 4, 4), 4, 4)).toBe(mask(text, 4, 4));
    }
  });

  it("is forwarded by its PSU, who gets no task, and by an operator, who sees it fail at open banking", async () => {
    await using scene = await stage();
    const { mine, gateway, connector, clock } = scene;
    const id = (await add(mine, { psuId: scene.me, name: "Rent", iban })).data?.addBankAccount.bankAccount.id ?? "";
    expect(await forward(mine, id, connector)).toMatchObject({
      errors: [],
      data: { forwardBankAccount: { task: null } },
    });
    const { data } = await forward(gateway, id, connector);
    const taskId = data?.forwardBankAccount.task?.taskId;
    expect(data?.forwardBankAccount.task?.status).toBe("PROCESSING");
    clock.advance(1000);
    const query = "query ($id: ID!) { task(id: $id) { status } }";
    expect((await gateway.send(query, { id: taskId })).data).toEqual({ task: { status: "FAILED" } });
    for (const by of [mine, scene.theirs]) expect((await by.send(query, { id: taskId })).data).toEqual({ task: null });
    const absent = Buffer.from(
      JSON.stringify({ Provider: "plaid", Reference: "00000000-0000-4000-8000-000000000000" }),
    ).toString("base64url");
    expect(codes((await forward(mine, id, absent)).errors)).toEqual([["NOT_FOUND", "input.connectorId"]]);
  });

  it.each([
    [{ name: "" }, "name"],
    [{ name: "x".repeat(1001) }, "name"],
    [{ iban: null }, "iban"],
    [{ iban: "" }, "iban"],
    [{ iban: "FR7630006000011234567890188" }, "iban"],
    [{ iban: "FR76-3000" }, "iban"],
    [{ iban: `FR76${"0".repeat(28)}` }, "iban"],
    [{ accountNumber: "12 34" }, "accountNumber"],
    [{ accountNumber: "" }, "accountNumber"],
    [{ swiftBicCode: "AGRIFRP" }, "swiftBicCode"],
    [{ swiftBicCode: "AGRIFRPPXXXX" }, "swiftBicCode"],
    [{ country: "FRA" }, "country"],
    [{ metadata: { a: 1 } }, "metadata.a"],
  ])("with %j is refused by the name of the field", async (wrong, field) => {
    await using scene = await stage();
    const calls = await scene.gateway.calls(async () => {
      const { errors } = await add(scene.mine, { psuId: scene.me, name: "Rent", iban, ...wrong });
      expect(codes(errors)).toEqual([["BAD_USER_INPUT", `input.${field}`]]);
      expect(JSON.stringify(errors)).not.toContain("30006000");
    });
    expect(calls).toEqual([]);
  });
});
