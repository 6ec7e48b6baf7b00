/**
 * Yoga by hand: GraphQL Yoga, graphql-js, Pothos, DataLoader and undici's request, as an experienced engineer writes it in
 * a day. No authentication, no limits, no checks of what the stack answers, no metrics, no log.
 */
import { createServer } from "node:http";
import SchemaBuilder from "@pothos/core";
import { createYoga } from "graphql-yoga";
import { createContext, isOf, listUsers, signIn, toCurrency, toDecimal } from "./rest.mjs";

const builder = new SchemaBuilder({ defaultFieldNullability: false });

const Money = builder.objectRef("Money").implement({
  fields: (t) => ({
    asset: t.exposeString("asset"),
    currency: t.string({ resolve: toCurrency }),
    amount: t.string({ resolve: ({ balance }) => String(balance) }),
    decimal: t.string({ resolve: toDecimal }),
  }),
});

const Balance = builder.objectRef("Balance").implement({
  fields: (t) => ({
    amount: t.field({ type: Money, resolve: (row) => row }),
    createdAt: t.exposeString("createdAt"),
    lastUpdatedAt: t.exposeString("lastUpdatedAt"),
  }),
});

const Account = builder.objectRef("Account").implement({
  fields: (t) => ({
    accountId: t.exposeString("id"),
    name: t.exposeString("name", { nullable: true }),
    type: t.exposeString("type"),
    defaultAsset: t.exposeString("defaultAsset", { nullable: true }),
    createdAt: t.exposeString("createdAt"),
    balances: t.field({ type: [Balance], resolve: ({ id }, _args, { balances }) => balances.load(id) }),
  }),
});

const Connection = builder.objectRef("BankConnection").implement({
  fields: (t) => ({
    connectionId: t.exposeString("connectionID"),
    status: t.exposeString("status"),
    error: t.exposeString("error", { nullable: true }),
    createdAt: t.exposeString("createdAt"),
    accounts: t.field({
      type: [Account],
      resolve: async (connection, _args, { accounts }) =>
        (await accounts.load(connection.psuId)).filter(isOf(connection)),
    }),
  }),
});

const User = builder.objectRef("PaymentServiceUser").implement({
  fields: (t) => ({
    psuId: t.exposeString("id"),
    name: t.exposeString("name"),
    createdAt: t.exposeString("createdAt"),
    connections: t.field({ type: [Connection], resolve: ({ id }, _args, { connections }) => connections.load(id) }),
    accounts: t.field({ type: [Account], resolve: ({ id }, _args, { accounts }) => accounts.load(id) }),
  }),
});

const UserPage = builder.objectRef("PaymentServiceUserPage").implement({
  fields: (t) => ({ nodes: t.field({ type: [User], resolve: (rows) => rows }) }),
});

const Filter = builder.inputType("PaymentServiceUserFilter", { fields: (t) => ({ ids: t.idList() }) });

builder.queryType({
  fields: (t) => ({
    paymentServiceUser: t.field({
      type: User,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, { users }) => users.load(String(id)),
    }),
    paymentServiceUsers: t.field({
      type: UserPage,
      args: { first: t.arg.int({ defaultValue: 20 }), filter: t.arg({ type: Filter }) },
      resolve: (_root, { first, filter }) => listUsers(first ?? 20, filter?.ids),
    }),
  }),
});

await signIn();
const yoga = createYoga({
  schema: builder.toSchema(),
  graphqlEndpoint: "/graphql",
  landingPage: false,
  graphiql: false,
  logging: false,
  context: createContext,
});
const server = createServer(yoga).listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
