import { readFileSync } from "node:fs";
import graphql from "@graphql-eslint/eslint-plugin";

/**
 * ESLint reads nothing but `schema.graphql`: Biome lints the code.
 *
 * The rules for Relay know a page by the name `…Connection`. Here a connection is a bank's, and pages are called `…Page`:
 * so the rules read the schema under the names that they know.
 */
const toRelaysNames = (sdl) =>
  sdl.replace(/\bBankConnection\b/g, "ConnectedBank").replace(/\b([A-Z]\w+)Page\b/g, "$1Connection");
const schema = toRelaysNames(readFileSync("schema.graphql", "utf8"));

/** What its name says. */
const obvious =
  "address attempt city connector contactDetails createdAt edges email filter input name node pageInfo paymentServiceUser phoneNumber postalCode reference region status streetName streetNumber updatedAt";
const named = obvious.replaceAll(" ", "|");

export default [
  {
    files: ["schema.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    plugins: { "@graphql-eslint": graphql },
    processor: {
      meta: { name: "relays-names" },
      preprocess: (text) => [toRelaysNames(text)],
      postprocess: ([messages]) => messages,
    },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          ignoredSelectors: [
            `:matches(FieldDefinition, InputValueDefinition)[name.value=/^(${named})$/]`,
            "EnumValueDefinition[name.value=/^(NONE|SUCCEEDED|UNKNOWN)$/]",
          ],
        },
      ],
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }], // the upstream's pages go forwards only
      // An amount has no id; and short lists come whole, without edges.
      "@graphql-eslint/relay-edge-types": ["error", { shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            suffixes: ["Connection", "Edge", "Payload", "Change"],
            types: [
              "Address",
              "Balance",
              "ContactDetails",
              "Counterparty",
              "Money",
              "PageInfo",
              "PaymentCategory",
              "Total",
              "Viewer",
            ],
          },
        },
      ],
      "no-restricted-syntax": [
        "error",
        {
          // Of an adjustment the upstream reads none by its id.
          selector:
            "ObjectTypeDefinition[name.value!=PaymentAdjustment]:has(> FieldDefinition[name.value=id]):not(:has(> NamedType.interfaces[name.value=Node]))",
          message: "What has an id is a Node.",
        },
      ],
      // `accountId` is the upstream's own id of an account, `id` the graph's.
      "@graphql-eslint/no-typename-prefix": "off",
    },
  },
];
