/** Parses the ids that the service makes: unpadded base64url of a JSON object. */
import { readBase64Url } from "../lib/base64url.ts";

export type UpstreamId = Readonly<Record<string, unknown>> & { readonly Reference: string };

/** The content of an id of the service; `null` when it is none. The service accepts no padding. */
export function parseUpstreamId(id: string): UpstreamId | null {
  try {
    const value: unknown = JSON.parse(id.endsWith("=") ? "" : (readBase64Url(id) ?? ""));
    return hasReference(value) ? value : null;
  } catch {
    return null;
  }
}

export function hasReference(id: unknown): id is UpstreamId {
  return typeof id === "object" && id !== null && "Reference" in id && typeof id.Reference === "string";
}

/**
 * The PSU whose data a task deletes; `null` when the task is no such delete. A task names no PSU, but the reference
 * inside the id of a PSU's delete ends with that PSU's id (the service's engine).
 */
export function parseTaskOwner(taskId: string): string | null {
  return ownerAtEnd.exec(parseUpstreamId(taskId)?.Reference ?? "")?.[1] ?? null;
}

/** In lower case, as the service writes UUIDs. */
const ownerAtEnd = /-([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;
