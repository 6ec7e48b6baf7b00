import { describe, expect, test } from "vitest";
import { connectorOf, missingUuid, newcomer, personNamed, stage } from "./helpers.ts";

const users = "/payment-service-users";

describe("creating a payment service user", () => {
  test("answers 201 with the new id, and keeps what was given", async () => {
    await using on = await stage();
    const body = {
      name: "Zoë Zimmer",
      contactDetails: { email: "zoe@example.org", phoneNumber: "+49 30 123456", locale: "de-DE" },
      address: {
        streetName: "Gasse",
        streetNumber: "7b",
        city: "Ulm",
        region: "BW",
        postalCode: "89073",
        country: "DE",
      },
      metadata: { tier: "gold" },
    };
    const made = await on.post(users, { body });
    expect([made.status, Object.keys(made.body)]).toEqual([201, ["data"]]);
    const read = await on.get(`${users}/${made.body.data}`);
    expect(read.body.data).toEqual({
      id: made.body.data,
      createdAt: "2026-07-01T09:00:00Z",
      bankAccountIDs: null,
      ...body,
    });
    expect((await on.get(users)).body.cursor.data[0].id).toBe(made.body.data);
  });

  test("without contact details and address sends them back as null", async () => {
    await using on = await stage();
    for (const body of [{ name: "Bare" }, { name: "Bare", contactDetails: { email: null }, address: {} }]) {
      const { data: id } = (await on.post(users, { body })).body;
      const { data } = (await on.get(`${users}/${id}`)).body;
      expect(data).toMatchObject({ contactDetails: null, address: null, metadata: null, bankAccountIDs: null });
    }
  });

  test("is not idempotent: no key is honoured", async () => {
    await using on = await stage();
    const options = {
      body: { name: "Twice" },
      query: { "Idempotency-Key": missingUuid },
      headers: { "idempotency-key": "k" },
    };
    const ids = [await on.post(users, options), await on.post(users, options)].map((reply) => reply.body.data);
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    ["no name", {}],
    ["an empty name", { name: "" }],
    ["a name of 1,001 letters", { name: "ä".repeat(1001) }],
    ["a bad e-mail", { contactDetails: { email: "ann@example" } }],
    ["an empty e-mail", { contactDetails: { email: "" } }],
    ["a bad phone number", { contactDetails: { phoneNumber: "call me" } }],
    ["a bad locale", { contactDetails: { locale: "english" } }],
    ["a street number with a space", { address: { streetNumber: "7 b" } }],
    ["a country that is none", { address: { country: "XX" } }],
    ["a country in small letters", { address: { country: "de" } }],
    ["a bank account id that is no UUID", { bankAccountIDs: ["DE89"] }],
  ])("is refused with VALIDATION for %s", async (_case, body) => {
    await using on = await stage();
    const named = "name" in body || Object.keys(body).length === 0 ? body : { name: "Ann", ...body };
    const reply = await on.post(users, { body: named });
    expect([reply.status, reply.body.errorCode]).toEqual([400, "VALIDATION"]);
    expect(reply.body.errorMessage).not.toBe("");
    expect(on.world.people).toHaveLength(12);
  });

  test("takes a name of 1,000 letters", async () => {
    await using on = await stage();
    expect((await on.post(users, { body: { name: "ä".repeat(1000) } })).status).toBe(201);
  });

  test.each([
    ["no body", ""],
    ["no JSON", "{"],
    ["a name of another type", { name: 7 }],
    ["metadata of another type", { name: "Ann", metadata: { a: 1 } }],
  ])("is refused with MISSING_OR_INVALID_BODY for %s", async (_case, body) => {
    await using on = await stage();
    const reply = await on.post(users, { body });
    expect([reply.status, reply.body.errorCode]).toEqual([400, "MISSING_OR_INVALID_BODY"]);
  });

  test("with a bank account that does not exist is 404, and nobody is created", async () => {
    await using on = await stage();
    const reply = await on.post(users, { body: { name: "Ann", bankAccountIDs: [missingUuid] } });
    expect([reply.status, reply.body.errorCode, on.world.people.length]).toEqual([404, "NOT_FOUND", 12]);
  });
});

