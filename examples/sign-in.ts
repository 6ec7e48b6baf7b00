/**
 * Signs users of a real stack in for the example, for development only: it lists them and gives a token for any, without
 * a password. So it answers on loopback alone, and only under names of this machine. To the front end it is what the
 * sandbox's sign-in is.
 */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { DevelopmentIssuer } from "../src/cli/development-issuer.ts";
import type { Stack } from "../src/doctor/stack.ts";
import { createUpstreamClient } from "../src/upstream/client.ts";
import { maxPageSize } from "../src/upstream/pages.ts";

const lifetimeS = 900;
const maxBodyBytes = 1024;
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

type Answer = { readonly status: number; readonly body?: object };

export async function startSignIn(stack: Stack, issuer: DevelopmentIssuer): Promise<AsyncDisposable & { url: string }> {
  const client = createUpstreamClient({
    url: stack.url,
    credentials: stack.credentials,
    timeoutMs: 10_000,
    sockets: 2,
  });

  /** The newest of them. */
  async function listPeople(): Promise<Answer> {
    const { data } = await client.within({}).paymentServiceUsers({ pageSize: maxPageSize });
    const people = data.map(({ id, name, address }) => ({ psuId: id, name, country: address?.country ?? null }));
    return { status: 200, body: { data: people } };
  }

  async function signIn(request: IncomingMessage): Promise<Answer> {
    const psuId = await readPsuId(request);
    if (psuId === null) return { status: 400 };
    const token = await issuer.sign({ sub: psuId, psu_id: psuId }, lifetimeS);
    return { status: 200, body: { access_token: token, token_type: "Bearer", expires_in: lifetimeS } };
  }

  async function respond(request: IncomingMessage): Promise<Answer> {
    if (!isLocalName(request.headers.host)) return { status: 403 };
    switch (`${request.method} ${request.url}`) {
      case "GET /sandbox/people":
        return listPeople();
      case "POST /sandbox/sign-in":
        return signIn(request);
      default:
        return { status: 404 };
    }
  }

  const listener: RequestListener = async (request, response) => {
    const { status, body } = await respond(request).catch(() => ({ status: 502, body: undefined }));
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(body && JSON.stringify(body));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Under another name a page of any site could reach it (DNS rebinding). */
function isLocalName(host = ""): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
}

/** A page of another site cannot send JSON without being asked first, which is answered 404. */
async function readPsuId(request: IncomingMessage): Promise<string | null> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) return null;
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > maxBodyBytes) return null;
  }
  try {
    const { psuId } = JSON.parse(text) as { psuId?: unknown };
    return typeof psuId === "string" && uuid.test(psuId) ? psuId : null;
  } catch {
    return null;
  }
}
