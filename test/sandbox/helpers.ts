import { request } from "undici";
import { createManualClock } from "../../sandbox/clock.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/server.ts";
import { createWorld, type World, type WorldOptions } from "../../sandbox/world.ts";

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the wire holds is what the tests are about.
  readonly body: any;
};

export type CallOptions = {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Stage = AsyncDisposable & {
  readonly sandbox: Sandbox;
  readonly world: World;
  /** Moves the sandbox's clock on. */
  advance(ms: number): void;
  get(path: string, options?: CallOptions): Promise<Reply>;
  post(path: string, options?: CallOptions): Promise<Reply>;
  remove(path: string): Promise<Reply>;
};

export const everyScope = "openid payments:read payments:write";

/** A sandbox whose clock stands still, and an authorized way to call it. */
export async function stage(
  options: Omit<WorldOptions, "clock"> & Pick<SandboxOptions, "tokenLifetimeS" | "origin"> = {},
): Promise<Stage> {
  const { tokenLifetimeS, origin, ...worldOptions } = options;
  const clock = createManualClock();
  const world = createWorld({ ...worldOptions, clock });
  const sandbox = await startSandbox({
    world,
    ...(tokenLifetimeS !== undefined && { tokenLifetimeS }),
    ...(origin !== undefined && { origin }),
  });
  const { access_token: token } = (await grant(sandbox)).body;
  const send = (method: string) => (path: string, options?: CallOptions) => call(sandbox, method, path, token, options);
  return {
    sandbox,
    world,
    advance: clock.advance,
    get: send("GET"),
    post: send("POST"),
    remove: send("DELETE"),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

export async function call(
  sandbox: Sandbox,
  method: string,
  path: string,
  token: string | null,
  options: CallOptions = {},
) {
  const search = options.query === undefined ? "" : `?${new URLSearchParams(options.query)}`;
  return read(`${sandbox.url}/api/payments/v3${path}${search}`, {
    method,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...options.headers },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }),
  });
}

export const grant = (sandbox: Sandbox, scope = everyScope): Promise<Reply> =>
  read(`${sandbox.url}/api/auth/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: sandbox.clientId,
      client_secret: sandbox.clientSecret,
      scope,
    }).toString(),
  });

/** Redirects are not followed. */
export async function read(
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  const { method = "GET", ...rest } = init;
  const response = await request(url, { ...rest, method: method as "GET" });
  const text = await response.body.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.statusCode, headers: response.headers, text, body } as Reply;
}

export function find<Item>(items: Iterable<Item>, matches: (item: Item) => boolean): Item {
  for (const item of items) if (matches(item)) return item;
  throw new Error("Nothing of the world matches.");
}

export const personNamed = ({ world }: Stage, name: string) =>
  find(world.people, (person) => person.name.startsWith(name));
export const connectorOf = ({ world }: Stage, provider: string) =>
  find(world.connectors, (connector) => connector.provider === provider);

export const missingUuid = "00000000-0000-4000-8000-000000000000";

/** A new person who is known to a provider. */
export async function newcomer(
  stage: Stage,
  provider: string,
): Promise<{ psuID: string; connectorID: string; at: string }> {
  const body = { name: "Nora New", contactDetails: { locale: "en_GB" }, address: { country: "GB" } };
  const psuID = (await stage.post("/payment-service-users", { body })).body.data as string;
  const connectorID = connectorOf(stage, provider).id;
  const at = `/payment-service-users/${psuID}/connectors/${connectorID}`;
  await stage.post(`${at}/forward`);
  return { psuID, connectorID, at };
}

export const redirectURL = "https://app.example.com/back?from=bank";
export const linkBody = { applicationName: "Coin & Co", clientRedirectURL: redirectURL };
