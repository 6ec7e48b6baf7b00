/** What clients, operators and the log get of what the service refuses. */
import { type GraphQLInputObjectType, getNamedType, isInputObjectType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Call, type Sandbox, startSandbox } from "../../../sandbox/server.ts";
import { anonymousOperator } from "../../../src/auth/viewer.ts";
import { toSchema } from "../../../src/schema/index.ts";
import { createTestGateway, operator, psuViewer, type TestGateway } from "../../support/helpers.ts";
import { connectionGlobalId, connectorGlobalId, firstOf, psuGlobalId } from "../global-ids.ts";
import { recordedRefusals } from "./recorded.ts";

type Mutation = "createPaymentServiceUser" | "forwardPaymentServiceUser" | "createLink" | "updateLink";

const types: Readonly<Record<Mutation, string>> = {
  createPaymentServiceUser: "CreatePaymentServiceUserInput",
  forwardPaymentServiceUser: "ForwardPaymentServiceUserInput",
  createLink: "CreateLinkInput",
  updateLink: "UpdateLinkInput",
};

const toDocument = (mutation: Mutation) =>
  `mutation Refused($input: ${types[mutation]}!) { ${mutation}(input: $input) { __typename } }`;

let sandbox: Sandbox;
/** The caller speaks for Astrid, who has connected banks. */
let asPsu: TestGateway;
let asOperator: TestGateway;
let inputs: Readonly<Record<Mutation, Readonly<Record<string, string>>>>;

beforeAll(async () => {
  sandbox = await startSandbox();
  const astrid = firstOf(sandbox.world.people);
  const connection = firstOf(sandbox.world.connections, ({ psuID }) => psuID === astrid.id);
  const clientRedirectUrl = "https://app.example.com/back";
  const ids = { psuId: psuGlobalId(astrid.id), connectorId: connectorGlobalId(connection.connectorID) };
  inputs = {
    createPaymentServiceUser: { name: "Ada" },
    forwardPaymentServiceUser: ids,
    createLink: { ...ids, clientRedirectUrl },
    updateLink: { connectionId: connectionGlobalId(connection), clientRedirectUrl },
  };
  asPsu = createTestGateway(sandbox, { viewer: psuViewer(astrid.id) });
  asOperator = createTestGateway(sandbox, { viewer: operator });
});

