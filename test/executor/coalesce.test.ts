/** Equal messages at the same moment are executed once, and no others. */
import { setImmediate } from "node:timers/promises";
import { type ExecutionResult, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { subscribe } from "../../src/executor/execute.ts";
import { toExecution, toSchema } from "./compare.ts";

const query = "subscription { value }";
type CoalesceBy = (message: unknown) => string | null;

/** Streams of one document over one source each, and how often their messages are executed. */
function startStreams(resolve: (message: unknown) => unknown) {
  let executions = 0;
  const schema = toSchema("type Query { a: Int } type Subscription { value: Int }", {
    Subscription: {
      value(message: unknown) {
        executions += 1;
        return resolve(message);
      },
    },
  });
  const field = schema.getSubscriptionType()?.getFields()["value"];
  if (field === undefined) throw new Error("There is no field.");
  async function* source(_root: unknown, _args: unknown, messages: readonly unknown[]) {
    yield* messages;
  }
  field.subscribe = source;
  const execution = toExecution(schema, query);
  return {
    executions: () => executions,
    async open(coalesceBy: CoalesceBy, messages: readonly unknown[], document = execution.document) {
      const stream = await subscribe({ ...execution, document, contextValue: messages, coalesceBy });
      return stream as AsyncIterableIterator<ExecutionResult>;
    },
  };
}

const byMessage: CoalesceBy = (message) => JSON.stringify(message);
const later = async (message: unknown) => {
  await setImmediate();
  return message;
};
const values = (items: readonly IteratorResult<ExecutionResult>[]) => items.map(({ value }) => value.data);

describe("messages of one document", () => {
  it.each([
    ["of one key are executed once", [1, 1, 1], byMessage, 1],
    ["of several keys once each", [1, 2, 1], byMessage, 2],
    ["without a key each alone", [1, 1, 1], () => null, 3],
  ] as const)("%s", async (_title, messages, coalesceBy, expected) => {
    const { open, executions } = startStreams(later);
    const streams = await Promise.all(messages.map((message) => open(coalesceBy, [message])));
    const items = await Promise.all(streams.map((stream) => stream.next()));
    expect(values(items)).toEqual(messages.map((value) => ({ value })));
    expect(executions()).toBe(expected);
  });

  it("are executed again for one that comes later", async () => {
    const { open, executions } = startStreams((message) => message);
    const [first, second] = [await open(byMessage, [1]), await open(byMessage, [1])];
    await first.next();
    await setImmediate();
    await setImmediate();
    await second.next();
    expect(executions()).toBe(2);
  });

  it("of one stream are executed each time", async () => {
    const { open, executions } = startStreams((message) => message);
    const stream = await open(byMessage, [1, 1]);
    await stream.next();
    await setImmediate();
    await setImmediate();
    await stream.next();
    expect(executions()).toBe(2);
  });

  it("with errors are executed for each stream", async () => {
    let count = 0;
    const { open, executions } = startStreams(async (message) => {
      await setImmediate();
      count += 1;
      if (count === 1) throw new Error("of the first alone");
      return message;
    });
    const streams = [await open(byMessage, [1]), await open(byMessage, [1]), await open(byMessage, [1])];
    const items = await Promise.all(streams.map((stream) => stream.next()));
    expect(values(items)).toEqual([{ value: null }, { value: 1 }, { value: 1 }]);
    expect(executions()).toBe(3);
  });
});

it("messages of two documents have nothing in common, whatever their keys are", async () => {
  const { open, executions } = startStreams(later);
  const streams = [await open(byMessage, [1]), await open(byMessage, [1], parse(query))];
  await Promise.all(streams.map((stream) => stream.next()));
  expect(executions()).toBe(2);
});
