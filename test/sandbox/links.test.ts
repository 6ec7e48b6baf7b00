import { describe, expect, test } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { connectorOf, linkBody, missingUuid, newcomer, personNamed, redirectURL, stage } from "./helpers.ts";

const key = "7d1c52a0-9a39-4c11-8e7f-0f2d8d5a6b11";

describe("creating a link", () => {
  test("answers attempt and link, not wrapped in data; the attempt is, and is pending", async () => {
    await using on = await stage();
    const { psuID, connectorID, at } = await newcomer(on, "powens");
    const made = await on.post(`${at}/create-link`, { body: linkBody });
    expect([made.status, Object.keys(made.body).sort()]).toEqual([201, ["attemptID", "link"]]);
    expect(made.body.link).toContain(`${on.sandbox.url}/bank/`);
    const { data } = (await on.get(`${at}/link-attempts/${made.body.attemptID}`)).body;
    expect(data).toEqual({
      id: made.body.attemptID,
      psuID,
      connectorID,
      createdAt: "2026-07-01T09:00:00Z",
      status: "pending",
      clientRedirectURL: redirectURL,
      error: null,
    });
  });

  test("leads to where browsers reach the bank pages, when that is not where the sandbox listens", async () => {
    await using on = await stage({ origin: "http://bank.example.com:4010" });
    const { at } = await newcomer(on, "powens");
    const { link } = (await on.post(`${at}/create-link`, { body: linkBody })).body;
    expect(link).toMatch(/^http:\/\/bank\.example\.com:4010\/bank\//);
  });

  test("is NOT_FOUND for a PSU that was not forwarded, a PSU or a connector that is not there", async () => {
    await using on = await stage();
    const jun = personNamed(on, "Jun").id;
    const plaid = connectorOf(on, "plaid").id;
    for (const [psu, connector] of [
      [jun, plaid],
      [missingUuid, plaid],
      [jun, on.world.accounts[0]?.id],
    ]) {
      const reply = await on.post(`/payment-service-users/${psu}/connectors/${connector}/create-link`, {
        body: linkBody,
      });
      expect([reply.status, reply.body.errorCode]).toEqual([404, "NOT_FOUND"]);
    }
  });

  test.each([
    ["no URL", {}],
    ["an empty URL", { clientRedirectURL: "" }],
    ["a relative URL", { clientRedirectURL: "/back" }],
    ["a URL without a host", { clientRedirectURL: "https://" }],
  ])("is refused with VALIDATION for %s", async (_case, body) => {
    await using on = await stage();
    const { at } = await newcomer(on, "powens");
    const reply = await on.post(`${at}/create-link`, { body });
    expect([
      reply.status,
      reply.body.errorCode,
      on.world.attempts.some((row) => row.createdAt === on.world.now()),
    ]).toEqual([400, "VALIDATION", false]);
  });

  test("takes any URL with a scheme, even one that runs code", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "powens");
    for (const clientRedirectURL of ["myapp://back", "javascript:alert(1)"]) {
      expect((await on.post(`${at}/create-link`, { body: { clientRedirectURL } })).status).toBe(201);
    }
  });

  test("that the provider refuses leaves a pending attempt behind", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "plaid");
    const reply = await on.post(`${at}/create-link`, { body: { clientRedirectURL: redirectURL } });
    expect([reply.status, reply.body.errorMessage]).toEqual([400, "missing application name: invalid request"]);
    const { data } = (await on.get(`${at}/link-attempts`)).body.cursor;
    expect(data.map((row: { status: string }) => row.status)).toEqual(["pending"]);
  });
});

