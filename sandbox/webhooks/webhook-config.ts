/** A webhook's configuration: what is stored, what a request may say, and what the wire shows. */
import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { invalid } from "../http/api-error.ts";
import { eventTypes } from "../store/outbox.ts";
import { type Micros, toTimestamp } from "../time.ts";

export type WebhookConfig = {
  readonly id: string;
  readonly endpoint: string;
  readonly secret: string;
  /** Exact names, such as `payments.saved_account`: there is no wildcard. */
  readonly eventTypes: readonly string[];
  readonly active: boolean;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
};

export type WebhookInput = {
  readonly endpoint: string;
  /** Default: a random one. The API takes only the base64 of 24 bytes; here any text will do. */
  readonly secret?: string;
  /** Default: all that the sandbox ever sends. */
  readonly eventTypes?: readonly string[];
};

export type StoredConfig = { -readonly [Key in keyof WebhookConfig]: WebhookConfig[Key] } & {
  formerSecret: string | null;
};

export const toWebhookType = (type: string): string => `payments.${type.toLowerCase()}`;

export const createConfig = (input: WebhookInput, now: Micros): StoredConfig => ({
  id: randomUUID(),
  endpoint: input.endpoint,
  secret: input.secret ?? createSecret(),
  eventTypes: (input.eventTypes ?? eventTypes.map(toWebhookType)).map((type) => type.toLowerCase()),
  active: true,
  createdAt: now,
  updatedAt: now,
  formerSecret: null,
});

export const toWireConfig = (config: WebhookConfig) => ({
  endpoint: config.endpoint,
  secret: config.secret,
  eventTypes: config.eventTypes,
  id: config.id,
  active: config.active,
  name: "",
  createdAt: toTimestamp(config.createdAt),
  updatedAt: toTimestamp(config.updatedAt),
});

const createSecret = (): string => randomBytes(24).toString("base64");

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const secretBody = z.strictObject({ secret: text });
const configBody = z.strictObject({
  endpoint: text,
  secret: text,
  eventTypes: z
    .array(z.string())
    .nullish()
    .transform((types) => types ?? []),
});

export type ConfigBody = { readonly body: string; readonly contentType: string | undefined };

export function readConfigBody(request: ConfigBody): Required<WebhookInput> {
  const input = readBody(request, configBody, false);
  if (input.endpoint === "") throw invalid("invalid config: endpoint should be a valid url");
  const secret = toSecret(input.secret);
  if (input.eventTypes.length === 0 || input.eventTypes.includes("")) {
    throw invalid("invalid config: eventTypes should be filled");
  }
  return { ...input, secret, eventTypes: input.eventTypes.map((type) => type.toLowerCase()) };
}

/** An empty body stands for a random secret. */
export const readSecretBody = (request: ConfigBody): string => toSecret(readBody(request, secretBody, true).secret);

function toSecret(given: string): string {
  if (given === "") return createSecret();
  if (!/^[\w+/]*={0,2}$/.test(given) || given.length % 4 > 0) throw invalid("secret should be base64 encoded");
  if (!/^[A-Za-z\d+/]{32}$/.test(given)) throw invalid("decoded secret should be of size 24");
  return given;
}

/** Stricter than the service's other bodies: no unknown members, and the content type to the letter. */
function readBody<Body>({ body, contentType }: ConfigBody, shape: z.ZodType<Body>, mayBeEmpty: boolean): Body {
  if (body.trim() === "") {
    if (!mayBeEmpty) throw invalid("Request body must not be empty");
    return shape.parse({});
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw invalid("Request body contains badly-formed JSON");
  }
  const read = shape.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    if (issue?.code === "unrecognized_keys") {
      throw invalid(`Request body contains unknown field "${issue.keys[0]}"`);
    }
    throw invalid(`Request body contains an invalid value for the "${issue?.path[0]?.toString() ?? ""}" field`);
  }
  if (contentType !== "application/json") throw invalid("Content-Type header should be application/json");
  return read.data;
}
