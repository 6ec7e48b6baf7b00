/** In which encodings the stack may answer. */
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../support/helpers.ts";
import { credentials, granted, startStack, tokenPath } from "./stack.ts";

const user = (name: string) =>
  JSON.stringify({
    cursor: {
      ...{ pageSize: 15, hasMore: false },
      data: [{ id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", name, createdAt: "2026-08-05T12:00:00Z" }],
    },
  });
const name = "José Müller";
const utf8 = Buffer.from(user(name));
const bom = Buffer.from([0xef, 0xbb, 0xbf]);
const query = "{ paymentServiceUsers { nodes { name } } }";

/** What a client gets where the stack answers with these bytes. */
async function answerTo(bytes: Buffer, contentType: string | null, status = 200) {
  await using stack = await startStack((_request, response) => {
    response.writeHead(status, contentType === null ? {} : { "content-type": contentType });
    response.end(bytes);
    return null;
  });
  await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
  const { data, errors } = await gateway.send<{ paymentServiceUsers: { nodes: { name: string }[] } }>(query);
  return errors[0]?.extensions.code ?? data?.paymentServiceUsers.nodes[0]?.name;
}

describe("an answer of the stack", () => {
  it.each([
    ["UTF-8", utf8, "application/json"],
    ["UTF-8 without a type", utf8, null],
    ["UTF-8 that says so", utf8, "application/json; charset=utf-8"],
    ["UTF-8 that says so in capitals and quotes", utf8, 'application/json;Charset="UTF-8"; x=y'],
    ["UTF-8 behind a byte order mark", Buffer.concat([bom, utf8]), "application/json"],
    ["ASCII", Buffer.from(user("Jose")), "application/json; charset=us-ascii"],
  ])("in %s is read", async (_encoding, bytes, contentType) => {
    expect(await answerTo(bytes, contentType)).toBe(bytes.includes(name) ? name : "Jose");
  });

  it.each([
    ["Latin-1", Buffer.from(user(name), "latin1"), "application/json"],
    ["Latin-1 that says UTF-8", Buffer.from(user(name), "latin1"), "application/json; charset=utf-8"],
    ["Latin-1 that says so", Buffer.from(user(name), "latin1"), "application/json; charset=iso-8859-1"],
    ["UTF-8 that says Latin-1", utf8, "application/json; charset=iso-8859-1"],
    ["UTF-16", Buffer.from(user(name), "utf16le"), "application/json; charset=utf-16"],
    ["UTF-16 without a word", Buffer.from(user(name), "utf16le"), "application/json"],
    ["UTF-8 with a character cut in half", Buffer.from(user("a\xc3b"), "latin1"), "application/json"],
    ["overlong UTF-8", Buffer.from(user("a\xc0\xafb"), "latin1"), "application/json"],
    ["UTF-8 of a surrogate", Buffer.from(user("a\xed\xa0\x80b"), "latin1"), "application/json"],
    ["two byte order marks", Buffer.concat([bom, bom, utf8]), "application/json"],
  ])("in %s is UPSTREAM_MALFORMED", async (_encoding, bytes, contentType) => {
    expect(await answerTo(bytes, contentType)).toBe("UPSTREAM_MALFORMED");
  });

  it("of a proxy is what its status says, whatever its encoding", async () => {
    const page = Buffer.from("<h1>Störung</h1>", "latin1");
    expect(await answerTo(page, "text/html; charset=iso-8859-1", 500)).toBe("UPSTREAM_UNAVAILABLE");
    expect(await answerTo(page, "text/html; charset=iso-8859-1", 404)).toBe("UPSTREAM_MALFORMED");
    expect(await answerTo(page, null, 401)).toBe("UPSTREAM_UNAUTHORIZED");
  });

  it("that grants a token is held to the same", async () => {
    await using stack = await startStack(({ path }, response) => {
      if (path !== tokenPath) return { body: user(name) };
      response.writeHead(200).end(Buffer.from(granted("é").body ?? "", "latin1"));
      return null;
    });
    const client = { kind: "client", clientId: "id", clientSecret: "secret" } as const;
    await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials: client } });
    const { errors } = await gateway.send(query);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
    expect(stack.calls).toEqual([]);
  });
});

it("metadata of the stack loses no entry, whatever its name", async () => {
  const text = user(name).replace('"createdAt"', '"metadata":{"__proto__":"x","constructor":"y"},"createdAt"');
  await using stack = await startStack(() => ({ body: text }));
  await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
  const response = await gateway.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ paymentServiceUsers { nodes { metadata } } }" }),
  });
  expect(await response.text()).toContain('{"metadata":{"__proto__":"x","constructor":"y"}}');
});