afterAll(async () => {
  await asPsu[Symbol.asyncDispose]();
  await asOperator[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

type Refused = { readonly status?: number; readonly code: string; readonly text: string };

/** Sends a mutation whose last call the service refuses. Creating a user is for operators alone. */
async function refuse(mutation: Mutation, { status = 400, code, text }: Refused, gateway = asPsu) {
  const caller = mutation === "createPaymentServiceUser" ? asOperator : gateway;
  using _ = sandbox.fault(({ method, path }: Call) => method === "POST" && path.startsWith("/payment-service-users"), {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ errorCode: code, errorMessage: text }),
  });
  const { errors } = await caller.send(toDocument(mutation), { input: inputs[mutation] });
  expect(errors).toHaveLength(1);
  return firstOf(errors);
}

const created = "createPaymentServiceUser";
const forwarded = "forwardPaymentServiceUser";
const name = "`input.name` must be a text of 1 to 1000 characters.";
const noConnector = "This connector does not exist.";
const cannotLink = "Users cannot connect a bank at this connector: choose another one.";
const redirectUrl = "`input.clientRedirectUrl` must be an absolute URL.";
const notForwarded = "The user is not known at this connector: forward the user there first.";
const noCountry =
  "The provider requires a country, and this user has none. A user cannot be changed: create the user with a country.";
const otherCountry =
  "The provider does not support this user's country. A user cannot be changed: choose a connector for that country, or create the user with another.";
const noLocale =
  "The provider requires a locale, and this user has none. A user cannot be changed: create the user with a locale.";
const otherLocale =
  "The provider does not support this user's locale. A user cannot be changed: create the user with another locale.";
const country = "paymentServiceUser.address.country";
const locale = "paymentServiceUser.contactDetails.locale";

type Case = readonly [mutation: Mutation, code: string, text: string, field: string, message: string];

/** What a client can act on: in the service's words and in those of its connectors for Plaid, Powens and Tink. */
const cases: readonly Case[] = [
  [created, "VALIDATION", "Name is a required field", "input.name", name],
  [created, "VALIDATION", "Name must be at maximum 1,000 characters in length", "input.name", name],
  [
    created,
    "MISSING_OR_INVALID_BODY",
    "json: cannot unmarshal number into Go struct field PaymentServiceUsersCreateRequest.name of type string",
    "input.name",
    name,
  ],
  [
    created,
    "VALIDATION",
    "Email is invalid",
    "input.contactDetails.email",
    "`input.contactDetails.email` must be an e-mail address.",
  ],
  [
    created,
    "VALIDATION",
    "PhoneNumber is invalid",
    "input.contactDetails.phoneNumber",
    "`input.contactDetails.phoneNumber` must be a phone number such as +33123456789.",
  ],
  [
    created,
    "VALIDATION",
    "Locale is invalid",
    "input.contactDetails.locale",
    "`input.contactDetails.locale` must be a locale such as fr_FR.",
  ],
  [
    created,
    "VALIDATION",
    "StreetNumber can only contain alphanumeric characters",
    "input.address.streetNumber",
    "`input.address.streetNumber` must hold only letters and digits.",
  ],
  [
    created,
    "VALIDATION",
    "Key: 'PaymentServiceUsersCreateRequest.Address.Country' Error:Field validation for 'Country' failed on the 'country_code' tag",
    "input.address.country",
    "`input.address.country` must be an ISO 3166-1 country code such as FR.",
  ],
  [
    created,
    "MISSING_OR_INVALID_BODY",
    "json: cannot unmarshal number into Go struct field PaymentServiceUsersCreateRequest.metadata of type string",
    "input.metadata",
    "`input.metadata` must have texts as values.",
  ],
  [forwarded, "NOT_FOUND", "not found", "input.psuId", "This user does not exist."],
  [forwarded, "NOT_FOUND", "connector not found: not found", "input.connectorId", noConnector],
  [forwarded, "VALIDATION", "payment service user address is required", country, noCountry],
  [forwarded, "VALIDATION", "payment service user address country is required", country, noCountry],
  [forwarded, "VALIDATION", "unsupported payment service user country: JP", country, otherCountry],
  [forwarded, "VALIDATION", "missing payment service user locale", locale, noLocale],
  [forwarded, "VALIDATION", "unsupported payment service user locale: ja_JP", locale, otherLocale],
  [forwarded, "VALIDATION", "not implemented", "input.connectorId", cannotLink],
  [
    forwarded,
    "CONNECTOR_CAPABILITY_NOT_SUPPORTED",
    "CreateUser capability is not supported by the provider stripe. Check here the supported features: https://docs.example.com",
    "input.connectorId",
    cannotLink,
  ],
  ["createLink", "NOT_FOUND", "not found", "input", notForwarded],
  ["createLink", "NOT_FOUND", "connector not found: not found", "input.connectorId", noConnector],
  ["createLink", "VALIDATION", "missing payment service user country", country, noCountry],
  ["createLink", "VALIDATION", "unsupported payment service user country: JP", country, otherCountry],
  ["createLink", "VALIDATION", "invalid plaid country code: JP", country, otherCountry],
  ["createLink", "VALIDATION", "missing payment service user locale", locale, noLocale],
  ["createLink", "VALIDATION", "unsupported locale: ja", locale, otherLocale],
  ["createLink", "VALIDATION", "invalid locale: xx: language: tag is not well-formed", locale, otherLocale],
  ["createLink", "VALIDATION", "locale base needs to be in iso639-1 format: xx", locale, otherLocale],
  [
    "createLink",
    "VALIDATION",
    "missing application name",
    "input.applicationName",
    "The provider requires an `input.applicationName`.",
  ],
  ["createLink", "VALIDATION", "ClientRedirectURL is a required field", "input.clientRedirectUrl", redirectUrl],
  ["createLink", "VALIDATION", "ClientRedirectURL must be a valid URL", "input.clientRedirectUrl", redirectUrl],
  ["createLink", "VALIDATION", "missing redirect URI", "input.clientRedirectUrl", redirectUrl],
  [
    "createLink",
    "MISSING_OR_INVALID_BODY",
    "json: cannot unmarshal number into Go struct field PaymentServiceUserCreateLinkRequest.clientRedirectURL of type string",
    "input.clientRedirectUrl",
    redirectUrl,
  ],
  ["createLink", "VALIDATION", "not implemented", "input.connectorId", cannotLink],
  ["updateLink", "NOT_FOUND", "not found", "input.connectionId", notForwarded],
  [
    "updateLink",
    "NOT_FOUND",
    "getting open banking connection",
    "input.connectionId",
    "This connection does not exist.",
  ],
  ["updateLink", "VALIDATION", "missing payment service user country", country, noCountry],
  ["updateLink", "VALIDATION", "missing payment service user locale", locale, noLocale],
  [
    "updateLink",
    "VALIDATION",
    "missing application name",
    "input.applicationName",
    "The provider requires an `input.applicationName`.",
  ],
  ["updateLink", "VALIDATION", "ClientRedirectURL is a required field", "input.clientRedirectUrl", redirectUrl],
  ["updateLink", "VALIDATION", "not implemented", "input.connectionId", cannotLink],
];

describe("a refusal that a client can act on", () => {
  it.each(cases)("of %s, %s %j, names %s", async (mutation, code, text, field, message) => {
    const isAbsence = code === "NOT_FOUND";
    const chains = [text, `${text}: not found`, `cannot do it: ${text}`];
    if (!isAbsence) {
      chains.push(
        `${text}: invalid request`,
        `${text}: validation error: validation error`,
        `${text}: invalid request: invalid client request: validation error`,
        `creating: ${text}: invalid request: validation error`,
      );
    }
    for (const chain of chains) {
      const error = await refuse(mutation, { status: isAbsence ? 404 : 400, code, text: chain });
      expect([chain, error]).toMatchObject([
        chain,
        { message, extensions: { code: isAbsence ? "NOT_FOUND" : "BAD_USER_INPUT", field, retryable: false } },
      ]);
      expect([chain, error.extensions["notForwarded"]]).toEqual([chain, message === notForwarded ? true : undefined]);
    }
  });

  it.each([
    ["deletePaymentServiceUser", 404, "NOT_FOUND", "cannot get payment service user: not found", "input.psuId"],
    ["deletePaymentServiceUserConnector", 400, "VALIDATION", "connector_id: value not found", "input.connectorId"],
    ["deletePaymentServiceUserConnector", 404, "NOT_FOUND", "not found", "input.psuId"],
    ["deleteConnection", 404, "NOT_FOUND", "not found", "input.connectionId"],
  ])("of %s after its checks, %i %s %j, is NOT_FOUND of %s", async (mutation, status, code, text, field) => {
    using _ = sandbox.fault(({ method }: Call) => method === "DELETE", {
      status,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ errorCode: code, errorMessage: text }),
    });
    const { psuId, connectorId } = inputs.createLink;
    const { connectionId } = inputs.updateLink;
    const given: Readonly<Record<string, string>> = {
      deletePaymentServiceUser: `psuId: "${psuId}"`,
      deletePaymentServiceUserConnector: `psuId: "${psuId}", connectorId: "${connectorId}"`,
      deleteConnection: `connectionId: "${connectionId}"`,
    };
    const { errors } = await asPsu.send(`mutation { ${mutation}(input: { ${given[mutation]} }) { deletedId } }`);
    expect(errors.map(({ extensions }) => [extensions.code, extensions["field"]])).toEqual([["NOT_FOUND", field]]);
  });

  it("names fields that the schema has", () => {
    const schema = toSchema();
    const named = (type: string) => {
      const found = schema.getType(type);
      if (!isInputObjectType(found) && !isObjectType(found)) throw new Error(`There is no type ${type}.`);
      return found;
    };
    for (const [mutation, , , field] of cases) {
      const [root, ...path] = field.split(".");
      let type = named(root === "input" ? types[mutation] : "PaymentServiceUser");
      for (const part of path) {
        const member = type.getFields()[part];
        expect([field, part, member !== undefined]).toEqual([field, part, true]);
        const next = member && getNamedType(member.type);
        if (isInputObjectType(next) || isObjectType(next)) type = next as GraphQLInputObjectType;
      }
    }
  });
});

