/** When the public keys of a token issuer are fetched, trusted and dropped. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAuthenticate } from "../../src/auth/authenticate.ts";
import { fairNow } from "../support/fair-clock.ts";
import { startTestGateway, until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";

// Only the date is faked; timers and sockets keep running.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms);
const seconds = 1000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

const refused = { extensions: { code: "UNAUTHENTICATED" } };
const uncheckable = { extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } };

describe("the issuer's keys", () => {
  it("are fetched once for many tokens", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.bearer({ sub: "ops" })));
    await Promise.all(tokens.map((token) => authenticate(token)));
    await authenticate(await issuer.bearer());
    expect(issuer.fetches).toBe(1);
  });

  it("are not used again for a valid token, for a minute and until it expires", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    const token = await issuer.bearer({ sub: "ops", exp: Math.floor(Date.now() / 1000) + 90 });
    const viewer = await authenticate(token);
    expect(await authenticate(token)).toBe(viewer);
    expect(await authenticate(await issuer.bearer({ sub: "other" }))).toMatchObject({ subject: "other" });
    pass(61 * seconds);
    const again = await authenticate(token);
    expect(again).not.toBe(viewer);
    expect(again).toEqual(viewer);
    pass(35 * seconds);
    await expect(authenticate(token)).rejects.toMatchObject(refused);
  });

  it("are fetched again for an unknown key, half a minute after the last fetch", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    await authenticate(await issuer.bearer());
    await issuer.rotate();
    const early = await issuer.bearer();
    for (let times = 0; times < 50; times += 1) await expect(authenticate(early)).rejects.toMatchObject(refused);
    expect(issuer.fetches).toBe(1);
    pass(31 * seconds);
    expect(await authenticate(await issuer.bearer({ sub: "ops" }))).toMatchObject({ subject: "ops" });
    expect(issuer.fetches).toBe(2);
  });

  it("are dropped when the issuer drops them, after ten minutes and the minute of a known token", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    const old = await issuer.bearer({ exp: Math.floor(Date.now() / 1000) + 3600 });
    await authenticate(old);
    await issuer.rotate();
    pass(11 * minutes);
    await authenticate(old);
    await until(async () => issuer.fetches === 2);
    pass(61 * seconds);
    await until(async () =>
      authenticate(old).then(
        () => false,
        (error) => expect(error).toMatchObject(refused) ?? true,
      ),
    );
    expect(issuer.fetches).toBe(3); // the third fetch is for a key that is no longer known
  });

  it("stay trusted for a day while the issuer is down, without a wait", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    await authenticate(await issuer.bearer());
    issuer.state = "silent";
    for (const hour of [1, 5, 12]) {
      pass(hour * hours);
      const startedAt = fairNow();
      await authenticate(await issuer.bearer());
      expect(fairNow() - startedAt).toBeLessThan(1000);
    }
    issuer.state = "failing";
    pass(7 * hours);
    await expect(authenticate(await issuer.bearer())).rejects.toMatchObject(uncheckable);
  });

  it("make requests fail with 503 and retryable when they cannot be fetched", async () => {
    using issuer = await startIssuer();
    issuer.state = "failing";
    await using gateway = await startTestGateway({ authenticate: createAuthenticate(issuer.config) });
    const send = async () =>
      gateway.fetch("/graphql?query={viewer{subject}}", {
        headers: { accept: "application/json", authorization: await issuer.bearer({ sub: "ops" }) },
      });
    const answer = await send();
    expect([answer.status, await answer.json()]).toMatchObject([503, { errors: [uncheckable] }]);
    expect(gateway.lines.join()).not.toContain(issuer.config.kind === "jwt" && "127.0.0.1");

    issuer.state = "up";
    pass(2 * seconds);
    expect(await (await send()).json()).toEqual({ data: { viewer: { subject: "ops" } } });
  });

  it("are not fetched again within a second of a failure", async () => {
    using issuer = await startIssuer();
    issuer.state = "failing";
    const authenticate = createAuthenticate(issuer.config);
    const token = await issuer.bearer();
    for (let times = 0; times < 50; times += 1) await expect(authenticate(token)).rejects.toMatchObject(uncheckable);
    expect(issuer.fetches).toBe(1);
  });

  it("time out after five seconds", async () => {
    using issuer = await startIssuer();
    issuer.state = "silent";
    const startedAt = fairNow();
    const authenticate = createAuthenticate(issuer.config);
    await expect(authenticate(await issuer.bearer())).rejects.toMatchObject(uncheckable);
    expect(fairNow() - startedAt).toBeLessThan(6500);
  });
});
