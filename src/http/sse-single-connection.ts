import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { GraphQLError } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import { z } from "zod";
import type { Viewer } from "../auth/viewer.ts";
import { badUserInput, conflict, notFound, tooManyStreams } from "../errors.ts";
import { Cancellation } from "../lib/cancellation.ts";
import { createOperation, type Operation, type OperationParams, type Prepared } from "../operation.ts";

/**
 * GraphQL over SSE, single connection mode: one event stream carries the results of many operations, which come as
 * requests of their own. (Distinct connections, one stream for each operation, are Yoga's.)
 *
 * PUT reserves a stream, GET opens it with the reservation's token, POST with the token runs an operation on it, and
 * DELETE ends one. Results wait for their reader: a slow one holds up only its own operations.
 */
export type SseOptions = {
  readonly admit: (authorization: string | null, address: string | null) => Promise<Viewer>;
  /** Tells log and metrics of a request that is refused, and returns what its client may see. */
  readonly reject: (operation: Operation, error: unknown) => GraphQLError;
  readonly operationOf: (request: Request) => Operation;
  /** The longest body of a request. */
  readonly requestBytes: number;
  readonly prepare: (params: OperationParams, operation: Operation) => Promise<Prepared | readonly GraphQLError[]>;
};

type Stream = {
  /** Whoever reserved it; nobody else may put operations on it. */
  readonly owner: string;
  readonly operations: Map<string, Cancellation>;
  /** Resolves once the reader can take more; rejects once there is none. */
  send(event: string, data: object): Promise<void>;
  /** `null`: it is open already. */
  open(): ReadableStream<Uint8Array> | null;
  /** Ends behind what is sent so far. */
  end(): void;
};

export type SseStreams = {
  readonly plugin: Plugin;
  size(): number;
  /** Takes no more operations, and ends each stream behind its last one; those without one are spread over `overMs`. */
  drain(overMs: number): Promise<void>;
};

const tokenHeader = "x-graphql-event-stream-token";
/** A reservation that nobody comes for. */
const reservationMs = 60_000;
const reservationsAtOnce = 10_000;
const reservationsPerPsu = 50;
const operationsPerStream = 100;
const pingMs = 12_000;

