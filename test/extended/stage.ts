/** A gateway as a program starts it: with the fields of examples/extended, and some that go wrong on purpose. */
import { buildSchema, GraphQLError, graphql } from "graphql";
import {
  type Builder,
  callElsewhere,
  clientError,
  createGateway,
  type Extend,
  free,
  type GatewayOptions,
  PaymentServiceUser,
  perRow,
  psuById,
} from "open-banking-graphql-gateway";
import { createCrm } from "../../examples/extended/crm.ts";
import { type CrmService, startCrmService } from "../../examples/extended/crm-service.ts";
import { extendWithCustomers } from "../../examples/extended/customers.ts";
import { createSessions } from "../../examples/extended/sessions.ts";
import { type SandboxOptions, startSandbox } from "../../sandbox/server.ts";
import { createWorld } from "../../sandbox/world.ts";
import { createLogSink, recordSecret } from "../support/record.ts";

export const crmKey = "the-key-of-the-crm";
export const apiKey = "the-key-of-the-back-office";
/** What other services say, and no caller may read. */
export const secretText = "password is hunter2 for crm.internal";
for (const secret of [crmKey, apiKey, secretText]) recordSecret(secret);

export const crm: CrmService = await startCrmService(crmKey);

/** What a careless resolver does, by name. */
const mistakes: Readonly<Record<string, () => unknown>> = {
  "throws an error": () => {
    throw new Error(secretText);
  },
  "throws what is no error": () => {
    throw secretText;
  },
  "rejects with a GraphQLError of another service": async () => {
    throw new GraphQLError(secretText, { extensions: { code: "FORBIDDEN", debug: secretText } });
  },
  "returns a GraphQLError": () => new GraphQLError(secretText),
  "returns what its type cannot be": () => ({ secretText }),
  "throws what GraphQL says of another document": async () => {
    const { errors } = await graphql({
      schema: buildSchema("type Query { a: Int }"),
      source: `{ a(b: "${secretText}") }`,
    });
    throw errors?.[0];
  },
  "throws an error that another execution has placed": () => {
    throw new GraphQLError(secretText, { path: ["inner", secretText] });
  },
  "throws a GraphQLError in the form of ours": () => {
    throw new GraphQLError(secretText, { extensions: { code: "FORBIDDEN", retryable: false, debug: secretText } });
  },
  "throws an error for clients whose extensions are no JSON": () => {
    throw clientError("CONFLICT", secretText, { amount: 1n });
  },
  "throws an error for clients with a code that there is not": () => {
    throw clientError("SECRET" as never, secretText);
  },
  "throws an error whose stack is no text": () => {
    throw Object.defineProperty(new Error(secretText), "stack", { value: 7 });
  },
};
export const kindsOfMistakes = Object.keys(mistakes);

function addMistakes(builder: Builder): void {
  builder.objectField(PaymentServiceUser, "mistake", (t) =>
    t.int({
      nullable: true,
      extensions: free(),
      args: { kind: t.arg.string({ required: true }) },
      resolve: (_psu, { kind }) => mistakes[kind]?.() as number,
    }),
  );
  builder.objectField(PaymentServiceUser, "scores", (t) =>
    t.intList({ extensions: perRow(3), resolve: () => [1, 2, 3] }),
  );
  builder.queryField("anyUser", (t) =>
    t.field({
      type: PaymentServiceUser,
      nullable: true,
      description: "Shows anybody, which its type's rule must not allow.",
      authScopes: { read: true },
      extensions: perRow(1),
      args: { psuId: t.arg.string({ required: true }) },
      resolve: (_root, { psuId }, context) => context.upstream.paymentServiceUser(psuId),
    }),
  );
  builder.mutationField("touch", (t) =>
    t.field({
      type: PaymentServiceUser,
      nullable: true,
      authScopes: { write: true },
      extensions: perRow(1),
      args: { psuId: t.arg.string({ required: true }) },
      resolve: (_root, { psuId }, context) => psuById.load(context, psuId),
    }),
  );
}