describe("a lookup", () => {
  test.each([
    `${users}/12`,
    `${users}/12/connections`,
    "/accounts/%21",
    "/accounts/bm8",
    "/payments/x",
    "/tasks/x",
    "/connectors/x/config",
  ])("by what is no id is INVALID_ID: %s", async (path) => {
    await using on = await stage();
    const reply = await on.get(path);
    expect([reply.status, reply.body.errorCode]).toEqual([400, "INVALID_ID"]);
  });

  test("of what is not there is NOT_FOUND", async () => {
    await using on = await stage();
    const [account, payment, connector] = [
      on.world.accounts[0]?.id,
      on.world.payments[0]?.id,
      on.world.connectors[0]?.id,
    ];
    // Ids of another kind decode, so they are well-formed and simply unknown.
    for (const path of [
      `${users}/${missingUuid}`,
      `/accounts/${payment}`,
      `/payments/${account}`,
      `/tasks/${account}`,
      `/connectors/${account}/config`,
    ]) {
      const reply = await on.get(path);
      expect([path, reply.status, reply.body.errorCode]).toEqual([path, 404, "NOT_FOUND"]);
    }
    expect((await on.get(`/accounts/${account}`)).body.data.id).toBe(account);
    expect((await on.get(`/payments/${payment}`)).body.data.id).toBe(payment);
    expect((await on.get(`/connectors/${connector}/config`)).status).toBe(200);
  });

  test("of an unknown PSU's connections, or an unknown account's balances, is an empty list", async () => {
    await using on = await stage();
    const unknown = Buffer.from(
      JSON.stringify({ ConnectorID: { Provider: "tink", Reference: missingUuid }, Reference: "x" }),
    );
    for (const path of [`${users}/${missingUuid}/connections`, `/accounts/${unknown.toString("base64url")}/balances`]) {
      const reply = await on.get(path);
      expect([reply.status, reply.body.cursor.data]).toEqual([200, []]);
    }
  });
});

describe("forwarding", () => {
  test("is 204 once and VALIDATION the second time", async () => {
    await using on = await stage();
    const at = `${users}/${personNamed(on, "Jun").id}/connectors/${connectorOf(on, "powens").id}/forward`;
    const first = await on.post(at);
    expect([first.status, first.text]).toEqual([204, ""]);
    const second = await on.post(at);
    expect([second.status, second.body.errorCode]).toEqual([400, "VALIDATION"]);
    expect(second.body.errorMessage).toContain("user already exists on this connector");
  });

  test("needs a PSU and a connector that exist", async () => {
    await using on = await stage();
    const powens = connectorOf(on, "powens").id;
    expect((await on.post(`${users}/${missingUuid}/connectors/${powens}/forward`)).status).toBe(404);
    expect(
      (await on.post(`${users}/${personNamed(on, "Jun").id}/connectors/${on.world.accounts[0]?.id}/forward`)).status,
    ).toBe(404);
  });

  test("to Tink needs a country and a locale of its markets; Plaid and Powens ask later or never", async () => {
    await using on = await stage();
    const jun = personNamed(on, "Jun").id;
    const tink = await on.post(`${users}/${jun}/connectors/${connectorOf(on, "tink").id}/forward`);
    expect([tink.status, tink.body.errorCode]).toEqual([400, "VALIDATION"]);
    const daichi = personNamed(on, "Daichi").id;
    const abroad = await on.post(`${users}/${daichi}/connectors/${connectorOf(on, "tink").id}/forward`);
    expect(abroad.body.errorMessage).toContain("JP");
    expect((await on.post(`${users}/${jun}/connectors/${connectorOf(on, "plaid").id}/forward`)).status).toBe(204);
  });
});

test("a connector's config, in the list and by itself, holds secrets that a leak test can search for", async () => {
  await using on = await stage();
  const { data } = (await on.get("/connectors")).body.cursor;
  for (const connector of data) {
    const config = (await on.get(`/connectors/${connector.id}/config`)).body.data;
    expect(config).toEqual({ ...connector.config, provider: expect.stringMatching(/^[A-Z]/) });
    const secrets = Object.entries(config).filter(([key]) => /secret|token|apikey/i.test(key));
    expect(secrets.length).toBeGreaterThan(0);
    for (const [, value] of secrets) expect(value).toMatch(/^s3cr3t-/);
  }
});

test("ids are unpadded base64url of JSON with sorted keys", async () => {
  await using on = await stage();
  const { connectorID } = await newcomer(on, "tink");
  const text = Buffer.from(connectorID, "base64url").toString();
  expect(text).toMatch(/^\{"Provider":"tink","Reference":"[\da-f-]{36}"\}$/);
  const account = on.world.accounts.find((row) => row.connectorID === connectorID);
  expect(Buffer.from(account?.id ?? "", "base64url").toString()).toBe(
    `{"ConnectorID":${text},"Reference":"${account?.reference}"}`,
  );
});
