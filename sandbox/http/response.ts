/** Builders of HTTP responses. */
import type { ApiError } from "./api-error.ts";
import { toJson } from "./json.ts";

export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export const json = (status: number, value: unknown): HttpResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: `${toJson(value)}\n`,
});

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  headers,
  body: "",
});

export const text = (status: number, body: string): HttpResponse => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  body,
});

export const redirect = (status: 303 | 307, location: string): HttpResponse => empty(status, { location });

export const errorResponse = (failure: ApiError): HttpResponse =>
  json(failure.status, { errorCode: failure.code, errorMessage: failure.message });