/** A call that heeds no signal, and does not end by itself. */
function addEndless(builder: Builder): void {
  builder.mutationField("endless", (t) =>
    t.boolean({
      authScopes: { write: true },
      extensions: perRow(1),
      resolve: (_root, _args, context) => callElsewhere(context, "endless", () => new Promise<boolean>(() => {})),
    }),
  );
  builder.queryField("endless", (t) =>
    t.boolean({
      nullable: true,
      authScopes: { read: true },
      extensions: perRow(1),
      resolve: () => new Promise<boolean>(() => {}),
    }),
  );
}

/** What a scalar of one's own may write by mistake, by name. */
const odd: Readonly<Record<string, () => unknown>> = {
  "a bigint": () => 1n,
  "a function": () => () => secretText,
  "a circle": () => {
    const circle: unknown[] = [];
    circle.push(circle);
    return circle;
  },
  "what throws when it is written": () => ({
    toJSON() {
      throw new Error(secretText);
    },
  }),
};
export const kindsOfOdd = Object.keys(odd);

const Item = () => ({ text: "item" });

function addOdd(builder: Builder): void {
  const OddScalar = builder.scalarType("Odd" as "JSON", { serialize: (value) => value });
  const item = builder.objectRef<{ text: string }>("Item").implement({
    authScopes: { read: true },
    fields: (t) => ({ text: t.exposeString("text") }),
  });
  for (const [name, type] of [
    ["odd", OddScalar],
    ["oddJson", "JSON"],
  ] as const) {
    builder.queryField(name, (t) =>
      t.field({
        type: type as "JSON",
        nullable: true,
        authScopes: { read: true },
        extensions: free(),
        args: { kind: t.arg.string({ required: true }) },
        resolve: (_root, { kind }) => odd[kind]?.(),
      }),
    );
  }
  builder.queryField("items", (t) =>
    t.field({
      type: [item],
      nullable: true,
      authScopes: { read: true },
      extensions: free({ rows: 3 }),
      args: { count: t.arg.int({ required: true }), late: t.arg.boolean() },
      resolve: (_root, { count, late }) => {
        const items = Array.from({ length: count }, Item);
        return late ? Promise.resolve(items) : items;
      },
    }),
  );
}

const addCustomers = extendWithCustomers(createCrm({ url: crm.url, key: crmKey }));

/** The same for all gateways of a test file: they share one graph. */
export const extend: Extend = (builder) => {
  addCustomers(builder);
  addMistakes(builder);
  addEndless(builder);
  addOdd(builder);
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
};

export const operator = { authorization: `ApiKey ${apiKey}` };

/** With a sandbox in the place of the stack. */
export async function startExtended(
  options: Omit<GatewayOptions, "settings"> & { readonly settings?: Record<string, string> } = {},
  sandboxOptions: SandboxOptions = {},
) {
  await using starting = new AsyncDisposableStack();
  const world = sandboxOptions.world ?? createWorld({ size: { people: 4, connectionsEach: 1, accountsEach: 1 } });
  const sandbox = starting.use(await startSandbox({ ...sandboxOptions, world }));
  const sessions = createSessions({ apiKey });
  const sink = createLogSink("socket");
  const gateway = starting.use(
    await createGateway({
      extend,
      authenticate: sessions.authenticate,
      log: sink,
      ...options,
      settings: {
        PORT: "0",
        FORMANCE_API_URL: sandbox.url,
        FORMANCE_CLIENT_ID: sandbox.clientId,
        FORMANCE_CLIENT_SECRET: sandbox.clientSecret,
        ...options.settings,
      },
    }),
  );
  const url = await gateway.listen();
  const started = starting.move();
  const cookieOf = (psuId: string) => ({ cookie: sessions.open(psuId, 60_000) });
  return {
    url,
    world,
    gateway,
    lines: sink.lines,
    cookieOf,
    /** The lines of operations so far. */
    operations: () =>
      sink.lines
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
        .filter(({ msg }) => msg === "operation"),
    async send(query: string, headers: Record<string, string> = operator, variables: object = {}): Promise<Answer> {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, headers: response.headers, ...((await response.json()) as object) };
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

export const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions["code"]);
