/** No library: `fetch` for queries and mutations, and for subscriptions as a stream of server-sent events. */
export type Gateway = { readonly url: string; readonly getToken: () => Promise<string> };
export type Message<Data> = { readonly data?: Data | null; readonly errors?: readonly GatewayError[] };
export type GatewayError = {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly retryable: boolean };
};

async function post({ url, getToken }: Gateway, accept: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept, authorization: `Bearer ${await getToken()}` },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
}

/** Somebody else has answered: a proxy, say, whose gateway is away. */
class NoAnswer extends Error {}

/** @throws {NoAnswer} unless the gateway itself has answered. */
async function read<Data>(response: Response): Promise<Message<Data>> {
  const message = await response.json().catch(() => null);
  if (!Array.isArray(message?.errors) && !(response.ok && message?.data !== undefined)) {
    throw new NoAnswer(`HTTP ${response.status} is no answer of the gateway.`);
  }
  return message;
}

export async function ask<Data>(gateway: Gateway, query: string, variables: object = {}): Promise<Message<Data>> {
  return read(await post(gateway, "application/json", { query, variables }));
}

/**
 * What a subscription tells, until it is over or `signal` aborts. A browser's `EventSource` sends no `Authorization`, so
 * the stream is read by hand. When the line breaks or the token ends, it begins anew with a fresh token: a stream of the
 * gateway's begins with how things are, so that nothing is missed.
 */
export async function* subscribe<Data>(
  gateway: Gateway,
  query: string,
  variables: object,
  signal: AbortSignal,
): AsyncGenerator<Message<Data>> {
  let isOpen = false;
  for (let waitMs = 250; !signal.aborted; waitMs = Math.min(waitMs * 2, 10_000)) {
    try {
      const response = await post(gateway, "text/event-stream", { query, variables }, signal);
      for await (const { event, data } of eventsOf(response)) {
        if (event === "complete") return;
        const message = JSON.parse(data) as Message<Data>;
        const failure = message.errors?.[0]?.extensions;
        if (failure?.retryable || (isOpen && failure?.code === "UNAUTHENTICATED")) break;
        yield message;
        isOpen = true;
        waitMs = 250;
      }
    } catch (error) {
      if (signal.aborted) return;
      // A TypeError is what `fetch` throws when the line breaks.
      if (!(error instanceof TypeError || error instanceof NoAnswer)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: string }> {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!isStream || response.body === null) {
    yield { event: "next", data: JSON.stringify(await read(response)) }; // refused before there was a stream
    yield { event: "complete", data: "" };
    return;
  }
  let text = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1] ?? "";
      if (field("event") !== "") yield { event: field("event"), data: field("data") };
    }
  }
}
