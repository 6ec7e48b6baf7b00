/**
 * The stack's Webhooks module: who wants which events, and how each is delivered until it is taken or given up.
 * Everything but the request itself goes by the sandbox's clock.
 */
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { Agent, request } from "undici";
import { z } from "zod";
import { ApiError, internal, invalid, notFound } from "../http/api-error.ts";
import { toJson } from "../http/json.ts";
import { empty, errorResponse, type HttpResponse, json, text } from "../http/response.ts";
import { nowOf } from "../operations/context.ts";
import { type Envelope, eventTypes } from "../store/outbox.ts";
import { type Micros, toTimestamp, zeroTime } from "../time.ts";
import type { World } from "../world.ts";

export type WebhookConfig = {
  readonly id: string;
  readonly endpoint: string;
  readonly secret: string;
  /** Exact names, such as `payments.saved_account`: there is no wildcard. */
  readonly eventTypes: readonly string[];
  readonly active: boolean;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
};

export type WebhookInput = {
  readonly endpoint: string;
  /** Default: a random one. The API takes only the base64 of 24 bytes; here any text will do. */
  readonly secret?: string;
  /** Default: all that the sandbox ever sends. */
  readonly eventTypes?: readonly string[];
};

export type Delivery = {
  /** `formance-webhook-id`: the same for every attempt. */
  readonly id: string;
  readonly configID: string;
  /** As the receiver reads it. */
  readonly eventType: string;
  /** `cancelled`: its configuration was deleted or deactivated first. */
  readonly status: "pending" | "delivering" | "succeeded" | "failed" | "cancelled";
  readonly attempts: number;
  /** Of the last answer; `null` when none came. */
  readonly lastStatus: number | null;
};

export type WebhookRequest = {
  readonly method: string;
  /** Below `/api/webhooks`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly contentType: string | undefined;
};

export type Webhooks = AsyncDisposable & {
  /** Most recently changed first. */
  readonly configs: readonly WebhookConfig[];
  /** Oldest first, the last 10,000. */
  readonly deliveries: readonly Delivery[];
  /** Has events sent from now on, as `POST /api/webhooks/configs` does. */
  insert(input: WebhookInput): WebhookConfig;
  /** What the route wants of a token; `null` for an unknown route. Scopes of payments do not help, as on the stack. */
  scopeOf(method: string, path: string): "webhooks:read" | "webhooks:write" | null;
  respond(request: WebhookRequest): HttpResponse | Promise<HttpResponse>;
};

export type WebhooksOptions = {
  /** From an event to its first attempt. On the stack up to 13 s: the outbox is polled each 10, the worker each 3. */
  readonly delayMs?: number;
  /**
   * After a change of secret, sign with the former one as well. Default true, which any receiver of several signatures
   * must understand; false plays a stack that forgets the former secret at once, as versions of 2026 do.
   */
  readonly signsWithFormerSecret?: boolean;
};

type OwnConfig = { -readonly [Key in keyof WebhookConfig]: WebhookConfig[Key] } & { formerSecret: string | null };
type OwnDelivery = { -readonly [Key in keyof Delivery]: Delivery[Key] } & {
  readonly body: string;
  readonly idempotencyKey: string;
  firstAttemptMs: number | null;
};
type Sent = Pick<OwnDelivery, "id" | "body" | "idempotencyKey"> & { readonly isTest: boolean };
type Outcome = { readonly status: number | null; readonly retryAfterMs: number };

const minute = 60_000;
const hour = 60 * minute;
const timeoutMs = 30_000;
const attemptBound = 15;
const retryWindowMs = 10 * hour;
const bound = 10_000;
const userAgent = "formance-webhooks/v0";

