import { expect, it } from "vitest";
import { startTestGateway } from "../../support/helpers.ts";
import { credentials, page, startStack } from "../stack.ts";

it("successive calls reuse one connection, also those with a filter, which is the body of a GET", async () => {
  await using stack = await startStack(() => page([]));
  await using gateway = await startTestGateway({ upstream: { url: stack.url, credentials } });
  const send = async () => {
    const { errors } = await gateway.send('{ connectors(filter: { name: "x" }) { nodes { id } } }');
    expect(errors).toEqual([]);
  };
  await send();
  await send();
  const before = stack.connections;
  for (let times = 0; times < 10; times += 1) await send();
  expect(stack.calls).toHaveLength(12);
  expect(stack.calls.at(-1)?.body).toBe('{"$match":{"name":"x"}}');
  expect(stack.connections).toBe(before);
});
