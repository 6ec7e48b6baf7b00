import { describe, expect, it } from "vitest";
import { createManualClock } from "../../sandbox/clock.ts";
import { toTaskId } from "../../sandbox/ids.ts";
import { createWorld } from "../../sandbox/world.ts";
import { parseTaskOwner, parseUpstreamId } from "../../src/upstream/upstream-id.ts";
import { firstOf } from "../schema/global-ids.ts";

const psu = "0b6f6d0e-3f43-4d5e-9c55-0a52fb1f5d11";
const encode = (text: string) => Buffer.from(text).toString("base64url");

describe("the owner of a task", () => {
  it("is the PSU of each delete that the service runs", () => {
    const world = createWorld({ clock: createManualClock(), size: { people: 1, connectionsEach: 1, accountsEach: 0 } });
    const { psuID, connectorID, connectionID } = firstOf(world.connections);
    const { deletions } = world;
    expect(parseTaskOwner(deletions.connection(psuID, connectorID, connectionID))).toBe(psuID);
    expect(parseTaskOwner(deletions.fromConnector(psuID, connectorID))).toBe(psuID);
    expect(parseTaskOwner(deletions.person(psuID))).toBe(psuID);
  });

  it.each([
    ["a task that is no delete", "fetch-accounts"],
    ["an id with more behind it", `delete-user-${psu}-again`],
    ["an id without a dash before it", `delete-user${psu}`],
    ["an id in upper case", `delete-user-${psu.toUpperCase()}`],
    ["a part of an id", `delete-user-${psu.slice(9)}`],
    ["nothing", ""],
  ])("is nobody for %s", (_case, reference) => {
    expect(parseTaskOwner(toTaskId(null, reference))).toBeNull();
  });

  it.each([
    ["no base64url", "~"],
    ["padded", `${encode(JSON.stringify({ Reference: `-${psu}` }))}=`],
    ["with other characters between", encode(JSON.stringify({ Reference: `-${psu}` })).replace(/^..../, "$&\n")],
    ["no JSON", encode("{")],
    ["no object", encode("7")],
    ["null", encode("null")],
    ["without a reference", encode(JSON.stringify({ reference: `-${psu}` }))],
    ["with a reference that is no text", encode(JSON.stringify({ Reference: [`-${psu}`] }))],
    ["longer than any id", encode(JSON.stringify({ pad: " ".repeat(4096), Reference: `-${psu}` }))],
  ])("is nobody for what is no id of a task: %s", (_case, taskId) => {
    expect([parseUpstreamId(taskId), parseTaskOwner(taskId)]).toEqual([null, null]);
  });
});