describe("a recorded refusal", () => {
  const mutations = Object.keys(types) as Mutation[];

  it.each(recordedRefusals)("%i %s %j reaches no PSU in the service's words", async (status, code, text) => {
    for (const mutation of mutations) {
      const error = await refuse(mutation, { status, code, text });
      const { upstreamMessage, ...extensions } = error.extensions;
      expect([mutation, upstreamMessage]).toEqual([mutation, mutation === created ? text : undefined]);
      expect(JSON.stringify([error.message, extensions])).not.toContain(text);
      expect(error.message).toMatch(/^[^\n:]+(: [^\n:]+)?\.$/);
      expect(["BAD_USER_INPUT", "NOT_FOUND", "CONFLICT"]).toContain(extensions.code);
    }
  });

  it.each(recordedRefusals)("%i %s %j of a list reaches no PSU either", async (status, code, text) => {
    using _ = sandbox.fault(({ path }: Call) => path === "/accounts", {
      status,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ errorCode: code, errorMessage: text }),
    });
    const { errors } = await asPsu.send("{ accounts { nodes { id } } }");
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toContain(text);
  });

  it("is in the log without the values that it quotes, and reaches operators as it is", async () => {
    const text =
      'unsupported payment service user country: JP: no e-mail ada@example.com of Ada Lovelace, "+44 20 7946 0958" at 10.1.2.3: invalid request';
    const before = asOperator.lines.length;
    const error = await refuse("createLink", { code: "VALIDATION", text }, asOperator);
    expect(error).toMatchObject({ message: otherCountry, extensions: { upstreamMessage: text } });
    const lines = asOperator.lines.slice(before).map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { msg: "operation" },
      {
        msg: "upstream refused",
        requestId: error.extensions["requestId"],
        path: "createLink",
        kind: "invalid",
        call: "createLink",
        code: "VALIDATION",
        text: 'unsupported payment service user country: … of …" at …: invalid request',
      },
    ]);
  });

  it("reaches everybody as it is where authentication is off", async () => {
    await using open = createTestGateway(sandbox, { viewer: anonymousOperator });
    const text = "missing application name: invalid request";
    const { extensions } = await refuse("createLink", { code: "VALIDATION", text }, open);
    expect([extensions["field"], extensions["upstreamMessage"]]).toEqual(["input.applicationName", text]);
  });
});

