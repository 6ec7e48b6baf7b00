import { describe, expect, it } from "vitest";
import { freePort, isInstalled, startNats, startRedis } from "../support/servers.ts";
import { doctor } from "./helpers.ts";

describe.skipIf(!isInstalled("redis-server"))("the doctor's checks of Redis find", () => {
  it("that it is well, and whether replicas share their cursors", async () => {
    await using redis = await startRedis();
    const REDIS_URL = `redis://127.0.0.1:${redis.port}`;
    const alone = await doctor({ REDIS_URL });
    expect(alone.about("redis")).toMatch(/^ok/);
    expect(alone.about("cursors")).toMatch(/^warning: CURSOR_SECRETS is not set/);
    expect((await doctor({ REDIS_URL, CURSOR_SECRETS: "c".repeat(32) })).about("cursors")).toMatch(/^ok/);
  });

  it("that it is down, and that the password is wrong", async () => {
    const down = await doctor({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(down.about("redis")).toMatch(/^failed: .*\(ECONNREFUSED\)/);
    await using redis = await startRedis({ password: "right-password" });
    const { about } = await doctor({ REDIS_URL: `redis://:wrong-password@127.0.0.1:${redis.port}` });
    expect(about("redis")).toMatch(/^failed: .*\(WRONGPASS\) Look at user, password/);
  });
});

describe.skipIf(!isInstalled("nats-server"))("the doctor's checks of NATS find", () => {
  it("that it is well, down, or wants another password", async () => {
    await using nats = await startNats({ jetStream: true, password: "right-password" });
    const at = (user: string) => doctor({ NATS_URL: `nats://${user}127.0.0.1:${nats.port}`, NATS_SUBJECT: "events" });
    expect((await at("reader:right-password@")).about("nats")).toMatch(/^ok: it lets events be read/);
    expect((await at("reader:wrong-password@")).about("nats")).toMatch(/^failed: .*user, password/);
    const down = await doctor({ NATS_URL: `nats://127.0.0.1:${await freePort()}` });
    expect(down.about("nats")).toMatch(/^failed: .*\(ECONNREFUSED\)/);
  });

  it("which of several servers is down", async () => {
    await using nats = await startNats({ jetStream: true, password: "right-password" });
    const up = `nats://reader:right-password@127.0.0.1:${nats.port}`;
    const away = async () => `127.0.0.1:${await freePort()}`;
    const both = await doctor({ NATS_URL: `${await away()},${up}` });
    expect(both.about("nats").split("\n")).toEqual([
      expect.stringMatching(/^ok: it lets payments be read/),
      expect.stringMatching(/^warning: server 1 of NATS_URL cannot be used \(ECONNREFUSED\)/),
    ]);
    const none = await doctor({ NATS_URL: `${await away()},${await away()}` });
    expect(none.about("nats").split("\n")).toEqual([
      expect.stringMatching(/^failed: server 1 of NATS_URL/),
      expect.stringMatching(/^failed: server 2 of NATS_URL/),
    ]);
  });
});
