/** Which writes are sent again when their answer is lost: none that would be done twice. */
import { describe, expect, it } from "vitest";
import type { Fault } from "../../../sandbox/server.ts";
import { createWorld } from "../../../sandbox/world.ts";
import { toGlobalId } from "../../../src/schema/global-id.ts";
import { firstOf } from "../../schema/global-ids.ts";
import { startTestGateway } from "../../support/helpers.ts";

const uncertain = "Whether it was done is not known: look before you try again.";

const world = createWorld({ size: { people: 1, connectionsEach: 1, accountsEach: 1 } });
const psuId = firstOf(world.people).id;
const { connectorID, connectionID } = firstOf(world.connections);
const given = { name: "Rent", iban: "FR7630006000011234567890189", accountNumber: null, swiftBicCode: null };
const bankAccount = world.bankAccounts.create({ ...given, country: null, metadata: null });
world.bankAccounts.add(psuId, bankAccount.id);
const bankAccountId = toGlobalId("BankAccount", `${psuId}:${bankAccount.id}`);
const connectionId = toGlobalId("BankConnection", `${psuId}:${connectorID}:${connectionID}`);
const url = 'clientRedirectUrl: "https://app.example.com/"';

/** A mutation, and the end of the path of its write. */
type Write = readonly [name: string, field: string, path: RegExp];

const once: readonly Write[] = [
  [
    "createPaymentServiceUser",
    '(input: { name: "Ada" }) { paymentServiceUser { psuId } }',
    /^\/payment-service-users$/,
  ],
  [
    "addBankAccount",
    `(input: { psuId: "${psuId}", name: "Rent", iban: "${given.iban}" }) { bankAccount { id } }`,
    /^\/bank-accounts$/,
  ],
  [
    "forwardBankAccount",
    `(input: { bankAccountId: "${bankAccountId}", connectorId: "${connectorID}" }) { task { id } }`,
    /\/bank-accounts\/[^/]+\/forward$/,
  ],
  [
    "forwardPaymentServiceUser",
    `(input: { psuId: "${psuId}", connectorId: "${connectorID}" }) { connector { id } }`,
    /\/connectors\/[^/]+\/forward$/,
  ],
];
/** The key, or what is written, is the same each time. */
const repeated: readonly Write[] = [
  [
    "createLink",
    `(input: { psuId: "${psuId}", connectorId: "${connectorID}", ${url} }) { attempt { id } }`,
    /\/create-link$/,
  ],
  ["updateLink", `(input: { connectionId: "${connectionId}", ${url} }) { attempt { id } }`, /\/update-link$/],
  [
    "addBankAccount",
    `(input: { psuId: "${psuId}", name: "Rent", iban: "${given.iban}" }) { bankAccount { id } }`,
    /users\/[^/]+\/bank-accounts\/[^/]+$/,
  ],
];
const faults: readonly (readonly [string, Fault, string])[] = [
  ["502", { status: 502 }, "UPSTREAM_UNAVAILABLE"],
  ["503 with Retry-After", { status: 503, headers: { "retry-after": "1" } }, "UPSTREAM_UNAVAILABLE"],
  ["500", { status: 500 }, "UPSTREAM_UNAVAILABLE"],
  ["a reset", { reset: true }, "UPSTREAM_UNAVAILABLE"],
  ["no response", { delayMs: 600_000 }, "UPSTREAM_TIMEOUT"],
];

async function send([name, field, path]: Write, fault: Fault, timeoutMs: number) {
  const isIt = (call: { method: string; path: string }) => call.method === "POST" && path.test(call.path);
  await using gateway = await startTestGateway({ sandbox: { world }, upstream: { timeoutMs } });
  await gateway.send("{ paymentServiceUsers(first: 1) { nodes { psuId } } }"); // so that there is a token
  using _fault = gateway.sandbox.fault(isIt, fault);
  const { data, errors } = await gateway.send(`mutation { ${name}${field} }`);
  return { data, errors, calls: gateway.sandbox.calls.filter(isIt) };
}

describe.each(once)("%s", (...write) => {
  it.each(faults)("is sent once and has an unknown outcome after %s", async (_what, fault, code) => {
    const { data, errors, calls } = await send(write, fault, 500);
    expect(data).toEqual({ [write[0]]: null });
    expect(errors).toMatchObject([
      { message: expect.stringContaining(uncertain), extensions: { code, retryable: false, outcomeUnknown: true } },
    ]);
    expect(calls).toHaveLength(1);
  });

  it("is not sent again after 429", async () => {
    const { errors, calls } = await send(write, { status: 429, headers: { "retry-after": "1" } }, 5000);
    expect(errors).toMatchObject([{ extensions: { code: "RATE_LIMITED", retryable: true } }]);
    expect(calls).toHaveLength(1);
  });
});

it.each(repeated)("%s%s sends its write again after 502: twice does no harm", async (...write) => {
  const { errors, calls } = await send(write, { status: 502 }, 5000);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).not.toContain(uncertain);
  expect(calls).toHaveLength(3);
  expect(new Set(calls.map(({ path }) => path)).size).toBe(1);
});
