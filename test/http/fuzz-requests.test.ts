/** Malformed webhooks and GraphQL requests over HTTP against a gateway in production mode. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRandom, type Random } from "../../sandbox/random.ts";
import { eventTypes } from "../../src/live/connection-events.ts";
import { fuzz, type Sent, sendAll } from "../support/fuzz/fuzz.ts";
import { drawOperation } from "../support/fuzz/operations.ts";
import {
  brokenRequest,
  type Draft,
  encoded,
  oddHeaders,
  oddMethod,
  oddTarget,
  toRequest,
} from "../support/fuzz/requests.ts";
import { type FuzzTarget, startFuzzTarget } from "../support/fuzz/target.ts";
import { chance, draw, oddBytes, oddJson, oddObject, oddText, toObject } from "../support/fuzz/values.ts";

const none = Buffer.alloc(0);

/** Some requests for one connection: the last one closes it, and only the last may be broken. */
function drawConnection(random: Random, drawOne: (isLast: boolean) => Sent): readonly Sent[] {
  const count = random.integer(1, 7);
  return Array.from({ length: count }, (_, at) => drawOne(at === count - 1));
}

const closing = (draft: Draft): Draft => ({ ...draft, headers: [...draft.headers, ["connection", "close"]] });

/** The request, in half of the cases with a malformed header, encoding, target or method. */
function oddRequest(random: Random, draft: Draft, isLast: boolean): Draft {
  if (chance(random, 0.5)) return draft;
  return draw(random, [
    () => ({ ...draft, headers: oddHeaders(random, draft.headers) }),
    () => ({ ...draft, headers: oddHeaders(random, draft.headers) }),
    () => encoded(random, draft),
    () => oddTarget(random, draft),
    // The response to a HEAD has no body, so that the start of the next response would not be clear.
    () => (isLast ? oddMethod(random, draft) : encoded(random, draft)),
  ]);
}

