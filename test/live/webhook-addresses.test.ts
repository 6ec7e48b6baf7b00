/** Bodies of webhooks are bounded by the sender's address, as the gateway's setting of proxies has it. */
import { connect } from "node:net";
import { expect, it } from "vitest";
import { signWebhook } from "../../src/live/webhook-receiver.ts";
import { until } from "../support/helpers.ts";
import { rawHead } from "../support/live/webhooks.ts";
import { startGatewayCommand } from "../support/process.ts";

const secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const body = '{"data":"test"}';

it.each([
  ["X-Forwarded-For", "1", 2],
  ["the socket", "0", 10],
])(
  "two senders, by %s, hold 8 MiB each of unsigned bodies, and a signed one is accepted",
  async (_name, proxies, cut) => {
    await using gateway = await startGatewayCommand({ FORMANCE_WEBHOOK_SECRETS: secret, TRUSTED_PROXIES: proxies });
    const port = Number(new URL(gateway.url).port);
    const filler = Buffer.alloc(1_048_575, " ");
    const sockets = Array.from({ length: 18 }, (_, at) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {}).resume(); // cut while it writes
      socket.write(rawHead(port, filler.length + 1, "v1,abc", `203.0.113.${1 + (at % 2)}`));
      socket.write(filler);
      return socket;
    });
    async function count(outcome: string): Promise<number> {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return Number(new RegExp(`^gateway_webhooks_total\\{outcome="${outcome}"\\} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
    }
    await until(async () => (await count("busy")) === cut);
    const timestamp = Math.floor(Date.now() / 1000);
    const response = await fetch(`${gateway.url}/webhooks/formance`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-forwarded-for": "203.0.113.1",
        "formance-webhook-id": "signed",
        "formance-webhook-timestamp": String(timestamp),
        "formance-webhook-signature": signWebhook({ id: "signed", timestamp, body, secret }),
      },
      body,
    });
    expect(response.status).toBe(204);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await count("aborted")) > 0);
  },
);
