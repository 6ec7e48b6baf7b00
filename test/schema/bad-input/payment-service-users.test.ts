import { describe, expect, it } from "vitest";
import { graphql } from "../../graphql/gql.ts";
import { refusal, refused, start } from "./refusals.ts";

const create =
  "mutation ($input: CreatePaymentServiceUserInput!) { createPaymentServiceUser(input: $input) { paymentServiceUser { id } } }";

describe("a new payment service user", () => {
  it.each([
    ["name", "", "input.name"],
    ["name", " \t\n", "input.name"],
    ["name", "n".repeat(1001), "input.name"],
    ["contactDetails", { email: "" }, "input.contactDetails.email"],
    ["contactDetails", { email: "jane" }, "input.contactDetails.email"],
    ["contactDetails", { email: "jane@example" }, "input.contactDetails.email"],
    ["contactDetails", { email: "jane doe@example.com" }, "input.contactDetails.email"],
    ["contactDetails", { email: "o'hara@example.com" }, "input.contactDetails.email"],
    ["contactDetails", { phoneNumber: "" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "call me" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "12" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "-----" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { phoneNumber: "+1 (((800" }, "input.contactDetails.phoneNumber"],
    ["contactDetails", { locale: "" }, "input.contactDetails.locale"],
    ["contactDetails", { locale: "french" }, "input.contactDetails.locale"],
    ["contactDetails", { locale: "xx-XX" }, "input.contactDetails.locale"],
    ["contactDetails", { locale: "-" }, "input.contactDetails.locale"],
    ["address", { country: "" }, "input.address.country"],
    ["address", { country: "France" }, "input.address.country"],
    ["address", { country: "fr" }, "input.address.country"],
    ["address", { country: "XX" }, "input.address.country"],
    ["address", { country: "UK" }, "input.address.country"],
    ["address", { country: "SU" }, "input.address.country"],
    ["address", { country: "YU" }, "input.address.country"],
    ["address", { country: "AN" }, "input.address.country"],
    ["address", { country: "EU" }, "input.address.country"],
    ["address", { country: "ZZ" }, "input.address.country"],
    ["address", { streetNumber: "" }, "input.address.streetNumber"],
    ["address", { streetNumber: "12 b" }, "input.address.streetNumber"],
    ["address", { streetNumber: "12/3" }, "input.address.streetNumber"],
    ["address", { streetNumber: "12é" }, "input.address.streetNumber"],
    ["address", { city: "" }, "input.address.city"],
    ["address", { postalCode: "  " }, "input.address.postalCode"],
    ["metadata", { level: 5 }, "input.metadata.level"],
    ["metadata", { level: null }, "input.metadata.level"],
    ["metadata", { level: true }, "input.metadata.level"],
    ["metadata", { level: { deep: "text" } }, "input.metadata.level"],
    ["metadata", { level: ["text"] }, "input.metadata.level"],
    ["metadata", { fine: "text", level: 5 }, "input.metadata.level"],
    ["metadata", { "": "text" }, "input.metadata"],
    ["metadata", "text", "input.metadata"],
    ["metadata", ["text"], "input.metadata"],
    ["metadata", 5, "input.metadata"],
  ])("is refused with the %s %j, by naming %s", async (name, value, field) => {
    await using gateway = await start();
    expect(await refusal(gateway, create, { input: { name: "Jane Doe", [name]: value } })).toEqual(refused(field));
  });

  it.each([
    ["{ level: 5 }", "input.metadata.level"],
    ["{ level: null }", "input.metadata.level"],
    ["{ level: false }", "input.metadata.level"],
    ['{ level: { deep: "text" } }', "input.metadata.level"],
    ['{ level: ["text"] }', "input.metadata.level"],
    ["{ level: $number }", "input.metadata.level"],
    ['"text"', "input.metadata"],
    ["7", "input.metadata"],
  ])("is refused with the metadata %s in the document", async (metadata, field) => {
    await using gateway = await start();
    const declared = metadata.includes("$number") ? "($number: Int = 5)" : "";
    const document = `mutation ${declared} {
      createPaymentServiceUser(input: { name: "Jane Doe", metadata: ${metadata} }) { paymentServiceUser { id } }
    }`;
    expect(await refusal(gateway, document)).toEqual(refused(field));
  });

  const CreateComplete = graphql(`
    mutation CreateComplete($input: CreatePaymentServiceUserInput!) {
      createPaymentServiceUser(input: $input) {
        paymentServiceUser {
          name
          contactDetails { email phoneNumber locale }
          address { streetName streetNumber city region postalCode country }
          metadata
        }
      }
    }
  `);

  it("is created with everything that it may have, in one write and one read", async () => {
    await using gateway = await start();
    const input = {
      name: "Jane Doe",
      contactDetails: { email: "jane+bank@mail.example.com", phoneNumber: "+33 (1)99-00-1234", locale: "fr-FR" },
      address: {
        streetName: "Rue de la République",
        streetNumber: "48B",
        city: "Lyon",
        region: "Rhône",
        postalCode: "69002",
        country: "FR",
      },
      metadata: { segment: "premium", "with space": "" },
    };
    const calls = await gateway.calls(async () => {
      const { createPaymentServiceUser } = await gateway.run(CreateComplete, { input });
      expect(createPaymentServiceUser.paymentServiceUser).toEqual(input);
    });
    expect(calls.map(({ method, body }) => [method, body])).toEqual([
      ["POST", input],
      ["GET", undefined],
    ]);
  });

  it("may leave out or null all but the name", async () => {
    await using gateway = await start();
    const input = { name: "Jane", contactDetails: { email: null }, address: null, metadata: null };
    const { createPaymentServiceUser } = await gateway.run(CreateComplete, { input });
    expect(createPaymentServiceUser.paymentServiceUser).toEqual({
      name: "Jane",
      contactDetails: null,
      address: null,
      metadata: {},
    });
  });

  it("may have a name of 1000 characters, however many code units each takes", async () => {
    await using gateway = await start();
    const name = "🏦".repeat(1000);
    const { createPaymentServiceUser } = await gateway.run(CreateComplete, { input: { name } });
    expect(createPaymentServiceUser.paymentServiceUser.name).toBe(name);
  });
});
