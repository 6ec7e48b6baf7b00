/** Account numbers: whole for operators who may write, and never in logs, metrics or messages of errors. */
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../sandbox/clock.ts";
import { type BankAccountCreator, type Connector, createConnector } from "../../../sandbox/models/connector.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { createMetrics } from "../../../src/observability/metrics.ts";
import { withMaskedNumbers, withoutNumbers } from "../../../src/upstream/account-numbers.ts";
import { createTestGateway, operator, psuViewer, startTestGateway } from "../../support/helpers.ts";
import { recordSecret } from "../../support/record.ts";

const reference = "7d1c8a52-6d0a-4f0e-9a51-0b7f6f0f3c11";
const iban = "FR7630006000011234567890189";
const maskedIban = `FR76${"*".repeat(19)}0189`;
/** In no answer of any test. */
const hidden = { iban: "DE44500105175407324931", accountNumber: "7734519902X" };
const grouped = "DE44 5001 0517 5407 3249 31";
for (const text of [hidden.iban, hidden.accountNumber, grouped]) recordSecret(text);

async function stage() {
  const clock = createManualClock();
  const world = createWorld({ clock, size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
  const metrics = createMetrics();
  const gateway = await startTestGateway({ sandbox: { world }, guards: { metrics } });
  const psuId = world.people[0]?.id ?? "";
  const mine = createTestGateway(gateway.sandbox, { viewer: psuViewer(psuId), guards: { metrics } });
  const reader = createTestGateway(gateway.sandbox, {
    viewer: { ...operator, scopes: ["payments:read"] },
    guards: { metrics },
  });
  const all = [mine, reader, gateway];
  return {
    ...{ clock, world, metrics, gateway, mine, reader, psuId },
    lines: () => all.flatMap(({ lines }) => lines).join("\n"),
    install(provider: BankAccountCreator) {
      const given = { provider, reference, name: provider, createdAt: world.now(), config: {} };
      const connector = createConnector(given);
      (world.connectors as Connector[]).unshift(connector);
      return connector.id;
    },
    async [Symbol.asyncDispose]() {
      for (const one of all) await one[Symbol.asyncDispose]();
    },
  };
}

const add = `mutation ($input: AddBankAccountInput!) { addBankAccount(input: $input) { bankAccount { id } } }`;
const forward = `mutation ($id: ID!, $connector: ID!) {
  forwardBankAccount(input: { bankAccountId: $id, connectorId: $connector }) { task { taskId } }
}`;
type Added = { readonly addBankAccount: { readonly bankAccount: { readonly id: string } } };
type Forwarded = { readonly forwardBankAccount: { readonly task: { readonly taskId: string } | null } };

describe("the account that a connector has made of a bank account", () => {
  it.each<[BankAccountCreator, string, string]>([
    ["bankingcircle", iban, maskedIban],
    ["column", "12345678", "12***678"],
  ])(
    "of %s shows its numbers whole to operators who may write, and to nobody else",
    async (provider, whole, masked) => {
      await using scene = await stage();
      const connector = scene.install(provider);
      const input = { psuId: scene.psuId, name: "Rent", iban, accountNumber: "12345678" };
      const id = (await scene.gateway.send<Added>(add, { input })).data?.addBankAccount.bankAccount.id;
      await scene.gateway.send(forward, { id, connector });
      scene.clock.advance(300);
      const query = (more: string) =>
        `query ($id: ID!) { node(id: $id) { ... on BankAccount { accounts { name type metadata ${more} } } } }`;
      const answerOf = async (by: typeof scene.gateway, more = "raw") => {
        const { data, errors } = await by.send(query(more), { id });
        expect(errors).toEqual([]);
        return JSON.stringify(data);
      };
      const [written, read] = [await answerOf(scene.gateway), await answerOf(scene.reader)];
      expect(written).toContain(whole);
      expect(read).toContain(masked);
      expect(read).not.toContain(whole);
      expect(await answerOf(scene.mine, "")).toBe('{"node":{"accounts":[]}}');
    },
  );

  it("has a task whose error quotes no number", async () => {
    await using scene = await stage();
    const { gateway, psuId, world } = scene;
    const input = { psuId, name: "Rent", ...hidden };
    const id = (await gateway.send<Added>(add, { input })).data?.addBankAccount.bankAccount.id;
    const connector = world.connectors[0]?.id;
    const taskId = (await gateway.send<Forwarded>(forward, { id, connector })).data?.forwardBankAccount.task?.taskId;
    scene.clock.advance(300);
    const error = `failed to create IBAN bank account ${reference}: ${hidden.iban} (${grouped}) or ${hidden.accountNumber}`;
    Object.assign(world.task(taskId ?? "") ?? {}, { error });
    for (const by of [gateway, scene.reader]) {
      const { data } = await by.send("query ($id: ID!) { task(id: $id) { error } }", { id: taskId });
      expect(data).toEqual({ task: { error: `failed to create IBAN bank account ${reference}: … (…) or …` } });
    }
  });
});

describe("a refused bank account", () => {
  const { iban: number, accountNumber } = hidden;
  it.each<[string, object | string]>([
    ["a number that is no text", { name: "Rent", iban: number, accountNumber: 773_451_990_200 }],
    ["no name", { iban: number, accountNumber }],
    ["a field too many", { name: "Rent", iban: number, accountNumber, number: accountNumber }],
    ["an IBAN that is mistyped", { name: "Rent", iban: number.replace(/1$/, "2") }],
    ["a list of numbers", { name: "Rent", iban: [number], accountNumber: [accountNumber, grouped] }],
    ["an object", { name: "Rent", iban: { number, grouped } }],
    ["a number that is no text, inline", `name: "Rent", iban: 44500105175407324931`],
    ["an object, inline", `name: "Rent", iban: { number: "${grouped}" }`],
    ["broken syntax, inline", `name: "Rent" iban "${number}"`],
    ["no quotes, inline", `name: "Rent", iban: ${number}`],
  ])("for %s repeats no number, to nobody, and leaves none behind", async (_what, input) => {
    await using scene = await stage();
    for (const by of [scene.mine, scene.gateway]) {
      const psu = `psuId: "${scene.psuId}"`;
      const { errors } =
        typeof input === "string"
          ? await by.send(`mutation { addBankAccount(input: { ${psu}, ${input} }) { bankAccount { id } } }`)
          : await by.send(add, { input: { psuId: scene.psuId, ...input } });
      expect(errors[0]?.extensions.code).toBe("BAD_USER_INPUT");
      expectNone(JSON.stringify(errors));
    }
    expectNone(scene.lines() + (await scene.metrics.text()));
  });

  it.each([400, 404, 409, 500, 502])(
    "with words of the service that quote it repeats none after %i",
    async (status) => {
      await using scene = await stage();
      const errorMessage = `AccountNumber '${accountNumber}' of IBAN ${number} (${grouped}) is taken`;
      const body = JSON.stringify({ errorCode: status === 404 ? "NOT_FOUND" : "VALIDATION", errorMessage });
      for (const at of [/\/bank-accounts$/, /\/bank-accounts\/[^/]+$/]) {
        using _ = scene.gateway.sandbox.fault(({ path }) => at.test(path), { status, body });
        for (const by of [scene.mine, scene.gateway]) {
          const { errors } = await by.send(add, { input: { psuId: scene.psuId, name: "Rent", ...hidden } });
          expect(errors).toHaveLength(1);
          expectNone(JSON.stringify(errors));
        }
      }
      expectNone(scene.lines() + (await scene.metrics.text()));
    },
  );

  /** Nor its digits. */
  function expectNone(text: string) {
    for (const part of [number, accountNumber, grouped, "773451990200", "44500105175407324931", "50010517"])
      expect(text).not.toContain(part);
  }
});

it.each([
  ["connector eyJQcm92aWRlciI6InBsYWlkIiwiUmVmZXJlbmNlIjoiMSJ9aaaa: not found", null],
  [`bank account ${reference} not found`, null],
  ["400 of 2026-11-28", null],
  ["acc 12345 of a", "acc … of a"],
  ["IBAN gb82 west 1234 5698 7654 32.", "IBAN …."],
])("of %j the message is %j", (text, shown) => {
  expect(withoutNumbers(text)).toBe(shown ?? text);
});

it("masks numbers where connectors note them, and nothing else", () => {
  const given = {
    ...{ "com.formance.spec/owner/iban": iban, "com.formance.spec/owner/accountNumber": "12345678" },
    ...{ "com.atlar.spec/identifier/DE/IBAN": iban, "com.column.spec/account_number_id": "acno_12345678" },
    ...{ "com.formance.spec/owner/streetNumber": "12", Details: { IBAN: iban, identifiers: [{ number: "12345678" }] } },
  };
  expect(withMaskedNumbers(given)).toEqual({
    ...given,
    ...{ "com.formance.spec/owner/iban": maskedIban, "com.formance.spec/owner/accountNumber": "12***678" },
    ...{ "com.atlar.spec/identifier/DE/IBAN": maskedIban },
    Details: { IBAN: maskedIban, identifiers: [{ number: "12***678" }] },
  });
  expect(withMaskedNumbers(null)).toBeNull();
});

it("what a connector noted with a payment shows numbers whole to operators who may write alone", async () => {
  await using scene = await stage();
  const payment = scene.world.payments.find(({ psuID }) => psuID === scene.psuId);
  Object.assign(payment ?? {}, { metadata: { "com.formance.spec/owner/iban": iban }, raw: { debtor: { iban } } });
  const read = async ({ send }: typeof scene.gateway, fields: string) =>
    JSON.stringify((await send(`query ($id: ID!) { payment(id: $id) { ${fields} } }`, { id: payment?.id })).data);
  expect(await read(scene.mine, "metadata")).toContain(maskedIban);
  const both = "metadata adjustments { raw }";
  expect((await read(scene.reader, both)).split(maskedIban)).toHaveLength(3);
  expect((await read(scene.gateway, both)).split(iban)).toHaveLength(3);
  for (const one of [scene.mine, scene.reader]) expect(await read(one, "metadata")).not.toContain(iban);
});
