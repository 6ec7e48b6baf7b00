/** Checks whether the stack sends its events to the gateway, and creates the webhook for it. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { toCommandLine } from "../config/own-package.ts";
import { eventTypes } from "../live/connection-events.ts";
import { signWebhook, webhookPath } from "../live/webhook-receiver.ts";
import { tokenResponse } from "../upstream/wire-types.ts";
import { mendConnection, mendResponse, type Question } from "./advice.ts";
import { type Finding, type Findings, failed, ok, warning } from "./finding.ts";
import { describeResponse, type HttpResponse, joinUrl, parseBody, type Send } from "./http-client.ts";
import { mendToken, requestToken, type Stack } from "./stack.ts";

/** The stack's Webhooks module. Source: its published OpenAPI document and handlers (formancehq/webhooks, 2026-08). */
const configsPath = "/api/webhooks/configs";

const webhookConfig = z.object({
  id: z.string(),
  endpoint: z.string(),
  secret: z.string(),
  eventTypes: z.array(z.string()),
  active: z.boolean(),
});
type WebhookConfig = z.output<typeof webhookConfig>;
const list = z.object({ cursor: z.object({ data: z.nullish(z.array(webhookConfig)) }) });
const created = z.object({ data: webhookConfig });
const attempt = z.object({ data: z.object({ statusCode: z.number() }) });

export type WebhookCheck = {
  readonly stack: Stack;
  readonly live: Config["live"];
  /** Where the stack reaches the gateway; `null`: wherever its webhooks lead to a gateway's path. */
  readonly gateway: URL | null;
};

/** Whether the stack sends the events that the gateway reads, to the gateway, signed with a secret that it knows. */
export async function* checkWebhooks({ stack, live, gateway }: WebhookCheck, send: Send): Findings {
  const secrets = live.webhookSecrets;
  const { headers, refusal } = await authorize(stack, send, "webhooks:read");
  const response = headers === null ? refusal : await send(joinUrl(stack.url, configsPath), { headers });
  const page = headers !== null && response.status === 200 ? parseBody(response, list) : null;
  if (headers === null || page === null) {
    if (secrets === null) {
      if (live.nats === null) yield noEventSource;
      return;
    }
    const question = headers === null ? "the request for a token with webhooks:read" : "the question";
    const mend = headers === null ? mendToken(response, "webhooks:read") : mendResponse(response, reading);
    yield warning(
      "webhook",
      `the stack's webhooks cannot be read: ${describeResponse(response)} to ${question}`,
      `${mend} Or with --gateway https://<gateway> the rest is checked from here.`,
    );
    if (gateway !== null) yield await sendTestEvent(toEndpoint(gateway), secrets[0], send);
    return;
  }
  const configs = page.cursor.data ?? [];
  const leadsHere = (one: WebhookConfig) =>
    gateway === null ? isGateway(one.endpoint) : one.endpoint === toEndpoint(gateway);
  const ours = configs.filter(leadsHere);
  if (ours.length === 0 && secrets === null && live.nats === null) yield noEventSource;
  if (ours.length === 0 && secrets !== null) {
    const wanted = gateway === null ? webhookPath : toShown(toEndpoint(gateway));
    yield failed(
      "webhook",
      `none of the stack's webhooks (${configs.length}) leads to ${wanted}`,
      `${createWebhookCommand} makes one.`,
    );
  }
  for (const one of ours) {
    const url = joinUrl(stack.url, `${configsPath}/${encodeURIComponent(one.id)}/test`);
    yield* checkWebhook(one, secrets, () => send(url, { headers }), send);
  }
}

const createWebhookCommand = `\`${toCommandLine("doctor", "--create-webhook https://<gateway>")}\``;
const noEventSource = warning(
  "events",
  "neither webhooks nor the broker are set up: live status comes from polling alone, some seconds later",
  `Set NATS_URL, or FORMANCE_WEBHOOK_SECRETS: ${createWebhookCommand} makes the webhook.`,
);