describe("10,000 malformed webhooks", () => {
  const envelope = (random: Random, { psuId, connectorId }: FuzzTarget) => ({
    idempotency_key: `"${random.token(8)}"`,
    date: '"2026-08-05T12:00:00Z"',
    app: '"payments"',
    version: '"v3"',
    type: JSON.stringify(random.pick(eventTypes)),
    payload: payload(random, psuId, connectorId),
  });

  function payload(random: Random, psuId: string, connectorId: string): string {
    const members = {
      psuID: `"${psuId}"`,
      connectorID: `"${connectorId}"`,
      connectionID: '"c"',
      at: '"2026-08-05T12:00:00Z"',
      status: '"completed"',
      id: '"eyJSZWZlcmVuY2UiOiJ4In0"',
    };
    return oddObject(random, members);
  }

  function drawBody(random: Random, target: FuzzTarget): Buffer {
    const good = envelope(random, target);
    return draw(random, [
      () => Buffer.from(oddObject(random, good)),
      () => Buffer.from(oddObject(random, good)),
      () => Buffer.from(oddObject(random, { ...good, type: JSON.stringify(`payments.${oddText(random)}`) })),
      () => oddBytes(random, Buffer.from(oddObject(random, good))),
      () => Buffer.from(oddJson(random)),
      () => Buffer.from(`{"type":${good.type},"payload":${oddJson(random)}}`),
      () => Buffer.from(`{"data":"test","type":${oddJson(random)}}`),
      () => Buffer.from(oddText(random)),
    ]);
  }

  const sign = (id: string, timestamp: string, body: Buffer, secret: string) =>
    `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`, "latin1").update(body).digest("base64")}`;

  /** A signature that is right for the body, or wrong in one way. */
  function drawSignature(random: Random, body: Buffer, { secret }: FuzzTarget) {
    const id = random.uuid();
    const timestamp = String(Math.floor(Date.now() / 1000));
    const good = { id, timestamp, signature: sign(id, timestamp, body, secret) };
    if (chance(random, 0.5)) return { ...good, isRefused: false };
    const bad = draw(random, [
      () => ({ ...good, id: random.pick(["", ".", "a.b", "x".repeat(129), "\u00e9", "../x", "__proto__ ", "a b"]) }),
      () => {
        const stamp = random.pick(["", "-1", "1.5", "x", "9".repeat(13), "9".repeat(400), "0x10", "1e9", " ", "+1"]);
        return { ...good, timestamp: stamp, signature: sign(id, stamp, body, secret) };
      },
      () => {
        const stamp = random.pick(["0", "1", "999999999999", String(Number(timestamp) - 400), "000000000001"]);
        return { ...good, timestamp: stamp, signature: sign(id, stamp, body, secret) };
      },
      () => ({ ...good, signature: sign(id, timestamp, Buffer.concat([body, Buffer.from(" ")]), secret) }),
      () => ({ ...good, signature: sign(id, timestamp, body, `${secret} `) }),
      () => ({ ...good, signature: good.signature.replace("v1", random.pick(["v0", "v2", "V1", "", "v1,v2"])) }),
      () => ({ ...good, signature: good.signature.slice(0, random.integer(0, 40)) }),
      () => ({ ...good, signature: Array.from({ length: random.integer(2, 300) }, () => "v1,AAAA").join(" ") }),
      () => ({
        ...good,
        signature: random.pick(["", " ", ",", "v1,", "v1", "\u00ff".repeat(50), "v1,=", "x".repeat(9000)]),
      }),
    ]);
    return { ...bad, isRefused: true };
  }

  function drawDelivery(random: Random, target: FuzzTarget, isLast: boolean): Sent {
    const isHuge = isLast && chance(random, 0.01);
    const body = isHuge ? Buffer.alloc(random.integer(1, 3) * 600_000, 32) : drawBody(random, target);
    const { id, timestamp, signature, isRefused } = drawSignature(random, body, target);
    const draft: Draft = {
      method: "POST",
      target: "/webhooks/formance",
      headers: [
        ["content-type", "application/json"],
        ["formance-webhook-id", id],
        ["formance-webhook-timestamp", timestamp],
        ["formance-webhook-signature", signature],
        ["formance-webhook-test", chance(random, 0.1) ? random.pick(["true", "TRUE", "1", "\u00ff"]) : "false"],
      ],
      body,
    };
    if (isLast && chance(random, 0.4)) return { bytes: brokenRequest(random, draft), waits: true };
    const odd = oddRequest(random, draft, isLast);
    const isElsewhere = odd.target !== draft.target || odd.method !== draft.method;
    const bytes = toRequest(isLast ? closing(odd) : odd);
    return { bytes, waits: false, isRefused: isRefused && !isElsewhere };
  }

  it("are refused one by one, without a forged one accepted, a 5xx or growing memory", async () => {
    await using target = await startFuzzTarget();
    const answers = await fuzz(target, 10_000, (random) =>
      sendAll(
        target.port,
        drawConnection(random, (isLast) => drawDelivery(random, target, isLast)),
      ),
    );
    for (const status of [204, 400, 401, 404, 405, 408, 413, 415, 431]) expect(answers.get(status)).toBeGreaterThan(0);
    expect([...answers.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(6000);
  }, 60_000);
});

describe("10,000 malformed GraphQL requests", () => {
  function drawContent(random: Random, target: FuzzTarget): Buffer {
    const good = drawOperation(random, target);
    return draw(random, [
      () => Buffer.from(toObject(good)),
      () => Buffer.from(toObject(good)),
      () => Buffer.from(oddObject(random, good)),
      () =>
        Buffer.from(oddObject(random, { ...good, extensions: '{"operationId":"1","persistedQuery":{"version":1}}' })),
      () => oddBytes(random, Buffer.from(oddObject(random, good))),
      () => Buffer.from(oddJson(random)),
      () => Buffer.from(`[${oddJson(random)},${oddObject(random, good)}]`),
      () => Buffer.from(oddText(random)),
    ]);
  }

  /** A GET with a malformed query string. */
  function drawTarget(random: Random, target: FuzzTarget): string {
    const good = drawOperation(random, target);
    const pairs = Object.entries(good).map(([name, json]): [string, string] => {
      const value = json.startsWith('"') ? String(JSON.parse(json)) : json;
      return [name, chance(random, 0.4) ? draw(random, [() => oddJson(random), () => oddText(random)]) : value];
    });
    if (chance(random, 0.3)) pairs.push([random.pick(["query", "variables", "extensions", "token"]), oddJson(random)]);
    const text = new URLSearchParams(pairs.map(([name, value]) => [name, value.slice(0, 2000)])).toString();
    return `/graphql?${chance(random, 0.2) ? text.replaceAll("%", random.pick(["%%", "%u", "%f"])) : text}`;
  }

  /** A method that GraphQL over HTTP does not use. */
  function drawOddMethod(random: Random, target: FuzzTarget): Draft {
    const method = random.pick(["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]);
    return { method, target: drawTarget(random, target), headers: [], body: none };
  }

  function drawRequest(random: Random, target: FuzzTarget, isLast: boolean): Sent {
    const kind = random.float();
    const bare: Draft =
      kind < 0.65
        ? { method: "POST", target: "/graphql", headers: [], body: drawContent(random, target) }
        : kind < 0.8
          ? { method: "GET", target: drawTarget(random, target), headers: [], body: none }
          : drawOddMethod(random, target);
    const draft: Draft = {
      ...bare,
      headers: [
        ["content-type", "application/json"],
        [
          "accept",
          random.pick(chance(random, 0.9) ? ["application/json", "*/*"] : ["text/html", "x", "multipart/mixed"]),
        ],
        ["authorization", `Bearer ${chance(random, 0.02) ? target.expiredToken : target.token}`],
        ...bare.headers,
      ],
    };
    if (isLast && chance(random, 0.3)) return { bytes: brokenRequest(random, draft), waits: true };
    if (isLast && chance(random, 0.15)) {
      // An event stream stays open.
      const headers = [
        ...draft.headers.filter(([name]) => name !== "accept"),
        ["accept", "text/event-stream"] as const,
      ];
      return { bytes: toRequest({ ...draft, headers }), waits: true };
    }
    const odd = oddRequest(random, draft, isLast);
    return { bytes: toRequest(isLast ? closing(odd) : odd), waits: isLast && odd.method !== "POST" };
  }

  it("are answered one by one, without a fault, internals in a response or growing memory", async () => {
    await using target = await startFuzzTarget();
    const answers = await fuzz(target, 10_000, (random) =>
      sendAll(
        target.port,
        drawConnection(random, (isLast) => drawRequest(random, target, isLast)),
      ),
    );
    for (const status of [200, 400, 401, 404, 405, 413, 415, 431]) {
      expect(answers.get(status), `${status}`).toBeGreaterThan(0);
    }
    expect([...answers.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(6000);
  }, 60_000);

  it("leave nothing in memory when they are documents with a hundred errors each", async () => {
    await using target = await startFuzzTarget();
    const random = createRandom(target.seed);
    const send = async () => {
      const query = `{ ${Array.from({ length: 100 }, () => random.token(5)).join(" ")} }`;
      const answer = await fetch(`${target.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${target.token}` },
        body: JSON.stringify({ query }),
      });
      expect(await answer.text()).toContain("BAD_USER_INPUT");
    };
    const sendMany = (count: number) => Promise.all(Array.from({ length: count }, send));
    await sendMany(50);
    const before = await target.heldBytes();
    for (let round = 0; round < 6; round += 1) await sendMany(50);
    expect((await target.heldBytes()) - before).toBeLessThan(20e6); // it would be 100 MB if they were kept
  }, 60_000);
});
