/** Reads bodies of requests, within bounds of size, time and memory. */
import type { IncomingMessage } from "node:http";
import { ArrivingBodies, type ArrivingBodiesOptions } from "./arriving-bodies.ts";

export type BodyReaderOptions = {
  readonly maxBytes: number;
  /** Of a body that is too large, as much is read and dropped before it is given up. Default: nothing. */
  readonly maxDiscardedBytes?: number;
  readonly timeoutMs: number;
  readonly arriving: ArrivingBodiesOptions;
};

/** Why there is none. `busy`: too many bytes were arriving, and this body had been for the longest. */
export type Unread = "too-large" | "too-slow" | "busy" | "aborted";

/** @param address of the sender, by which bodies that are arriving are counted. */
export type ReadBody = (request: IncomingMessage, address: string) => Promise<Buffer | Unread>;

export function createBodyReader(options: BodyReaderOptions): ReadBody {
  const { maxBytes, maxDiscardedBytes = maxBytes, timeoutMs } = options;
  const bodies = new ArrivingBodies(options.arriving);

  return (request, address) =>
    new Promise((resolve) => {
      if (request.destroyed) return resolve("aborted");
      const chunks: Buffer[] = [];
      let size = 0;
      const settle = (result: Buffer | Unread) => {
        clearTimeout(timer);
        request.off("data", onData).off("end", onEnd).off("close", onClose);
        arriving?.end();
        resolve(result);
      };
      const onData = (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxDiscardedBytes) settle("too-large");
        if (size > maxBytes) return;
        chunks.push(chunk);
        arriving?.grow(chunk.length);
      };
      const onEnd = () => {
        if (size > maxBytes) settle("too-large");
        else settle(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
      };
      const onClose = () => settle("aborted");
      // Most bodies come with their head, and need neither.
      const isHere = request.complete || request.readableLength === Number(request.headers["content-length"]);
      const arriving = isHere ? null : bodies.add(address, () => settle("busy"));
      const timer = isHere ? undefined : setTimeout(() => settle("too-slow"), timeoutMs);
      request.on("data", onData).on("end", onEnd).on("close", onClose);
    });
}