export function createWebhooks(world: Pick<World, "clock" | "onEvent">, options: WebhooksOptions = {}): Webhooks {
  const { clock } = world;
  const { delayMs = 0, signsWithFormerSecret = true } = options;
  const configs: OwnConfig[] = [];
  const deliveries: OwnDelivery[] = [];
  const agent = new Agent({ connections: 50 });
  const listening = world.onEvent(hear);

  function insert(input: WebhookInput): OwnConfig {
    const now = nowOf({ clock });
    const config: OwnConfig = {
      id: randomUUID(),
      endpoint: input.endpoint,
      secret: input.secret ?? newSecret(),
      eventTypes: (input.eventTypes ?? eventTypes.map(toWebhookType)).map((type) => type.toLowerCase()),
      active: true,
      createdAt: now,
      updatedAt: now,
      formerSecret: null,
    };
    configs.unshift(config);
    return config;
  }

  function change(config: OwnConfig, changes: Partial<OwnConfig>): void {
    Object.assign(config, changes, { updatedAt: nowOf({ clock }) });
    configs.splice(configs.indexOf(config), 1);
    configs.unshift(config);
  }

  function cancelPending({ id }: OwnConfig): void {
    for (const delivery of deliveries) {
      if (delivery.configID === id && delivery.status === "pending") delivery.status = "cancelled";
    }
  }

  function hear(event: Envelope): void {
    const eventType = toWebhookType(event.type);
    const body = toJson({ ...event, type: eventType });
    for (const config of configs) {
      if (!config.active || !config.eventTypes.includes(eventType)) continue;
      const delivery: OwnDelivery = {
        id: randomUUID(),
        configID: config.id,
        eventType,
        status: "pending",
        attempts: 0,
        lastStatus: null,
        body,
        idempotencyKey: event.idempotency_key,
        firstAttemptMs: null,
      };
      deliveries.push(delivery);
      if (deliveries.length > bound) deliveries.shift();
      if (delayMs === 0) void attempt(delivery);
      else clock.after(delayMs, () => void attempt(delivery));
    }
  }

  async function attempt(delivery: OwnDelivery): Promise<void> {
    const config = configs.find(({ id }) => id === delivery.configID);
    if (delivery.status !== "pending" || config === undefined) return;
    delivery.status = "delivering";
    // A manual clock leaps: a request that begins within the leap would be old, and out of time, before it is sent.
    await new Promise((resolve) => setImmediate(resolve));
    delivery.firstAttemptMs ??= clock.now().getTime();
    const { status, retryAfterMs } = await post(config, { ...delivery, isTest: false });
    delivery.attempts += 1;
    delivery.lastStatus = status;
    const elapsedMs = clock.now().getTime() - delivery.firstAttemptMs;
    const delayMs = toRetryDelayMs(delivery.attempts, elapsedMs, retryAfterMs);
    if (isSuccess(status)) delivery.status = "succeeded";
    else if (!config.active || !configs.includes(config)) delivery.status = "cancelled";
    else if (isFinal(status) || delayMs === null) delivery.status = "failed";
    else {
      delivery.status = "pending";
      clock.after(delayMs, () => void attempt(delivery));
    }
  }

  /** One request. Redirects are not followed; they count as a failure that may pass. */
  async function post(config: OwnConfig, { id, body, idempotencyKey, isTest }: Sent): Promise<Outcome> {
    const timestamp = Math.floor(clock.now().getTime() / 1000);
    const secrets = [config.secret, ...(signsWithFormerSecret && config.formerSecret ? [config.formerSecret] : [])];
    const timeout = new AbortController();
    clock.after(timeoutMs, () => timeout.abort());
    try {
      const response = await request(config.endpoint, {
        dispatcher: agent,
        method: "POST",
        signal: timeout.signal,
        headersTimeout: 0,
        bodyTimeout: 0,
        headers: {
          "content-type": "application/json",
          "user-agent": userAgent,
          "formance-webhook-id": id,
          "formance-webhook-timestamp": String(timestamp),
          "formance-webhook-signature": secrets.map((secret) => sign(secret, id, timestamp, body)).join(" "),
          "formance-webhook-test": String(isTest),
          "formance-webhook-idempotency-key": idempotencyKey,
        },
        body,
      });
      response.body.dump({ limit: 65_536 }).catch(() => {});
      return {
        status: response.statusCode,
        retryAfterMs: readRetryAfter(response.headers["retry-after"], clock.now().getTime()),
      };
    } catch {
      return { status: null, retryAfterMs: 0 };
    }
  }

  /** The stack's "test this webhook": sent at once, active or not, and only once. */
  async function test(config: OwnConfig): Promise<HttpResponse> {
    const body = '{"data":"test"}';
    const webhookID = randomUUID();
    const { status } = await post(config, { id: webhookID, body, idempotencyKey: "ik", isTest: true });
    const data = {
      id: randomUUID(),
      webhookID,
      createdAt: zeroTime,
      updatedAt: zeroTime,
      config: toWire(config),
      payload: body,
      statusCode: status ?? 0,
      retryAttempt: 0,
      status: isSuccess(status) ? "success" : "failed",
      nextRetryAfter: zeroTime,
    };
    return json(200, { data });
  }

  type Run = (request: WebhookRequest, config: OwnConfig) => HttpResponse | Promise<HttpResponse>;

  const single = (config: OwnConfig): HttpResponse => json(200, { data: toWire(config) });
  const setActive =
    (active: boolean): Run =>
    (_request, config) => {
      if (config.active !== active) change(config, { active });
      if (!active) cancelPending(config);
      return single(config);
    };
  /** By the path with the id left out, then by method. */
  const onOne: Readonly<Record<string, Readonly<Record<string, Run>>>> = {
    "/configs/:id": {
      PUT: replace,
      DELETE(_request, config) {
        configs.splice(configs.indexOf(config), 1);
        cancelPending(config);
        return empty(200);
      },
    },
    "/configs/:id/activate": { PUT: setActive(true) },
    "/configs/:id/deactivate": { PUT: setActive(false) },
    "/configs/:id/secret/change": {
      PUT(call, config) {
        const secret = toSecret(readBody(call, secretBody, true).secret);
        if (secret !== config.secret) change(config, { secret, formerSecret: config.secret });
        return single(config);
      },
    },
    "/configs/:id/test": { GET: (_request, config) => test(config) },
  };

  function list({ query }: WebhookRequest): HttpResponse {
    const wanted = [...query];
    if (wanted.some(([key]) => key !== "id" && key !== "endpoint") || new Set(query.keys()).size < wanted.length) {
      throw invalid("invalid params: only 'id' and 'endpoint' with a valid URL are accepted");
    }
    const data = configs.filter((config) => wanted.every(([key, value]) => config[key as "id"] === value)).map(toWire);
    return json(200, { cursor: { hasMore: false, data } });
  }

  function readInput(call: WebhookRequest): Required<WebhookInput> {
    const input = readBody(call, configBody, false);
    if (input.endpoint === "") throw invalid("invalid config: endpoint should be a valid url");
    const secret = toSecret(input.secret);
    if (input.eventTypes.length === 0 || input.eventTypes.includes("")) {
      throw invalid("invalid config: eventTypes should be filled");
    }
    return { ...input, secret, eventTypes: input.eventTypes.map((type) => type.toLowerCase()) };
  }

  const create = (call: WebhookRequest): HttpResponse => single(insert(readInput(call)));

  /** Replaces all three: a secret that is left out becomes a new one, which nobody is told. Takes any id. */
  function replace(call: WebhookRequest, config: OwnConfig | undefined): HttpResponse {
    const { secret, ...input } = readInput(call);
    if (config !== undefined) Object.assign(config, { ...input, secret, formerSecret: config.secret });
    return empty(200);
  }

  const onAll: Readonly<Record<string, (call: WebhookRequest) => HttpResponse>> = { GET: list, POST: create };

  function find(path: string) {
    if (path === "/configs") return { routes: onAll, id: null };
    const [, id = "", rest = ""] = /^\/configs\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const routes = onOne[`/configs/:id${rest}`];
    return id === "" || routes === undefined ? null : { routes, id };
  }

  return {
    configs,
    deliveries,
    insert,
    scopeOf(method, path) {
      const found = find(path);
      if (found === null || !Object.hasOwn(found.routes, method)) return null;
      return method === "GET" ? "webhooks:read" : "webhooks:write";
    },
    respond(call) {
      const found = find(call.path);
      if (found === null) return text(404, "404 page not found\n");
      const allowed = Object.keys(found.routes);
      if (!allowed.includes(call.method)) return empty(405, { allow: allowed.join(", ") });
      try {
        if (found.id === null) return found.routes[call.method]?.(call) ?? errorResponse(internal());
        const config = configs.find(({ id }) => id === found.id);
        if (found.routes[call.method] === replace) return replace(call, config);
        if (config === undefined) throw notFound("config");
        return found.routes[call.method]?.(call, config) ?? errorResponse(internal());
      } catch (error) {
        return errorResponse(error instanceof ApiError ? error : internal());
      }
    },
    async [Symbol.asyncDispose]() {
      listening[Symbol.dispose]();
      await agent.destroy();
    },
  };
}

