/**
 * The sandbox with its responses in memory, so that the stack never limits a measurement: each request goes to the sandbox
 * once, and the bytes of its response are kept. It has just enough HTTP for clients that frame their bodies by length and
 * send one request at a time.
 *
 * `node bench/upstream.ts <delay in ms> [<world>]` prints one line of JSON with its address.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { toSizeText, toWorld, usualSize } from "./worlds.ts";

/** How often a call of the sandbox is sent: it may end a kept connection at the moment when the next call is on it. */
const attempts = 3;

/** Listens for calls of the sandbox, and answers from memory, `delayMs` later. Returns its URL. */
export async function answerFromMemory(sandbox: Pick<Sandbox, "url">, delayMs: number) {
  const kept = new Map<string, Buffer>();
  let requests = 0;

  async function callSandbox(url: URL, init: RequestInit, left = attempts - 1): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (left === 0) throw error;
      return callSandbox(url, init, left - 1);
    }
  }

  async function answer(method: string, path: string, headers: Record<string, string>, body: string): Promise<Buffer> {
    const key = `${method} ${path} ${body}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    // `fetch` sends no body with GET; the service takes the same filter as a parameter.
    const url = new URL(path, sandbox.url);
    if (method === "GET" && body !== "") url.searchParams.set("query", body);
    const { authorization, "content-type": type } = headers;
    const response = await callSandbox(url, {
      method,
      headers: { ...(authorization && { authorization }), ...(type && { "content-type": type }) },
      ...(method !== "GET" && body !== "" && { body }),
    });
    const text = Buffer.from(await response.arrayBuffer());
    const head = `HTTP/1.1 ${response.status} OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n`;
    const bytes = Buffer.concat([Buffer.from(head), text]);
    if (response.ok) kept.set(key, bytes);
    return bytes;
  }

  function serve(socket: Socket): void {
    let unread = "";
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", async (chunk) => {
      unread += chunk.toString("latin1");
      for (;;) {
        const end = unread.indexOf("\r\n\r\n");
        if (end === -1) return;
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(unread.slice(0, end))?.[1] ?? 0);
        if (unread.length < end + 4 + length) return;
        const lines = unread.slice(0, end).split("\r\n");
        const body = unread.slice(end + 4, end + 4 + length);
        unread = unread.slice(end + 4 + length);
        const [method = "", path = ""] = (lines[0] ?? "").split(" ");
        if (path === "/requests") {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${String(requests).length}\r\n\r\n${requests}`);
          continue;
        }
        requests += 1;
        const key = `${method} ${path} ${body}`;
        const known = kept.get(key);
        if (known !== undefined && delayMs === 0) {
          socket.write(known);
          continue;
        }
        const headers = Object.fromEntries(
          lines.slice(1).map((line) => {
            const at = line.indexOf(":");
            return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
          }),
        );
        const bytes = known ?? (await answer(method, path, headers, body));
        if (delayMs === 0) socket.write(bytes);
        else setTimeout(() => socket.write(bytes), delayMs);
      }
    });
  }

  const server = createServer(serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => void server.close(),
  };
}

if (import.meta.main) {
  const [delayMs = "0", world = toSizeText(usualSize)] = process.argv.slice(2);
  const sandbox = await startSandbox({ world: toWorld(world), tokenLifetimeS: 36_000 });
  const { url } = await answerFromMemory(sandbox, Number(delayMs));
  const { clientId, clientSecret } = sandbox;
  const psuIds = sandbox.world.people.map(({ id }) => id);
  process.stdout.write(`${JSON.stringify({ url, clientId, clientSecret, psuIds })}\n`);
}