export function createSseStreams({ admit, reject, operationOf, prepare, requestBytes }: SseOptions): SseStreams {
  const streams = new Map<string, Stream>();
  const streamsOf = new Map<string, number>();
  let isDraining = false;

  async function answer(request: Request, token: string | null): Promise<Response> {
    const stream = token === null ? undefined : streams.get(token);
    if (request.method === "GET") {
      // The token is the ticket: browsers' EventSource can send no header.
      if (stream === undefined) throw notFound("token", noStream);
      const body = stream.open();
      if (body === null) throw conflict("The stream is open already.", "token");
      const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };
      return new Response(body, { headers });
    }
    const asked = operationOf(request);
    const viewer = await admit(request.headers.get("authorization"), asked.address);
    asked.viewer = viewer;
    if (request.method === "PUT") {
      const owner = toOwner(viewer);
      // One PSU has a few tabs; an operator may be the back end of many users.
      const isFull = viewer.psuId !== null && (streamsOf.get(owner) ?? 0) >= reservationsPerPsu;
      if (isDraining || isFull || streams.size >= reservationsAtOnce) throw tooManyStreams();
      return new Response(reserve(owner), { status: 201, headers: { "content-type": "text/plain" } });
    }
    if (stream === undefined || stream.owner !== toOwner(viewer)) throw notFound("token", noStream);
    if (request.method === "DELETE") {
      stream.operations.get(new URL(request.url).searchParams.get("operationId") ?? "")?.cancel();
      return new Response(null, { status: 200 });
    }
    if (request.method === "POST") {
      if (!request.headers.get("content-type")?.startsWith("application/json")) {
        throw badUserInput("The body must be of the type application/json.");
      }
      return run(stream, viewer, request);
    }
    throw badUserInput("Use PUT, GET, POST or DELETE.");
  }

  function reserve(owner: string): string {
    const token = randomUUID();
    const stream = createStream(owner, () => {
      streams.delete(token);
      const left = (streamsOf.get(owner) ?? 1) - 1;
      if (left === 0) streamsOf.delete(owner);
      else streamsOf.set(owner, left);
    });
    streams.set(token, stream);
    streamsOf.set(owner, (streamsOf.get(owner) ?? 0) + 1);
    return token;
  }

  async function run(stream: Stream, viewer: Viewer, request: Request): Promise<Response> {
    const body = operationBody.safeParse(await readJson(request, requestBytes));
    if (!body.success) throw badUserInput("The body must be a GraphQL request with `extensions.operationId`.");
    const { operationId } = body.data.extensions;
    if (stream.operations.has(operationId)) throw conflict("An operation of this id is running.", "operationId");
    if (isDraining || stream.operations.size >= operationsPerStream) throw tooManyStreams();
    const cancellation = new Cancellation();
    stream.operations.set(operationId, cancellation);
    const operation = {
      ...createOperation(request.headers.get("x-request-id"), cancellation, viewer),
      address: operationOf(request).address,
    };
    const prepared = await prepare(body.data, operation);
    if (!("run" in prepared)) {
      stream.operations.delete(operationId);
      return Response.json({ errors: prepared }, { status: 400 });
    }
    void perform(stream, operationId, prepared, cancellation);
    return new Response(null, { status: 202 });
  }

  async function perform(stream: Stream, id: string, prepared: Prepared, cancellation: Cancellation): Promise<void> {
    try {
      const result = await prepared.run();
      if (isAsyncIterable(result)) {
        for await (const payload of result) await stream.send("next", { id, payload });
      } else {
        await stream.send("next", { id, payload: result });
      }
      await stream.send("complete", { id });
    } catch {
      cancellation.cancel(); // the reader has gone: nobody is left to be told
    } finally {
      stream.operations.delete(id);
      if (isDraining && stream.operations.size === 0) stream.end();
    }
  }

  const plugin: Plugin = {
    async onRequest({ request, url, endResponse }) {
      const token = request.headers.get(tokenHeader) ?? url.searchParams.get("token");
      if (url.pathname !== "/graphql" || (token === null && request.method !== "PUT")) return;
      try {
        endResponse(await answer(request, token));
      } catch (error) {
        const seen = reject(operationOf(request), error);
        const { http, ...extensions } = seen.extensions as { readonly http?: { readonly headers?: HeadersInit } };
        const init = { status: statuses[String(seen.extensions["code"])] ?? 500, headers: http?.headers ?? {} };
        endResponse(Response.json({ errors: [{ message: seen.message, extensions }] }, init));
      }
    },
    // What is wrong with an operation is in its stream. Clients take a 400 for a broken connection, and try again.
    onResponse({ response, setResponse }) {
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      if (isStream && response.status === 400) setResponse(new Response(response.body, { headers: response.headers }));
    },
  };

  return {
    plugin,
    size: () => streams.size,
    async drain(overMs) {
      isDraining = true;
      await Promise.all(
        [...streams.values()].map(async (stream) => {
          await pause(Math.random() * overMs);
          if (stream.operations.size === 0) stream.end();
        }),
      );
    },
  };
}

const operationBody = z.object({
  query: z.string().nullish(),
  documentId: z.string().nullish(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.looseObject({ operationId: z.string().min(1).max(255) }),
});

function createStream(owner: string, onEnd: () => void): Stream {
  const operations = new Map<string, Cancellation>();
  const encoder = new TextEncoder();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  let isOpen = false;
  let ping: NodeJS.Timeout | undefined;
  const expiry = setTimeout(() => void writer.abort(), reservationMs);
  expiry.unref();
  const clear = () => {
    clearTimeout(expiry);
    clearInterval(ping);
    for (const operation of operations.values()) operation.cancel();
    onEnd();
  };
  writer.closed.then(clear, clear);
  const write = async (text: string) => {
    await writer.ready;
    await writer.write(encoder.encode(text));
  };
  return {
    owner,
    operations,
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    open() {
      if (isOpen) return null;
      isOpen = true;
      clearTimeout(expiry);
      const beat = () => {
        if ((writer.desiredSize ?? 0) > 0) write(":\n\n").catch(() => {});
      };
      beat(); // some browsers open the stream only with its first bytes
      ping = setInterval(beat, pingMs);
      ping.unref();
      return readable;
    },
    end() {
      (isOpen ? writer.close() : writer.abort()).catch(() => {});
    },
  };
}

/** The body as JSON; `null` when it is none, or too large, which is found out while it arrives. */
async function readJson(request: Request, mostBytes: number): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > mostBytes) return null;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return null; // no JSON, or a client that has broken off
  }
}

function toOwner(viewer: Viewer): string {
  return JSON.stringify([viewer.subject, viewer.psuId]);
}

const noStream = "There is no such stream.";

/** Of a request that is refused, by its error's code. */
const statuses: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  UPSTREAM_UNAVAILABLE: 503,
};
