import { createHmac } from "node:crypto";
import fc from "fast-check";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { createAuthenticate } from "../../../src/auth/authenticate.ts";
import { createTestGateway, psuViewer } from "../../support/helpers.ts";
import { psuGlobalId } from "../global-ids.ts";
import { type Answer, closeStage, expectHarmless, leaksIn, openStage, people, runs } from "./stage.ts";
import { anyText, mutated } from "./texts.ts";

afterAll(closeStage);

describe("any token", () => {
  const issuer = "https://issuer.example.com";
  const audience = "gateway";
  const claims = { iss: issuer, aud: audience };
  const encode = (part: unknown) =>
    Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

  it("that the issuer did not sign is refused", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const stranger = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" };
    const strange = { ...(await exportJWK(stranger.publicKey)), kid: "two", alg: "ES256" };
    const authenticate = createAuthenticate({
      kind: "jwt",
      keys: { kind: "file", set: { keys: [jwk] } },
      ...{ issuer, audience, psuClaim: "psu_id" },
    });
    const { sandbox } = await openStage();
    await using door = createTestGateway(sandbox, { authenticate });
    const [mine, victim] = people;
    const exp = Math.floor(Date.now() / 1000) + 600;
    const sign = (payload: JWTPayload, header: object = {}, key = privateKey) =>
      new SignJWT({ ...claims, exp, ...payload }).setProtectedHeader({ alg: "ES256", kid: "one", ...header }).sign(key);
    const real = await sign({ sub: "me", psu_id: mine?.id ?? "" });
    const others = [
      await sign({ sub: "other", psu_id: victim?.id ?? "" }, {}, stranger.privateKey),
      await sign({ sub: "other", psu_id: victim?.id ?? "" }, { kid: "two" }, stranger.privateKey),
      await sign({ sub: "other", psu_id: victim?.id ?? "" }, { jwk: strange, kid: "two" }, stranger.privateKey),
      await sign({ sub: "other", psu_id: victim?.id ?? "", exp: 1 }),
    ];
    const [header = "", payload = "", signature = ""] = real.split(".");
    const secrets = [await exportSPKI(publicKey), JSON.stringify(jwk), String(jwk.x), ""];
    const wanted = fc.record(
      {
        ...{ iss: fc.constant(issuer), aud: fc.constant(audience), exp: fc.constant(exp), sub: fc.constant("other") },
        psu_id: fc.oneof(fc.constant(victim?.id), fc.jsonValue()),
        scope: fc.constantFrom("payments:read payments:write", ""),
      },
      { requiredKeys: ["iss", "aud", "exp"] },
    );
    const heads = fc.record(
      {
        alg: fc.oneof(
          fc.constantFrom("none", "None", "HS256", "HS512", "ES256", "RS256", "ES256K", ""),
          fc.jsonValue(),
        ),
        kid: fc.oneof(fc.constantFrom("one", "two", "../../dev/null"), fc.jsonValue()),
        ...{
          typ: fc.jsonValue(),
          jwk: fc.constant(strange),
          jku: fc.webUrl(),
          x5c: fc.jsonValue(),
          zip: fc.constant("DEF"),
        },
        ...{ crit: fc.jsonValue(), b64: fc.boolean() },
      },
      { requiredKeys: ["alg"] },
    );
    const forged = fc
      .tuple(heads, wanted, fc.constantFrom(...secrets), fc.nat({ max: 3 }), anyText)
      .map(([head, body, secret, kind, text]) => {
        const signed = `${encode(head)}.${encode(body)}`;
        const hash = head.alg === "HS512" ? "sha512" : "sha256";
        const signatures = [signature, "", encode(text), createHmac(hash, secret).update(signed).digest("base64url")];
        return `${signed}.${signatures[kind]}`;
      });
    const swapped = fc
      .tuple(wanted, fc.constantFrom(header, encode({ alg: "none" })), fc.constantFrom(signature, ""))
      .map(([body, head, end]) => `${head}.${encode(body)}.${end}`);
    const torn = fc.constantFrom(
      ...[`${header}.${payload}.`, `${header}..${signature}`, `.${payload}.${signature}`, `${real}.${signature}`],
      ...[`${header}.${encode("{")}.${signature}`, `${encode("null")}.${payload}.${signature}`, "..", "a.b.c"],
      ...[`${real}=`, `${header}.${payload}.${"A".repeat(100_000)}`, real.repeat(500)],
    );
    const tokens = fc.oneof(
      mutated(fc.constantFrom(real, ...others)),
      forged,
      swapped,
      torn,
      fc.constantFrom(...others),
      anyText,
    );
    const schemes = fc.oneof(
      { weight: 8, arbitrary: fc.constant("Bearer ") },
      { weight: 1, arbitrary: fc.constantFrom("bearer ", "Basic ", "Bearer", "Bearer  ", "", "Bearer Bearer ") },
    );
    const query = `{
      viewer { subject paymentServiceUser { id name } }
      accounts(first: 2) { nodes { id name } }
      paymentServiceUser(id: "${victim?.id}") { id name contactDetails { email } }
    }`;
    const send = async (authorization: string) => {
      const headers = { "content-type": "application/json", accept: "application/json", authorization };
      const response = await door.fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query }) });
      return { ...((await response.json()) as object), status: response.status } as Answer;
    };

    const answer = await send(`Bearer ${real}`);
    expect(answer).toMatchObject({
      data: { viewer: { subject: "me", paymentServiceUser: { id: psuGlobalId(mine?.id ?? "") } } },
    });
    await fc.assert(
      fc.asyncProperty(schemes, tokens, async (scheme, token) => {
        const text = `${scheme}${token}`;
        // As from a WebSocket, whose texts need be no header's.
        const viewer = await authenticate(text).catch((error: { extensions?: { code?: string } }) => {
          expect(error.extensions?.code).toBe("UNAUTHENTICATED");
          return null;
        });
        // Bits that base64 does not use can change: then it is still the viewer's own token.
        if (viewer !== null) expect(viewer).toMatchObject({ subject: "me", psuId: mine?.id });
        // Longer headers are refused by node:http, with 431.
        const isHeader = text.length < 8192 && /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
        if (!isHeader) return;
        const answer = await send(text);
        expectHarmless(answer);
        if (viewer === null) expect([answer.data ?? null, [401, 429].includes(answer.status)]).toEqual([null, true]);
        expect(leaksIn(psuViewer(mine?.id ?? ""), answer, query)).toEqual([]);
      }),
      runs(120),
    );
  });

  it("with odd claims, though signed, makes no PSU an operator or another PSU", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const keys = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" }];
    const authenticate = createAuthenticate({
      kind: "jwt",
      keys: { kind: "file", set: { keys } },
      ...{ issuer, audience, psuClaim: "psu_id" },
    });
    const exp = Math.floor(Date.now() / 1000) + 600;
    const users = fc.constantFrom(...people.map(({ id }) => id));
    const psu = fc.oneof(users, mutated(users), fc.jsonValue());
    const scope = fc.oneof(fc.constantFrom("payments:read", "payments:read payments:write"), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(psu, scope, fc.oneof(fc.string(), fc.jsonValue()), async (psu_id, scope, sub) => {
        const body = { ...claims, exp, psu_id, scope, sub } as JWTPayload;
        const token = await new SignJWT(body).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(privateKey);
        const viewer = await authenticate(`Bearer ${token}`).catch((error: { extensions?: { code?: string } }) => {
          expect(error.extensions?.code).toBe("UNAUTHENTICATED");
          return null;
        });
        if (viewer === null) return;
        expect(viewer.psuId).toBe(String(psu_id).toLowerCase());
        expect(viewer.psuId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        // It distinguishes callers: cursors are bound to it.
        expect(viewer.subject === null || typeof viewer.subject === "string").toBe(true);
      }),
      runs(40),
    );
  });
});
