import { describe, expect, it } from "vitest";
import { withMaskedNumbers } from "../../src/upstream/account-numbers.ts";
import { UpstreamError } from "../../src/upstream/errors.ts";
import { parseJson, toJson } from "../../src/upstream/exact-json.ts";

const masked = (json: string) => JSON.stringify(toJson(withMaskedNumbers(parseJson(json))));

describe("an account number in a connector's JSON is masked", () => {
  it.each([
    ["a text", '{"accountNumber":"12345678"}', '{"accountNumber":"12***678"}'],
    ["an IBAN", '{"a":{"iban":"GB29NWBK60161331926819"}}', '{"a":{"iban":"GB29**************6819"}}'],
    ["a number", '{"account_number":12345678}', '{"account_number":"12***678"}'],
    ["a number of any size", '{"account_number":12345678901234567890}', '{"account_number":"12***************890"}'],
    ["in a list", '{"iban":["GB29NWBK60161331926819"]}', '{"iban":["GB29**************6819"]}'],
    ["masked already", '{"iban":"GB29**************6819"}', '{"iban":"GB29**************6819"}'],
    [
      "and nothing else",
      '{"id":12345678,"balance":1234567890123.45,"n":null}',
      '{"id":12345678,"balance":1234567890123.45,"n":null}',
    ],
  ])("%s", (_title, json, expected) => {
    expect(masked(json)).toBe(expected);
  });

  it("and JSON that is nested too deep is malformed", () => {
    const depth = 20_000;
    expect(() => masked(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)).toThrow(UpstreamError);
  });
});