const toWebhookType = (type: string): string => `payments.${type.toLowerCase()}`;

const newSecret = (): string => randomBytes(24).toString("base64");

const sign = (secret: string, id: string, timestamp: number, body: string): string =>
  `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`;

const isSuccess = (status: number | null): boolean => status !== null && status >= 200 && status < 300;
const isFinal = (status: number | null): boolean =>
  status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429;

/** How long to wait after so many attempts; `null` when it was the last. */
function toRetryDelayMs(attempts: number, elapsedMs: number, retryAfterMs: number): number | null {
  if (attempts >= attemptBound) return null;
  const delayMs = Math.max(Math.min(minute * 2 ** (attempts - 1), hour), retryAfterMs);
  return elapsedMs + delayMs > retryWindowMs ? null : delayMs;
}

/** Seconds or a date, six hours at most; 0 for anything else. */
function readRetryAfter(header: string | string[] | undefined, nowMs: number): number {
  const value = String(header ?? "").trim();
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return ms > 0 ? Math.min(ms, 6 * hour) : 0;
}

const toWire = (config: WebhookConfig) => ({
  endpoint: config.endpoint,
  secret: config.secret,
  eventTypes: config.eventTypes,
  id: config.id,
  active: config.active,
  name: "",
  createdAt: toTimestamp(config.createdAt),
  updatedAt: toTimestamp(config.updatedAt),
});

