/** What the text of a setting may be, and the value that it stands for. Messages never quote the text: it may be a secret. */
import { readFileSync } from "node:fs";
import type { JSONWebKeySet } from "jose";
import { z } from "zod";

/** From the text of a setting to its value. */
export type Shape<Value = unknown> = z.ZodType<Value, string>;

export const text = z.string();

export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(", ")}`);

export const port = z
  .string()
  .refine((port) => /^\d+$/.test(port) && Number(port) <= 65535, "must be a port number")
  .transform(Number);

export const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL", abort: true })
  .refine((text) => new URL(text).username === "" && new URL(text).password === "", "must not hold user or password");

export const flag = z.enum(["on", "off"], "must be on or off").transform((value) => value === "on");

export const hours = z
  .string()
  .refine((text) => Number(text) > 0 && Number.isFinite(Number(text)), "must be a number of hours")
  .transform(Number);

export const count = (least: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least, `must be a whole number from ${least} on`)
    .transform(Number);

/** Calls a minute; `null`: no limit. */
export const rate = z.union(
  [z.literal("off").transform(() => null), count(1)],
  "must be a number of calls a minute, or off",
);

const toList = (text: string) => text.split(",").map((item) => item.trim());
const isOrigin = (value: string) => URL.canParse(value) && new URL(value).origin === value;

export const origins = z
  .string()
  .transform(toList)
  .refine((list) => list.every(isOrigin), {
    error: "must hold origins such as https://app.example.com, with commas between",
    abort: true,
  });

export const secrets = z
  .string()
  .transform(toList)
  .refine(
    (secrets) => secrets.every((secret) => secret.length >= 16),
    "must hold secrets of at least 16 characters, with commas between",
  );

/** The JSON in a file, in one of these shapes. */
const jsonFile = <Value>(shape: z.ZodType<Value>, wanted: string) =>
  z.string().transform((path, context): Value => {
    try {
      return shape.parse(JSON.parse(readFileSync(path, "utf8")));
    } catch (error) {
      const isThere = error instanceof SyntaxError || error instanceof z.ZodError;
      context.addIssue(isThere ? `must name a file with ${wanted}` : "names a file that cannot be read");
      return z.NEVER;
    }
  });

/** Public keys alone: who can read the file must not be able to sign. */
const publicKey = z.looseObject({ kty: z.enum(["RSA", "EC", "OKP"]) }).refine((key) => !("d" in key));
const isKeySet = (value: unknown) => z.object({ keys: z.array(publicKey).min(1) }).safeParse(value).success;

export const keySetFile = jsonFile(
  z.custom<JSONWebKeySet>(isKeySet),
  "a JSON Web Key Set of public keys (RSA, EC or OKP)",
);

export const manifestFile = jsonFile(
  z
    .record(z.string(), z.string())
    .transform((documents) => new Map(Object.entries(documents)))
    .refine(({ size }) => size > 0),
  'a manifest of documents by hash: {"<hash>": "query …"}',
);
