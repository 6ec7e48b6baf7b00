import { describe, expect, test } from "vitest";
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { linkBody, newcomer, read, redirectURL, type Stage, stage } from "./helpers.ts";

const linkOf = async (on: Stage, provider: string, body: object = linkBody) => {
  const { at, psuID } = await newcomer(on, provider);
  return { at, psuID, ...(await on.post(`${at}/create-link`, { body })).body } as Record<
    "at" | "psuID" | "link" | "attemptID",
    string
  >;
};
const submit = (url: string, body = "") =>
  read(url, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body });

describe("a bank page", () => {
  test("says that it is a sandbox, runs no script, and may not be framed or leak where it was", async () => {
    await using on = await stage();
    const { link } = await linkOf(on, "plaid");
    const page = await read(link);
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.text).toMatch(/<html lang="en">/);
    expect(page.text).toContain("Sandbox.");
    expect(page.text).not.toMatch(/<script| on\w+=| style=/);
    expect(page.headers["referrer-policy"]).toBe("no-referrer");
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    expect(page.headers["cache-control"]).toBe("no-store");
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'; style-src 'sha256-");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https://app.example.com;");
  });

  test("escapes what callers put in", async () => {
    await using on = await stage();
    const { link } = await linkOf(on, "plaid", { ...linkBody, applicationName: `<img src=x onerror="alert('1')">` });
    const { text } = await read(link);
    expect(text).not.toContain("<img");
    expect(text).toContain("&#60;img src=x onerror=&#34;");
  });

  test("lets a redirect URL say nothing but a source in the policy", async () => {
    await using on = await stage();
    for (const [clientRedirectURL, source] of [
      ["myapp://back;default-src*", "myapp:"],
      ["https://app.example.com/;script-src%20*?a='b'", "https://app.example.com"],
      ["https://app.example.com;sandbox", ""],
    ]) {
      const { link } = await linkOf(on, "powens", { clientRedirectURL });
      const page = await read(link);
      expect(String(page.headers["content-security-policy"])).toContain(
        `form-action 'self' ${source}; base-uri 'none'`,
      );
    }
  });

  test("of consent wants a sign-in first, and at least one account", async () => {
    await using on = await stage();
    const { link } = await linkOf(on, "tink");
    const early = await read(`${link}/thistle/accounts`);
    expect([early.status, early.headers["location"]]).toEqual([303, `${new URL(link).pathname}/thistle`]);
    expect((await submit(`${link}/thistle/accounts`, "account=0&next=finish")).status).toBe(303);
    await submit(`${link}/thistle/sign-in`, "user=me&password=any");
    const none = await submit(`${link}/thistle/accounts`, "next=finish");
    expect(none.status).toBe(422);
    expect(none.text).toContain('role="alert"');
    const done = await submit(`${link}/thistle/accounts`, "account=1&next=finish");
    expect([done.status, String(done.headers["location"]).split("?")[0]]).toEqual([
      303,
      expect.stringMatching(/\/redirect$/),
    ]);
  });

  test("has a label for every field", async () => {
    await using on = await stage();
    const { link } = await linkOf(on, "tink");
    const { text } = await read(`${link}/thistle`);
    const fields = [...text.matchAll(/<input id="(\w+)"/g)].map(([, id]) => id);
    expect(fields).toEqual(["user", "password"]);
    for (const id of fields) expect(text).toContain(`<label for="${id}">`);
  });
});