const string = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const secretBody = z.strictObject({ secret: string });
const configBody = z.strictObject({
  endpoint: string,
  secret: string,
  eventTypes: z
    .array(z.string())
    .nullish()
    .transform((types) => types ?? []),
});

function toSecret(given: string): string {
  if (given === "") return newSecret();
  if (!/^[\w+/]*={0,2}$/.test(given) || given.length % 4 > 0) throw invalid("secret should be base64 encoded");
  if (!/^[A-Za-z\d+/]{32}$/.test(given)) throw invalid("decoded secret should be of size 24");
  return given;
}

/** Stricter than the service's other bodies: no unknown members, and the content type to the letter. */
function readBody<Body>({ body, contentType }: WebhookRequest, shape: z.ZodType<Body>, mayBeEmpty: boolean): Body {
  if (body.trim() === "") {
    if (!mayBeEmpty) throw invalid("Request body must not be empty");
    return shape.parse({});
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw invalid("Request body contains badly-formed JSON");
  }
  const read = shape.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    if (issue?.code === "unrecognized_keys") {
      throw invalid(`Request body contains unknown field "${issue.keys[0]}"`);
    }
    throw invalid(`Request body contains an invalid value for the "${issue?.path[0]?.toString() ?? ""}" field`);
  }
  if (contentType !== "application/json") throw invalid("Content-Type header should be application/json");
  return read.data;
}
