/** How the service reads a request body: first the shape, as Go's JSON decoder does, then the values. */
import { z } from "zod";
import { ApiError, invalid } from "./api-error.ts";

/** Go leaves a field alone when its member is absent or null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

export function readJsonBody<Body>(body: string, shape: z.ZodType<Body>): Body {
  if (body.trim() === "") throw new ApiError("MISSING_OR_INVALID_BODY", "EOF");
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new ApiError("MISSING_OR_INVALID_BODY", (error as Error).message);
  }
  const read = shape.safeParse(value ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ApiError("MISSING_OR_INVALID_BODY", `json: cannot unmarshal ${issue?.path.join(".")}: ${issue?.message}`);
}

/** An empty text is checked like any other: only an absent one is left alone. */
export function check(value: string | null | undefined, isGood: (value: string) => boolean, message: string): void {
  if (typeof value === "string" && !isGood(value)) throw invalid(message);
}