describe("the amounts on a bank's page", () => {
  const amountsOn = (html: string) =>
    [...html.matchAll(/<b>([^<]+)<\/b>.*?<output>([^<]+)<\/output>/gs)].map(([, name = "", amount = ""]) => ({
      name,
      amount: BigInt(amount.replace("−", "-").replace(/[^\d-]/g, "")),
    }));
  const sorted = (rows: readonly { readonly name: string | null; readonly amount: bigint | undefined }[]) =>
    rows.toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
  const storedOf = (on: Stage, accounts: Stage["world"]["accounts"]) =>
    accounts.map(({ id, name }) => ({ name, amount: on.world.balances(id)[0]?.amount }));

  test.each([
    ["plaid", "harbour-vale"],
    ["tink", "nordhavn"],
    ["powens", "lilas"],
  ])("of %s are those that its accounts have afterwards", async (provider, bank) => {
    await using on = await stage();
    const { link, psuID } = await linkOf(on, provider);
    await submit(`${link}/${bank}/sign-in`, "user=me&password=any");
    const { text } = await read(`${link}/${bank}/accounts`);
    const shown = amountsOn(text);
    expect(shown).toHaveLength(3);
    // Of Plaid's cards, what is owed is positive.
    expect([shown.some(({ amount }) => amount < 0n), text.includes(" owed<")]).toEqual(
      provider === "plaid" ? [false, true] : [true, false],
    );
    await visitBank(link, { decision: "consent", bank });
    on.advance(10_000);
    const accounts = on.world.accounts.filter((row) => row.psuID === psuID);
    expect(sorted(storedOf(on, accounts))).toEqual(sorted(shown));
  });

  test("are those of now when a user renews a connection", async () => {
    await using on = await stage();
    const [connection] = on.world.connections.filter(
      ({ status, accountIDs }) => status === "ERROR" && accountIDs.length > 0,
    );
    if (connection === undefined) throw new Error("A connection is needed.");
    const at = `/payment-service-users/${connection.psuID}/connectors/${connection.connectorID}`;
    const made = await on.post(`${at}/connections/${connection.connectionID}/update-link`, { body: linkBody });
    await submit(`${made.body.link}/${connection.bankID}/sign-in`, "user=me&password=any");
    const shown = amountsOn((await read(`${made.body.link}/${connection.bankID}/accounts`)).text);
    const accounts = on.world.accounts.filter(({ id }) => connection.accountIDs.includes(id));
    expect(sorted(shown)).toEqual(sorted(storedOf(on, accounts)));
  });
});

describe("a link that leads nowhere has a page that says why", () => {
  test("404 for an unknown one, and for a bank of another provider", async () => {
    await using on = await stage();
    const { link } = await linkOf(on, "tink");
    for (const url of [`${on.sandbox.url}/bank/link-none`, `${link}/lilas`, `${link}/thistle/vault`]) {
      const page = await read(url);
      expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
      expect(page.text).toMatch(/<h1>This (link|page) does not exist<\/h1>/);
    }
  });

  test("410 for a used one, also while Plaid's attempt is still pending", async () => {
    await using on = await stage();
    for (const provider of ["plaid", "tink"]) {
      const { link } = await linkOf(on, provider);
      await visitBank(link, { decision: "consent" });
      const page = await read(link);
      expect([page.status, page.text]).toEqual([410, expect.stringContaining("This link has been used")]);
    }
  });

  test("410 for one of more than half an hour, whose attempt stays pending", async () => {
    await using on = await stage();
    const { link, at, attemptID } = await linkOf(on, "powens");
    on.advance(31 * 60_000);
    expect((await read(link)).text).toContain("This link has expired");
    expect((await on.get(`${at}/link-attempts/${attemptID}`)).body.data.status).toBe("pending");
  });

  test("404 for one whose user was deleted", async () => {
    await using on = await stage();
    const { link, psuID } = await linkOf(on, "powens");
    await on.remove(`/payment-service-users/${psuID}`);
    on.advance(300);
    expect((await read(link)).status).toBe(404);
  });
});

describe("the stack's redirect URL", () => {
  const finish = async (on: Stage) => {
    const { link, at, attemptID } = await linkOf(on, "tink");
    await submit(`${link}/thistle/sign-in`);
    const sent = await submit(`${link}/thistle/accounts`, "account=0");
    return { at, attemptID, target: `${on.sandbox.url}${sent.headers["location"]}` };
  };

  test("needs no token and answers 307 to the bare client redirect URL", async () => {
    await using on = await stage();
    const { target } = await finish(on);
    const reply = await read(target);
    expect([reply.status, reply.headers["location"]]).toEqual([307, redirectURL]);
    expect(on.sandbox.calls.some((call) => call.path.includes("open-banking"))).toBe(false);
  });

  test("answers 204 when no redirect is wanted", async () => {
    await using on = await stage();
    expect((await read(`${(await finish(on)).target}&noRedirect=true`)).status).toBe(204);
  });

  test("does not complete an attempt with a made-up state", async () => {
    await using on = await stage();
    const { target, at, attemptID } = await finish(on);
    const url = new URL(target);
    const state = Buffer.from(JSON.stringify({ attemptID, randomized: "guess" })).toString("base64url");
    url.searchParams.set("state", state);
    expect((await read(url.href)).status).toBe(307);
    expect((await on.get(`${at}/link-attempts/${attemptID}`)).body.data.status).toBe("pending");
    url.searchParams.delete("state");
    expect((await read(url.href)).status).toBe(500);
  });
});