describe("the Idempotency-Key query parameter", () => {
  test("becomes the attempt's id, and makes one attempt of two calls", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "tink");
    const query = { "Idempotency-Key": key.toUpperCase() };
    const first = await on.post(`${at}/create-link`, { body: linkBody, query });
    const second = await on.post(`${at}/create-link`, { body: linkBody, query });
    expect([first.body.attemptID, second.body.attemptID]).toEqual([key, key]);
    expect((await on.get(`${at}/link-attempts`)).body.cursor.data).toHaveLength(1);
    await expect(visitBank(first.body.link, { decision: "consent" })).rejects.toThrow("404");
    await expect(visitBank(second.body.link, { decision: "consent" })).resolves.toEqual({ redirectedTo: redirectURL });
  });

  test("that is no UUID is INVALID_ID; an empty one counts as none, but only for create-link", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "tink");
    const bad = await on.post(`${at}/create-link`, { body: linkBody, query: { "Idempotency-Key": "mine" } });
    expect([bad.status, bad.body.errorCode]).toEqual([400, "INVALID_ID"]);
    expect((await on.post(`${at}/create-link`, { body: linkBody, query: { "Idempotency-Key": "" } })).status).toBe(201);
    const update = await on.post(`${at}/connections/c/update-link`, {
      body: linkBody,
      query: { "Idempotency-Key": "" },
    });
    expect([update.status, update.body.errorCode]).toEqual([400, "INVALID_ID"]);
  });

  test("as a header means nothing", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "tink");
    const made = await on.post(`${at}/create-link`, { body: linkBody, headers: { "Idempotency-Key": key } });
    expect(made.body.attemptID).not.toBe(key);
  });

  test("of another PSU's attempt puts that attempt back to pending, and does not change its owner", async () => {
    await using on = await stage();
    const lena = personNamed(on, "Lena");
    const theirs = on.world.attempts.find((row) => row.psuID === lena.id && row.status === "exited");
    const { at } = await newcomer(on, "tink");
    const body = { clientRedirectURL: "https://evil.example/" };
    const made = await on.post(`${at}/create-link`, { body, query: { "Idempotency-Key": theirs?.id ?? "" } });
    expect(made.status).toBe(201);
    expect(theirs).toMatchObject({
      psuID: lena.id,
      status: "pending",
      error: null,
      clientRedirectURL: "https://app.example.com/banks/linked",
    });
  });

  test("used again after completion: pending again, and a redirect never completes it a second time", async () => {
    await using on = await stage();
    const { at } = await newcomer(on, "tink");
    const query = { "Idempotency-Key": key };
    const statusOf = async () => (await on.get(`${at}/link-attempts/${key}`)).body.data.status;
    const connections = async () => (await on.get(`${at}/connections`)).body.cursor.data.length;
    for (const outcome of ["completed", "pending"]) {
      const { link } = (await on.post(`${at}/create-link`, { body: linkBody, query })).body;
      expect(await statusOf()).toBe("pending");
      await visitBank(link, { decision: "consent" });
      expect([await statusOf(), await connections()]).toEqual([outcome, 1]);
    }
  });
});

describe("ownership is not checked", () => {
  test("of an attempt: it is read under any PSU and connector that exist", async () => {
    await using on = await stage();
    const attempt = on.world.attempts.find((row) => row.status === "exited");
    const at = `/payment-service-users/${personNamed(on, "Jun").id}/connectors/${connectorOf(on, "plaid").id}/link-attempts`;
    const reply = await on.get(`${at}/${attempt?.id}`);
    expect(reply.body.data).toMatchObject({ psuID: attempt?.psuID, connectorID: attempt?.connectorID });
    expect((await on.get(at)).body.cursor.data).toEqual([]);
    for (const [psu, connector] of [
      [missingUuid, connectorOf(on, "plaid").id],
      [personNamed(on, "Jun").id, attempt?.id],
    ]) {
      const lost = await on.get(`/payment-service-users/${psu}/connectors/${connector}/link-attempts/${attempt?.id}`);
      expect(lost.status).toBeGreaterThanOrEqual(400);
    }
  });

  test("of a connection: any PSU on the connector gets a link that renews it", async () => {
    await using on = await stage();
    const { psuID, at } = await newcomer(on, "tink");
    const broken = on.world.connections.find(
      (row) => row.status === "ERROR" && row.connectorID === connectorOf(on, "tink").id,
    );
    const made = await on.post(`${at}/connections/${broken?.connectionID}/update-link`, { body: linkBody });
    expect(made.status).toBe(201);
    expect(broken?.psuID).not.toBe(psuID);
    expect((await on.post(`${at}/connections/none/update-link`, { body: linkBody })).status).toBe(404);
  });
});

test("attempts of every status are listed newest first, with the keys id and status", async () => {
  await using on = await stage();
  const gabriel = personNamed(on, "Gabriel");
  const at = `/payment-service-users/${gabriel.id}/connectors/${connectorOf(on, "tink").id}/link-attempts`;
  const { data } = (await on.get(at)).body.cursor;
  expect(data.map((row: { status: string }) => row.status)).toEqual(["completed", "pending"]);
  const refused = await on.get(at, { body: { $match: { psu_id: gabriel.id } } });
  expect([refused.status, refused.body.errorCode]).toEqual([400, "VALIDATION"]);
  expect(new Set(on.world.attempts.map((row) => row.status))).toEqual(new Set(["pending", "completed", "exited"]));
});
