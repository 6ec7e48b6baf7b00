import type { Failure } from "./api-error.ts";
import { toJson } from "./json.ts";

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export const json = (status: number, value: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: `${toJson(value)}\n`,
});

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: "",
});

export const text = (status: number, body: string): Answer => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  body,
});

export const redirect = (status: 303 | 307, location: string): Answer => empty(status, { location });

export const failed = (failure: Failure): Answer =>
  json(failure.status, { errorCode: failure.code, errorMessage: failure.message });