describe("forwardPaymentServiceUser of a user that the connector knows", () => {
  it.each(["", ": validation error", ": validation error: validation error"])(
    "is a CONFLICT with a flag of its own, with the chain %j",
    async (chain) => {
      const text = `user already exists on this connector${chain}`;
      expect(await refuse(forwarded, { code: "VALIDATION", text })).toMatchObject({
        message: "The user is known at this connector already: nothing is left to do.",
        extensions: { code: "CONFLICT", field: "input.psuId", alreadyForwarded: true, retryable: false },
      });
    },
  );

  it("is one as the stack says it, too", async () => {
    const { errors } = await asPsu.send(toDocument(forwarded), { input: inputs[forwarded] });
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", alreadyForwarded: true } }]);
    expect(errors[0]?.extensions).not.toHaveProperty("upstreamMessage");
  });
});

describe("a provider's requirement", () => {
  const linkInput = { clientRedirectUrl: "https://app.example.com/back" };
  type Row = readonly [
    what: string,
    user: object,
    provider: string,
    more: object,
    refusals: Readonly<Partial<Record<Mutation, string>>>,
  ];

  it.each<Row>([
    ["a country at Tink", {}, "tink", {}, { [forwarded]: country }],
    ["a locale at Tink", { address: { country: "SE" } }, "tink", {}, { [forwarded]: locale }],
    [
      "a supported country at Tink",
      { address: { country: "JP" }, contactDetails: { locale: "ja_JP" } },
      "tink",
      {},
      { [forwarded]: country },
    ],
    [
      "a supported locale at Tink",
      { address: { country: "SE" }, contactDetails: { locale: "ja_JP" } },
      "tink",
      {},
      { [forwarded]: locale },
    ],
    ["an application name at Plaid", {}, "plaid", {}, { createLink: "input.applicationName" }],
    ["a locale at Plaid", {}, "plaid", { applicationName: "Purse" }, { createLink: locale }],
    [
      "a country at Plaid",
      { contactDetails: { locale: "sv_SE" } },
      "plaid",
      { applicationName: "Purse" },
      { createLink: country },
    ],
    [
      "a supported locale at Plaid",
      { address: { country: "SE" }, contactDetails: { locale: "ja_JP" } },
      "plaid",
      { applicationName: "Purse" },
      { createLink: locale },
    ],
    ["one that users can link at", {}, "generic", {}, { [forwarded]: "input.connectorId" }],
  ])(
    "of %s is answered with its field, and no PSU reads the stack's words",
    async (_what, user, provider, more, refusals) => {
      const document =
        "mutation ($input: CreatePaymentServiceUserInput!) { createPaymentServiceUser(input: $input) { paymentServiceUser { psuId } } }";
      const { data } = await asOperator.send<{ createPaymentServiceUser: { paymentServiceUser: { psuId: string } } }>(
        document,
        { input: { name: "Ada", ...user } },
      );
      const psuId = data?.createPaymentServiceUser.paymentServiceUser.psuId ?? "";
      await using own = createTestGateway(sandbox, { viewer: psuViewer(psuId) });
      const connectorId = firstOf(sandbox.world.connectors, (one) => one.provider === provider).id;
      const input = { psuId, connectorId };
      const found: Partial<Record<Mutation, unknown>> = {};
      for (const [mutation, given] of [
        [forwarded, input],
        ["createLink", { ...input, ...linkInput, ...more }],
      ] as const) {
        const { errors } = await own.send(toDocument(mutation), { input: given });
        if (errors[0] === undefined) continue;
        found[mutation] = errors[0].extensions["field"];
        expect(errors[0].extensions).not.toHaveProperty("upstreamMessage");
        expect(errors[0].message).not.toMatch(/invalid request|not implemented|missing|unsupported/);
        if (mutation === forwarded) break;
      }
      expect(found).toEqual(refusals);
    },
  );
});
