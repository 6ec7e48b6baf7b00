import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Agent, request } from "undici";
import type { Invalidation } from "../../../src/live/connection-events.ts";
import {
  createWebhookReceiver,
  signWebhook,
  type WebhookOutcome,
  type WebhookReceiverOptions,
} from "../../../src/live/webhook-receiver.ts";

export const vector = {
  secret: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
  id: "5d0f2c6c-0000-4000-8000-000000000001",
  timestamp: 1_754_400_000,
  body: '{"idempotency_key":"ik","date":"2026-08-05T12:00:00Z","app":"payments","version":"v3","type":"payments.open_banking_user_link_status","payload":{"psuID":"p","connectorID":"c","status":"completed"}}',
  signature: "v1,/FIJW3vMAiHDNWuWRNKsWXlkP/v4gqBoeyJY3wW/olc=",
};

export const { secret, id, timestamp } = vector;

export const olderSecret = Buffer.alloc(24, 1).toString("base64");

export const strangeSecret = Buffer.alloc(24, 2).toString("base64");

export const psuId = "0b6f6d0e-3f43-4d5e-9c55-0a52fb1f5d11";

export const body = toBody("payments.open_banking_user_link_status", {
  psuID: psuId,
  connectorID: "c",
  status: "completed",
});

export const invalidation: Invalidation = { topics: [`attempts:${psuId}:c`, `connections:${psuId}`], event: null };

export function toBody(type: string, payload: unknown): string {
  return JSON.stringify({ idempotency_key: "ik", date: "now", app: "payments", version: "v3", type, payload });
}

export type Delivery = {
  readonly method?: string;
  readonly id?: string;
  readonly timestamp?: string | number;
  readonly body?: string | Buffer;
  /** Default: the right one. `null`: none. */
  readonly signature?: string | null;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A receiver behind a real server, at the time of the test vector. */
export async function startReceiver(options: Partial<WebhookReceiverOptions> = {}) {
  const published: Invalidation[] = [];
  const outcomes: WebhookOutcome[] = [];
  const receiver = createWebhookReceiver({
    secrets: [secret],
    publish: async (one) => void published.push(one),
    onOutcome: (outcome) => outcomes.push(outcome),
    now: () => timestamp * 1000,
    ...options,
  });
  let received = 0;
  const server = createServer((incoming, response) => {
    received += 1;
    void receiver.receive(incoming, response, String(incoming.headers["x-forwarded-for"] ?? "127.0.0.1"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ connections: 16 });

  async function deliver(delivery: Delivery = {}) {
    const sent = { id, timestamp, body, secret, ...delivery };
    const signed = { ...sent, timestamp: Number(sent.timestamp), body: String(sent.body) };
    const signature = delivery.signature === undefined ? signWebhook(signed) : delivery.signature;
    const response = await request(`http://127.0.0.1:${port}/webhooks/formance`, {
      dispatcher: agent,
      method: (delivery.method ?? "POST") as "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "formance-webhooks/v0",
        "formance-webhook-id": sent.id,
        "formance-webhook-timestamp": String(sent.timestamp),
        "formance-webhook-idempotency-key": "ik",
        "formance-webhook-test": "false",
        ...(signature !== null && { "formance-webhook-signature": signature }),
        ...delivery.headers,
      },
      body: delivery.method === "GET" ? null : sent.body,
    });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }

  return {
    port,
    published,
    outcomes,
    received: () => received,
    deliver,
    async [Symbol.asyncDispose]() {
      await agent.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

export function rawHead(port: number, length: number, signature: string, address = "127.0.0.1"): string {
  return [
    "POST /webhooks/formance HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    `formance-webhook-id: ${id}`,
    `formance-webhook-timestamp: ${timestamp}`,
    `formance-webhook-signature: ${signature}`,
    `content-length: ${length}`,
    `x-forwarded-for: ${address}`,
    "\r\n",
  ].join("\r\n");
}

/** Writes these, and answers what comes back first. */
export function converse(port: number, texts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    for (const text of texts) socket.write(text);
    socket.once("error", reject).once("data", (chunk) => {
      resolve(chunk.toString("latin1"));
      socket.destroy();
    });
  });
}
