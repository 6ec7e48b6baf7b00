/** A setup file of vitest: records the bytes that gateways send over sockets, for the search for secrets. */
import { channel } from "node:diagnostics_channel";
import type { Server, Socket } from "node:net";
import { relative } from "node:path";
import { afterAll, expect, vi } from "vitest";
import { flush, gatewayPorts, record, testVariable } from "./record.ts";

/**
 * It runs before each test file. Of gateways in this process it records what they write, of those in other processes what
 * arrives from them.
 */
process.env[testVariable] = relative(process.cwd(), expect.getState().testPath ?? "");

let last: Socket | null = null;

function recordBytes(socket: Socket, place: "socket" | "process", chunk: unknown, encoding?: BufferEncoding): void {
  if (last !== socket) record("answer", place, "\n");
  last = socket;
  record("answer", place, typeof chunk === "string" ? Buffer.from(chunk, encoding) : (chunk as Buffer));
}

/** Of all servers in tests only the gateway accepts upgrades. */
const isGateway = (server: Server | undefined) => (server?.listenerCount("upgrade") ?? 0) > 0;

function onAccepted(message: unknown): void {
  const { socket } = message as { readonly socket: Socket & { readonly server?: Server } };
  if (!isGateway(socket.server)) return;
  const { _write, _writev } = socket;
  socket._write = (chunk, encoding, callback) => {
    recordBytes(socket, "socket", chunk, encoding);
    _write.call(socket, chunk, encoding, callback);
  };
  socket._writev = (chunks, callback) => {
    for (const { chunk, encoding } of chunks) recordBytes(socket, "socket", chunk, encoding);
    _writev?.call(socket, chunks, callback);
  };
}

function onConnecting(message: unknown): void {
  const { socket } = message as { readonly socket: Socket };
  const { push } = socket;
  socket.push = (chunk, encoding) => {
    if (chunk !== null && gatewayPorts.has(socket.remotePort ?? 0)) recordBytes(socket, "process", chunk, encoding);
    return push.call(socket, chunk, encoding);
  };
}

const accepted = channel("net.server.socket");
const connecting = channel("net.client.socket");
accepted.subscribe(onAccepted);
connecting.subscribe(onConnecting);

afterAll(() => {
  // Files share a process.
  vi.restoreAllMocks();
  vi.useRealTimers();
  accepted.unsubscribe(onAccepted);
  connecting.unsubscribe(onConnecting);
  flush();
});
