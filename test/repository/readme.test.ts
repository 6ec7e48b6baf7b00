import { readFileSync } from "node:fs";
import { parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { visitBank } from "../../sandbox/bank-pages/browser-driver.ts";
import { toSchema } from "../../src/schema/index.ts";
import { startTestGateway, until } from "../support/helpers.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const operations = [...readme.matchAll(/```graphql\n(.*?)```/gs)].map(([, text = ""]) => text);
const named = (name: string) =>
  operations.find((text) => new RegExp(`^(query|mutation|subscription) ${name}\\b`).test(text)) ?? "";

describe("the README", () => {
  it("names only scripts that are there", () => {
    const scripts = [
      ...readme.matchAll(
        /npm (?:run )?(start|test|demo|soak|check|codegen|clients|schema|sandbox|bench|example|doctor)\b/g,
      ),
    ];
    expect(scripts.length).toBeGreaterThan(4);
    for (const [, name = ""] of scripts) expect(Object.keys(manifest.scripts)).toContain(name);
  });

  it("names every dependency with its reason, and no other", () => {
    const [, table = "", development = ""] =
      /^## Dependencies\n(.*)\nFor development: (.*?) Tests of Redis/ms.exec(readme) ?? [];
    const namesOf = (text: string) =>
      [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.replace(/^plugin-/, "@pothos/plugin-")).sort();
    const inTable = [...table.matchAll(/^\| (`[^|]+) \|.*\w.*\|$/gm)].map(([, cell]) => cell).join();
    const { dependencies, optionalDependencies, devDependencies } = manifest;
    expect(namesOf(inTable)).toEqual(Object.keys({ ...dependencies, ...optionalDependencies }).sort());
    const unnamed = ["@graphql-codegen/client-preset", "@types/node"];
    expect([...namesOf(development), ...unnamed].sort()).toEqual(Object.keys(devDependencies).sort());
  });

  it("shows operations that the schema allows", () => {
    const schema = toSchema();
    expect(operations.length).toBe(9);
    for (const text of operations) expect(validate(schema, parse(text))).toEqual([]);
  });

  it("describes a journey that comes true", async () => {
    await using gateway = await startTestGateway();
    const data = async <Data>(name: string, variables: object = {}) => {
      const answer = await gateway.send<Data>(named(name), variables);
      expect(answer.errors).toEqual([]);
      if (answer.data === null) throw new Error(`${name} answered nothing`);
      return answer.data;
    };
    type Node = { id: string };
    type Attempt = { linkAttemptChanged: { status: string } };
    const { connectors } = await data<{ connectors: { nodes: Node[] } }>("Connectors");
    const connectorId = connectors.nodes[0]?.id;
    const created = await data<{ createPaymentServiceUser: { paymentServiceUser: Node } }>("CreateUser");
    const psuId = created.createPaymentServiceUser.paymentServiceUser.id;
    await data("Forward", { psuId, connectorId });
    const { createLink } = await data<{ createLink: { link: string; attempt: Node } }>("CreateLink", {
      psuId,
      connectorId,
    });
    await visitBank(createLink.link, { decision: "consent" });
    await using attempt = gateway.subscribe<Attempt, object>(named("Attempt"), { attemptId: createLink.attempt.id });
    const statuses = (await attempt.all()).map(({ linkAttemptChanged }) => linkAttemptChanged.status);
    expect(statuses.at(-1)).toBe("COMPLETED");
    type Banks = { paymentServiceUser: { connections: { id: string; accounts: { name: string }[] }[] } };
    const connection = await until(async () => {
      const [first] = (await data<Banks>("Banks", { psuId })).paymentServiceUser.connections;
      return first !== undefined && first.accounts.length > 0 && first;
    });
    expect(connection.accounts.map(({ name }) => name)).toContain("Credit card");
    await using banks = gateway.subscribe(named("Connections"), { psuId });
    expect(await banks.first(1)).toMatchObject([{ connectionChanged: { kind: "CURRENT" } }]);
    await data("Repair", { connectionId: connection.id });
    await data("Disconnect", { connectionId: connection.id });
    await until(async () => (await data<Banks>("Banks", { psuId })).paymentServiceUser.connections.length === 0);
  });
});
