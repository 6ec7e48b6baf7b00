import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAuthenticate } from "../../src/auth/authenticate.ts";
import { startTestGateway, until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";

// The clock of the wall alone is set; timers and sockets run on.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms);
const seconds = 1000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

const refused = { extensions: { code: "UNAUTHENTICATED" } };
const uncheckable = { extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } };

describe("the issuer's keys", () => {
  it("are asked for once, however many tokens come", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.bearer({ sub: "ops" })));
    await Promise.all(tokens.map(authenticate));
    await authenticate(await issuer.bearer());
    expect(issuer.asked).toBe(1);
  });

  it("are not needed again for a token that held, for a minute and no longer than it lives", async () => {
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

  it("are asked for anew for a token by an unknown key, half a minute after the last time", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    await authenticate(await issuer.bearer());
    await issuer.rotate();
    const early = await issuer.bearer();
    for (let times = 0; times < 50; times += 1) await expect(authenticate(early)).rejects.toMatchObject(refused);
    expect(issuer.asked).toBe(1);
    pass(31 * seconds);
    expect(await authenticate(await issuer.bearer({ sub: "ops" }))).toMatchObject({ subject: "ops" });
    expect(issuer.asked).toBe(2);
  });

  it("that are published no more are trusted no more, ten minutes and the one of a known token later", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    const old = await issuer.bearer({ exp: Math.floor(Date.now() / 1000) + 3600 });
    await authenticate(old);
    await issuer.rotate();
    pass(11 * minutes);
    await authenticate(old);
    await until(async () => issuer.asked === 2);
    pass(61 * seconds);
    await until(async () =>
      authenticate(old).then(
        () => false,
        (error) => expect(error).toMatchObject(refused) ?? true,
      ),
    );
    expect(issuer.asked).toBe(3); // the last time for a key that is not known any more
  });

  it("go on being trusted for a day while the issuer is away, without a wait", async () => {
    using issuer = await startIssuer();
    const authenticate = createAuthenticate(issuer.config);
    await authenticate(await issuer.bearer());
    issuer.mood = "silent";
    for (const hour of [1, 5, 12]) {
      pass(hour * hours);
      const startedAt = performance.now();
      await authenticate(await issuer.bearer());
      expect(performance.now() - startedAt).toBeLessThan(1000);
    }
    issuer.mood = "failing";
    pass(7 * hours);
    await expect(authenticate(await issuer.bearer())).rejects.toMatchObject(uncheckable);
  });

  it("that cannot be had are no fault of the token: 503, to be tried again", async () => {
    using issuer = await startIssuer();
    issuer.mood = "failing";
    await using gateway = await startTestGateway({ authenticate: createAuthenticate(issuer.config) });
    const ask = async () =>
      gateway.fetch("/graphql?query={viewer{subject}}", {
        headers: { accept: "application/json", authorization: await issuer.bearer({ sub: "ops" }) },
      });
    const answer = await ask();
    expect([answer.status, await answer.json()]).toMatchObject([503, { errors: [uncheckable] }]);
    expect(gateway.lines.join()).not.toContain(issuer.config.kind === "jwt" && "127.0.0.1");

    issuer.mood = "well";
    pass(2 * seconds);
    expect(await (await ask()).json()).toEqual({ data: { viewer: { subject: "ops" } } });
  });

  it("are not asked for again within a second of a failure", async () => {
    using issuer = await startIssuer();
    issuer.mood = "failing";
    const authenticate = createAuthenticate(issuer.config);
    const token = await issuer.bearer();
    for (let times = 0; times < 50; times += 1) await expect(authenticate(token)).rejects.toMatchObject(uncheckable);
    expect(issuer.asked).toBe(1);
  });

  it("are waited for no longer than five seconds", async () => {
    using issuer = await startIssuer();
    issuer.mood = "silent";
    const startedAt = performance.now();
    const authenticate = createAuthenticate(issuer.config);
    await expect(authenticate(await issuer.bearer())).rejects.toMatchObject(uncheckable);
    expect(performance.now() - startedAt).toBeLessThan(6500);
  });
});
