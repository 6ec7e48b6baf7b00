/**
 * Mercurius over Fastify, with its JIT and its own loaders, over the same REST helpers as Yoga by hand. No
 * authentication, no limits, no checks of what the stack answers, no metrics, no log.
 */
import Fastify from "fastify";
import mercurius from "mercurius";
import { createContext, isOf, listUsers, signIn, toCurrency, toDecimal } from "./rest.mjs";

const schema = /* GraphQL */ `
  type Query {
    paymentServiceUser(id: ID!): PaymentServiceUser
    paymentServiceUsers(first: Int = 20, filter: PaymentServiceUserFilter): PaymentServiceUserPage!
  }
  input PaymentServiceUserFilter { ids: [ID!] }
  type PaymentServiceUserPage { nodes: [PaymentServiceUser!]! }
  type PaymentServiceUser {
    psuId: String!
    name: String!
    createdAt: String!
    connections: [BankConnection!]!
    accounts: [Account!]!
  }
  type BankConnection {
    connectionId: String!
    status: String!
    error: String
    createdAt: String!
    accounts: [Account!]!
  }
  type Account {
    accountId: String!
    name: String
    type: String!
    defaultAsset: String
    createdAt: String!
    balances: [Balance!]!
  }
  type Balance { amount: Money! createdAt: String! lastUpdatedAt: String! }
  type Money { asset: String! currency: String! amount: String! decimal: String! }
`;

const resolvers = {
  Query: {
    paymentServiceUser: (_root, { id }, { users }) => users.load(id),
    paymentServiceUsers: async (_root, { first, filter }) => ({ nodes: await listUsers(first ?? 20, filter?.ids) }),
  },
  PaymentServiceUser: { psuId: ({ id }) => id },
  BankConnection: { connectionId: ({ connectionID }) => connectionID },
  Account: { accountId: ({ id }) => id },
  Balance: { amount: (row) => row },
  Money: { currency: toCurrency, amount: ({ balance }) => String(balance), decimal: toDecimal },
};

// Its loaders gather the objects of one level; the DataLoaders remember what an operation has read, because two
// connections of a user need the same accounts.
const loaders = {
  PaymentServiceUser: {
    connections: (queries, { connections }) => connections.loadMany(queries.map(({ obj }) => obj.id)),
    accounts: (queries, { accounts }) => accounts.loadMany(queries.map(({ obj }) => obj.id)),
  },
  BankConnection: {
    accounts: (queries, { accounts }) =>
      Promise.all(queries.map(async ({ obj }) => (await accounts.load(obj.psuId)).filter(isOf(obj)))),
  },
  Account: { balances: (queries, { balances }) => balances.loadMany(queries.map(({ obj }) => obj.id)) },
};

await signIn();
const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1, context: createContext });
process.stdout.write(`${JSON.stringify({ url: await app.listen({ port: 0, host: "127.0.0.1" }) })}\n`);