async function* checkWebhook(
  config: WebhookConfig,
  secrets: Config["live"]["webhookSecrets"],
  test: () => Promise<HttpResponse>,
  send: Send,
): Findings {
  const { endpoint, eventTypes: sent, secret, active } = config;
  const target = toShown(endpoint);
  yield active
    ? ok("webhook", `the stack has one to ${target}, and it is active`)
    : failed(
        "webhook",
        `the one to ${target} is not active: nothing is sent`,
        "PUT /api/webhooks/configs/<id>/activate on the stack.",
      );

  const missing = eventTypes.filter((type) => !sent.includes(type));
  yield missing.length === 0
    ? ok("webhook events", "it sends every type that the gateway reads")
    : failed(
        "webhook events",
        `it does not send ${missing.join(", ")}`,
        "PUT /api/webhooks/configs/<id> on the stack, with endpoint, secret and all eventTypes: a secret left out is replaced.",
      );

  const position = secrets?.indexOf(secret) ?? -1;
  if (secrets === null) {
    yield failed(
      "webhook secret",
      "FORMANCE_WEBHOOK_SECRETS is not set: the gateway takes no webhooks",
      "Set it to the webhook's secret.",
    );
  } else if (position < 0) {
    yield failed(
      "webhook secret",
      "the webhook's secret is none of FORMANCE_WEBHOOK_SECRETS: what the stack sends is refused, and lost",
      "Put the webhook's secret in front there.",
    );
  } else {
    yield ok(
      "webhook secret",
      position === 0
        ? "it is the first of FORMANCE_WEBHOOK_SECRETS"
        : `it is number ${position + 1} of FORMANCE_WEBHOOK_SECRETS, a former one`,
    );
  }

  // The stack itself sends a signed test event, which the gateway accepts and publishes nowhere.
  const tested = await test();
  const delivered = tested.status === 200 ? parseBody(tested, attempt) : null;
  if (delivered === null) {
    yield warning(
      "webhook delivery",
      `whether the stack reaches it is not known: ${describeResponse(tested)} to the request for a test event`,
      mendResponse(tested, reading),
    );
  } else yield* checkDelivery(delivered.data.statusCode, config, send);
  if (endpoint.startsWith("http:") && !isLocal(endpoint)) {
    yield warning(
      "webhook endpoint",
      "it is http: what it tells of users goes over the network in the open",
      "Use https.",
    );
  }
}

/** What the gateway answered to the stack's test event: 0 where the stack did not reach it. */
async function* checkDelivery(status: number, { endpoint, secret }: WebhookConfig, send: Send): Findings {
  if (status >= 200 && status < 300) {
    yield ok("webhook delivery", "the stack has reached it with a signed test event, which was taken");
  } else if (status > 0) {
    yield failed("webhook delivery", `the stack's test event was answered ${status}`, mendDelivery(status));
  } else {
    const here = await sendTestEvent(endpoint, secret, send);
    const seen =
      here.status === "ok"
        ? "it can be reached from here, but not from the stack"
        : "neither the stack nor this machine reaches it";
    yield failed(
      "webhook delivery",
      seen,
      "The stack must be able to reach the gateway: look at its public name, its port, its certificate and firewalls.",
    );
  }
}

/** A signed test event from this machine: what can be said without the stack. */
async function sendTestEvent(endpoint: string, secret: string, send: Send): Promise<Finding> {
  const id = randomUUID();
  const timestamp = Math.floor(Date.now() / 1000);
  const body = '{"data":"test"}';
  const response = await send(endpoint, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "formance-webhook-id": id,
      "formance-webhook-timestamp": String(timestamp),
      "formance-webhook-signature": signWebhook({ id, timestamp, body, secret }),
      "formance-webhook-test": "true",
    },
  });
  if (response.status >= 200 && response.status < 300) {
    return ok(
      "webhook delivery",
      "the gateway has taken a signed test event from this machine; whether the stack reaches it is not known",
    );
  }
  return failed(
    "webhook delivery",
    `${describeResponse(response)} to a signed test event from this machine`,
    response.status === 0
      ? mendConnection(response.code ?? "unknown", "the gateway's public URL")
      : mendDelivery(response.status),
  );
}

