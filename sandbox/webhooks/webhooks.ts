/** The stack's Webhooks module: its API, and the delivery of events. All but the requests goes by the sandbox's clock. */
import { randomUUID } from "node:crypto";
import { invalid, notFound } from "../http/api-error.ts";
import { empty, type HttpResponse, json } from "../http/response.ts";
import { createRouter, type Handler, type PathParams, type RoutedRequest, type Router } from "../http/router.ts";
import { toMicros, zeroTime } from "../time.ts";
import type { World } from "../world.ts";
import { createDeliveries, type Delivery, isSuccess } from "./deliveries.ts";
import { createSender } from "./sender.ts";
import {
  createConfig,
  readConfigBody,
  readSecretBody,
  type StoredConfig,
  toWireConfig,
  type WebhookConfig,
  type WebhookInput,
} from "./webhook-config.ts";

export type WebhookRequest = RoutedRequest & { readonly contentType: string | undefined };

export type Webhooks = AsyncDisposable &
  Pick<Router<WebhookRequest>, "scopeOf" | "respond"> & {
    /** Most recently changed first. */
    readonly configs: readonly WebhookConfig[];
    /** Oldest first, the last 10,000. */
    readonly deliveries: readonly Delivery[];
    /** Has events sent from now on, as `POST /api/webhooks/configs` does. */
    insert(input: WebhookInput): WebhookConfig;
  };

export type WebhooksOptions = {
  /** From an event to its first attempt. On the stack up to 13 s: the outbox is polled each 10, the worker each 3. */
  readonly delayMs?: number;
  /**
   * After a change of secret, sign with the former one as well. Default true, which any receiver of several signatures
   * must understand; false imitates a stack that forgets the former secret at once, as versions of 2026 do.
   */
  readonly signsWithFormerSecret?: boolean;
};

export function createWebhooks(world: Pick<World, "clock" | "onEvent">, options: WebhooksOptions = {}): Webhooks {
  const { clock } = world;
  const { delayMs = 0, signsWithFormerSecret = true } = options;
  const configs: StoredConfig[] = [];
  const sender = createSender(clock, signsWithFormerSecret);
  const deliveries = createDeliveries({ clock, configs, sender, delayMs });
  const subscription = world.onEvent(deliveries.add);
  const now = () => toMicros(clock.now());

  function insert(input: WebhookInput): StoredConfig {
    const config = createConfig(input, now());
    configs.unshift(config);
    return config;
  }

  function remove(config: StoredConfig): void {
    configs.splice(configs.indexOf(config), 1);
  }

  function change(config: StoredConfig, changes: Partial<StoredConfig>): void {
    Object.assign(config, changes, { updatedAt: now() });
    remove(config);
    configs.unshift(config);
  }

  const router = createRouter<WebhookRequest>("webhooks");
  const { on } = router;
  const configOf = (call: PathParams) => configs.find(({ id }) => id === call.param("id"));

  type Run = (config: StoredConfig, call: WebhookRequest) => ReturnType<Handler<WebhookRequest>>;
  const onConfig = (method: string, path: string, run: Run) =>
    on(method, `/configs/:id${path}`, (call) => {
      const config = configOf(call);
      if (config === undefined) throw notFound("config");
      return run(config, call);
    });

  const single = (config: StoredConfig): HttpResponse => json(200, { data: toWireConfig(config) });

  on("GET", "/configs", ({ query }) => {
    const wanted = [...query];
    if (wanted.some(([key]) => key !== "id" && key !== "endpoint") || new Set(query.keys()).size < wanted.length) {
      throw invalid("invalid params: only 'id' and 'endpoint' with a valid URL are accepted");
    }
    const found = configs.filter((config) => wanted.every(([key, value]) => config[key as "id"] === value));
    return json(200, { cursor: { hasMore: false, data: found.map(toWireConfig) } });
  });

  on("POST", "/configs", (call) => single(insert(readConfigBody(call))));

  // Replaces all three: a secret that is left out becomes a new one, which no response shows. Takes any id.
  on("PUT", "/configs/:id", (call) => {
    const input = readConfigBody(call);
    const config = configOf(call);
    if (config !== undefined) Object.assign(config, { ...input, formerSecret: config.secret });
    return empty(200);
  });

  onConfig("DELETE", "", (config) => {
    remove(config);
    deliveries.cancelPending(config);
    return empty(200);
  });

  for (const [path, active] of [
    ["/activate", true],
    ["/deactivate", false],
  ] as const) {
    onConfig("PUT", path, (config) => {
      if (config.active !== active) change(config, { active });
      if (!active) deliveries.cancelPending(config);
      return single(config);
    });
  }

  onConfig("PUT", "/secret/change", (config, call) => {
    const secret = readSecretBody(call);
    if (secret !== config.secret) change(config, { secret, formerSecret: config.secret });
    return single(config);
  });

  // The stack's "test this webhook": sent at once, active or not, and only once.
  onConfig("GET", "/test", async (config) => {
    const body = '{"data":"test"}';
    const webhookID = randomUUID();
    const { status } = await sender.send(config, { id: webhookID, body, idempotencyKey: "ik", isTest: true });
    const data = {
      id: randomUUID(),
      webhookID,
      createdAt: zeroTime,
      updatedAt: zeroTime,
      config: toWireConfig(config),
      payload: body,
      statusCode: status ?? 0,
      retryAttempt: 0,
      status: isSuccess(status) ? "success" : "failed",
      nextRetryAfter: zeroTime,
    };
    return json(200, { data });
  });

  return {
    configs,
    deliveries: deliveries.all,
    insert,
    scopeOf: router.scopeOf,
    respond: router.respond,
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      await sender[Symbol.asyncDispose]();
    },
  };
}
