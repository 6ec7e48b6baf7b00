/** How the service reads a request body: first the shape, as Go's JSON decoder does, then the values. */
import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";
import { parseJson } from "./json.ts";

/** Go leaves a field alone when its member is absent or null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** `type` is the service's name for what it reads the body into: its messages have it. */
export function readJsonBody<Body>(body: string, shape: z.ZodType<Body>, type: string): Body {
  let value: unknown;
  try {
    value = parseJson(body);
  } catch (error) {
    throw new ApiError("MISSING_OR_INVALID_BODY", (error as Error).message);
  }
  const read = shape.safeParse(value ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ApiError("MISSING_OR_INVALID_BODY", describeMismatch(value, issue, type));
}

function describeMismatch(body: unknown, issue: z.core.$ZodIssue | undefined, type: string): string {
  const path = issue?.path ?? [];
  const found = path.reduce((value, name) => (value as Record<PropertyKey, unknown>)[name], body);
  const kind = Array.isArray(found) ? "array" : typeof found === "boolean" ? "bool" : typeof found;
  if (path.length === 0) return `json: cannot unmarshal ${kind} into Go value of type v3.${type}`;
  // Go names fields, but not the items of a list or the keys of a map.
  const end = path.findIndex((part, at) => typeof part === "number" || path[at - 1] === "metadata");
  const field = end < 0 ? path : path.slice(0, end);
  const expected = issue?.code === "invalid_type" ? issue.expected : "string";
  return `json: cannot unmarshal ${kind} into Go struct field ${type}.${field.join(".")} of type ${expected}`;
}

/** An empty text is checked like any other: only an absent one is left alone. */
export function check(value: string | null | undefined, isGood: (value: string) => boolean, message: string): void {
  if (typeof value === "string" && !isGood(value)) throw invalid(message);
}
