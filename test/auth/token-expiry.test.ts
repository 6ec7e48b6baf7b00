/** Streams and sockets end when their token expires. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createAuthenticate } from "../../src/auth/authenticate.ts";
import { onTokenExpiry } from "../../src/auth/token-expiry.ts";
import { createMemoryConsentStore } from "../../src/live/event-bus.ts";
import { graphql } from "../graphql/gql.ts";
import { operator, until } from "../support/helpers.ts";
import { startIssuer } from "../support/issuer.ts";
import { isQuiet, startLiveGateway, transports, webSocket } from "../support/live/clients.ts";
import { connectRawWebSocket } from "../support/live/raw-websocket.ts";

const WatchOwn = graphql(`
  subscription WatchOwn($psuId: ID!) {
    connectionChanged(psuId: $psuId) { kind }
  }
`);

async function stage() {
  const issuer = await startIssuer();
  const gateway = await startLiveGateway({ authenticate: createAuthenticate(issuer.config) });
  const psuId = [...gateway.sandbox.world.people][0]?.id ?? "";
  const ending = new AsyncDisposableStack();
  ending.use(issuer);
  ending.use(gateway);
  return Object.assign(gateway, {
    psuId,
    /** A token that expires in one or two seconds, because the tolerance is five. */
    expiringToken: () => issuer.sign({ psu_id: psuId, exp: Math.floor(Date.now() / 1000) - 3 }),
    token: () => issuer.sign({ psu_id: psuId }),
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  });
}

describe.each(transports)("over $name", ({ connect }) => {
  it("a stream ends when its token expires, and another starts with a new token", async () => {
    await using gateway = await stage();
    const { psuId } = gateway;
    using client = connect(gateway.url, await gateway.expiringToken());
    const stream = client.open(WatchOwn, { psuId });
    expect((await stream.nextData()).connectionChanged.kind).toBe("CURRENT");

    const errorsOf = async () => {
      for (;;) {
        const { errors } = await stream.next();
        if (errors.length > 0) return errors.map(({ extensions }) => extensions);
      }
    };
    if (connect === webSocket.connect) await expect(errorsOf()).rejects.toThrow("4403");
    else {
      expect(await errorsOf()).toEqual([expect.objectContaining({ code: "UNAUTHENTICATED", retryable: false })]);
      await stream.completed();
    }
    await until(() => isQuiet(gateway));

    using renewed = connect(gateway.url, await gateway.token());
    expect((await renewed.open(WatchOwn, { psuId }).nextData()).connectionChanged.kind).toBe("CURRENT");
  });
});

describe("a WebSocket", () => {
  it("is closed with 4403 when its token expires, even with nothing running on it", async () => {
    await using gateway = await stage();
    using socket = await connectRawWebSocket(gateway.url, { answersPings: true });
    const authorization = `Bearer ${await gateway.expiringToken()}`;
    socket.send({ type: "connection_init", payload: { authorization } });
    await socket.next("connection_ack");
    expect(await socket.closed).toBe(4403);
  });

  it("stays open when its token expires in a hundred years", async () => {
    const centuryMs = 100 * 365 * 24 * 3600 * 1000;
    const authenticate = async () => ({ ...operator, expiresAt: Date.now() + centuryMs });
    await using gateway = await startLiveGateway({ authenticate });
    using socket = await connectRawWebSocket(gateway.url, { answersPings: true });
    socket.send({ type: "connection_init" });
    await socket.next("connection_ack");
    socket.send({ id: "1", type: "subscribe", payload: { query: "{ viewer { subject } }" } });
    expect((await socket.next("next")).payload).toEqual({ data: { viewer: { subject: "operator" } } });
  });
});

describe("a clock that is set while streams are open", () => {
  const minute = 60_000;
  beforeAll(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterAll(() => void vi.useRealTimers());

  /** Whether a token that ends in ten minutes has been noticed to end, a minute after the clock was set. */
  function isEndedAfter(setByMs: number, passedMs = minute): boolean {
    let isEnded = false;
    const onExpire = () => {
      isEnded = true;
    };
    using _expiry = onTokenExpiry({ ...operator, expiresAt: Date.now() + 10 * minute }, { onExpire });
    vi.setSystemTime(Date.now() + setByMs);
    vi.advanceTimersByTime(passedMs);
    return isEnded;
  }

  it.each([
    ["20 minutes ahead", 20 * minute, minute, true],
    ["a year ahead", 365 * 24 * 60 * minute, minute, true],
    ["5 minutes ahead", 5 * minute, minute, false],
    ["5 minutes ahead, after another 5", 5 * minute, 5 * minute, true],
    ["5 minutes back", -5 * minute, 11 * minute, false],
    ["5 minutes back, after 15 minutes", -5 * minute, 15 * minute, true],
    ["not at all", 0, 10 * minute, true],
  ])("%s ends a token when it is over by that clock", (_name, setByMs, passedMs, isEnded) => {
    expect(isEndedAfter(setByMs, passedMs)).toBe(isEnded);
  });

  it("20 minutes ahead forgets the end of a consent, too", async () => {
    const store = createMemoryConsentStore();
    const connection = { psuId: "p", connectorId: "c", connectionId: "x" };
    const keptMs = 400 * 24 * 60 * minute;
    await store.keep(connection, new Date(Date.now() - keptMs + 10 * minute).toISOString());
    expect(await store.expiryOf(connection)).not.toBeNull();
    vi.setSystemTime(Date.now() + 20 * minute);
    expect(await store.expiryOf(connection)).toBeNull();
  });
});