function mendDelivery(status: number): string {
  switch (status) {
    case 401:
      return "The gateway that runs there has other secrets: set FORMANCE_WEBHOOK_SECRETS there and start it anew.";
    case 404:
      return "Either it is no gateway, or one that was started without FORMANCE_WEBHOOK_SECRETS.";
    case 408:
      return "The gateway's clock and the stack's are more than five minutes apart.";
    case 502:
    case 503:
    case 504:
      return "Look whether the gateway is up and ready, and whether the proxy before it reaches it.";
    default:
      return "Look at what stands between the stack and the gateway, and at the gateway's log.";
  }
}

const webhooksModule = {
  who: "the stack's Webhooks module",
  address: "FORMANCE_API_URL",
  absent: "Enable the stack's Webhooks module, or use NATS_URL.",
};
const reading: Question = {
  ...webhooksModule,
  refused: "Give the client webhooks:read on the stack, for this check alone; the gateway does not need it.",
};
const writing: Question = { ...webhooksModule, refused: "Give the client webhooks:write on the stack." };

/**
 * Has the stack send to this gateway from now on. The finding has the secret to set. The stack takes any number of webhooks
 * to one endpoint and would send to each, so a second is refused here.
 */
export async function createWebhook(stack: Stack, gateway: URL, send: Send): Promise<Finding> {
  const about = "webhook";
  const endpoint = toEndpoint(gateway);
  const scopes = "webhooks:read webhooks:write";
  const { headers, refusal } = await authorize(stack, send, scopes);
  if (headers === null) {
    const what = `${describeResponse(refusal)} to the request for a token with webhooks:write`;
    return failed(about, what, mendToken(refusal, scopes));
  }
  const url = joinUrl(stack.url, configsPath);
  const listed = await send(url, { headers });
  const page = listed.status === 200 ? parseBody(listed, list) : null;
  if (page === null) {
    return failed(
      about,
      `${describeResponse(listed)} to the question for the stack's webhooks`,
      mendResponse(listed, writing),
    );
  }
  if (page.cursor.data?.some((one) => one.endpoint === endpoint)) {
    return failed(
      about,
      `the stack has one to ${toShown(endpoint)} already`,
      `\`${toCommandLine("doctor")}\` says what it lacks. Its secret can be changed on the stack.`,
    );
  }
  const request = { method: "POST", headers: { ...headers, "content-type": "application/json" } } as const;
  const response = await send(url, { ...request, body: JSON.stringify({ endpoint, eventTypes }) });
  const made = response.status === 200 ? parseBody(response, created) : null;
  if (made === null)
    return failed(about, `${describeResponse(response)} to the request for a webhook`, mendResponse(response, writing));
  return {
    ...ok(about, `the stack now sends the events that the gateway reads to ${toShown(endpoint)}`),
    secret: made.data.secret,
  };
}

type Authorization =
  | { readonly headers: { readonly authorization: string }; readonly refusal: null }
  | { readonly headers: null; readonly refusal: HttpResponse };

/** `refusal`: what came in place of a token. */
async function authorize({ url, credentials }: Stack, send: Send, scope: string): Promise<Authorization> {
  const toHeaders = (token: string) => ({ headers: { authorization: `Bearer ${token}` }, refusal: null });
  if (credentials.kind === "token") return toHeaders(credentials.token);
  const response = await requestToken(url, credentials, send, scope);
  const token = response.status === 200 ? parseBody(response, tokenResponse)?.access_token : undefined;
  return token === undefined ? { headers: null, refusal: response } : toHeaders(token);
}

function toEndpoint(gateway: URL): string {
  return gateway.pathname.endsWith(webhookPath) ? gateway.href : joinUrl(gateway, webhookPath).href;
}

const isGateway = (endpoint: string) => URL.canParse(endpoint) && new URL(endpoint).pathname.endsWith(webhookPath);

/** Without what may be a password. */
function toShown(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname;
}

const isLocal = (endpoint: string) => /^(localhost|127\.|\[::1\])/.test(new URL(endpoint).hostname);
