/** Turns a response of the service into checked data, or into an `UpstreamError`. */
import { z } from "zod";
import { toUpstreamError, UpstreamError } from "./errors.ts";
import { type Numbers, parseJson } from "./exact-json.ts";
import { memoize } from "./memoize.ts";
import type { Call } from "./transport/call.ts";
import type { HttpResponse } from "./transport/http-exchange.ts";
import { errorBody } from "./wire-types.ts";

/** @throws {UpstreamError} for a response that is no success, or does not have its shape. */
export function toData<Data>({ name, shape, numbers }: Call<Data>, response: HttpResponse): Data {
  if (!isSuccess(response.status)) throw toUpstreamError({ ...response, ...readError(response.text), call: name });
  return shape === null ? (undefined as never) : check(shape, response.text, numbers);
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

export function check<Data>(shape: z.ZodType<Data>, text: string | null, numbers: Numbers = "small"): Data {
  if (text === null) throw new UpstreamError("malformed", "the answer is in no UTF-8");
  let value: unknown;
  try {
    value = parseJson(text, numbers);
  } catch {
    throw new UpstreamError("malformed", "the answer is not JSON");
  }
  const result = toCompiled(shape).safeParse(value);
  if (result.success) return result.data;
  // Paths and codes only: the values may be a person's, and so may the keys inside metadata.
  const issues = result.error.issues.slice(0, 5).map(({ path, code }) => {
    const known = path.includes("metadata") ? path.slice(0, path.indexOf("metadata") + 1) : path;
    return `${known.join(".")}: ${code}`;
  });
  throw new UpstreamError("malformed", `the answer has not the promised shape (${issues.join("; ")})`);
}

/** Checks three times as fast. Compiled at first use, since compiling all shapes would delay the start. */
const toCompiled = memoize(<Data>(shape: z.ZodType<Data>): z.ZodType<Data> => z.compile(shape));

/** The service's error body, when the text is one. A proxy's HTML or an empty body is not. */
function readError(text: string | null): { code: string | undefined; message: string | undefined } {
  try {
    const body = errorBody.parse(JSON.parse(text ?? ""));
    return { code: body.errorCode, message: body.errorMessage ?? undefined };
  } catch {
    return { code: undefined, message: undefined };
  }
}
