/** What the text of a setting may be, and the value that it stands for. Messages never quote the text: it may be a secret. */
import { isIP } from "node:net";
import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import { canVerify, hasSecret } from "../auth/verification-key.ts";
import { providerName } from "../upstream/providers/own-providers.ts";
import { readText } from "./text-file.ts";

/** From the text of a setting to its value. */
export type Shape<Value = unknown> = z.ZodType<Value, string>;

export const text = z.string().regex(/^\P{Cc}*$/u, "must be one line without control characters");

export const word = z.string().regex(/^[^\s\p{Cc}]+$/u, "must be one word, without spaces");

/** It goes into a header as it is. */
export const bearerToken = z.string().regex(/^[!-~]+$/, "must be a token alone, without spaces");

export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(", ")}`);

export const port = z
  .string()
  .refine((port) => /^\d+$/.test(port) && Number(port) <= 65535, "must be a port number")
  .transform(Number);

export const host = z
  .string()
  .refine((text) => isIP(text) > 0 || isHostName(text), "must be an IP address or a host name");

// An address with parts left out, such as 127.1, reads as a name.
const isHostName = (text: string) => /^[\w-]+(\.[\w-]+)*$/.test(text) && !/(^|\.)\d+$/.test(text);

// The URL parser passes over line breaks and tabs.
export const httpUrl = z
  .string()
  .refine((text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text) && new URL(text).port !== "0", {
    error: "must be an http or https URL",
    abort: true,
  })
  .refine((text) => new URL(text).username === "" && new URL(text).password === "", "must not hold user or password")
  .refine((text) => !text.includes("#"), "must not have a fragment (#)");

/** To which paths are added. */
export const baseUrl = httpUrl.refine((text) => !text.includes("?"), "must not have a query (?)");

/** The URL of a server that is none of the web: nothing of it is passed over. */
function readServer(text: string, protocols: readonly string[]): URL | null {
  if (!/^\w+:\/\/[^\s/?#]+(\/[^\s?#]*)?$/.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const isHost = isHostName(url.hostname) || isIP(url.hostname.replace(/^\[|\]$/g, "")) > 0;
  const isReadable = [url.username, url.password].every(isEscaped);
  return protocols.includes(url.protocol) && isHost && isReadable && url.port !== "0" ? url : null;
}

function isEscaped(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

export const redisUrl = z
  .string()
  .refine((text) => readServer(text, ["redis:", "rediss:"]) !== null, {
    error: "must be a redis or rediss URL of one server, without a query",
    abort: true,
  })
  .refine((text) => /^\/?\d{0,4}$/.test(new URL(text).pathname), "may have only the number of a database as its path");

/** Several servers of one cluster may stand there; without a scheme they are `nats`. */
export const natsUrl = z.string().refine(
  (text) =>
    toList(text).every((server) => {
      const url = readServer(server.includes("://") ? server : `nats://${server}`, ["nats:", "tls:"]);
      return url !== null && /^\/?$/.test(url.pathname);
    }),
  "must be a nats or tls URL, or several with commas between",
);

export const natsSubject = z
  .string()
  .regex(/^(\*|[^\s.*>]+)(\.(\*|[^\s.*>]+))*(\.>)?$|^>$/, "must be a NATS subject; wildcards are whole words of it");

/** Without a scheme it is `http`, as for other programs. */
const withScheme = (proxy: string) => (proxy.includes("://") ? proxy : `http://${proxy}`);

export const proxyUrl = z
  .string()
  .refine((text) => {
    const url = readServer(withScheme(text), ["http:", "https:"]);
    return url !== null && url.pathname === "/";
  }, "must be an http or https URL of a proxy, such as http://proxy:3128")
  .transform(withScheme);

/** What other programs understand, too: `.example.com` and `*.example.com` mean `example.com`. */
function isNoProxy(entry: string): boolean {
  const [, address = "", bits] = /^(.*)\/(\d{1,3})$/.exec(entry) ?? [];
  if (bits !== undefined) return isIP(address) > 0 && Number(bits) <= (isIP(address) === 6 ? 128 : 32);
  const name = entry.replace(/^\*?\./, "").replace(/:\d{1,5}$/, "");
  return entry === "*" || isIP(entry) > 0 || isIP(name.replace(/^\[|\]$/g, "")) > 0 || isHostName(name);
}

export const noProxy = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine(
    (list) => list.every(isNoProxy),
    "must hold host names, addresses or networks such as 10.0.0.0/8, with commas between",
  );

export const flag = z.enum(["on", "off"], "must be on or off").transform((value) => value === "on");

const mostHours = 87_600; // ten years

export const hours = z
  .string()
  .refine(
    (text) => /^(\d+(\.\d+)?|\.\d+)$/.test(text) && Number(text) > 0 && Number(text) <= mostHours,
    `must be a number of hours, such as 24 or 0.5, up to ${mostHours}`,
  )
  .transform(Number);

export const count = (least: number, most?: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= (most ?? Number(text)),
      `must be a whole number from ${least} ${most === undefined ? "on" : `to ${most}`}`,
    )
    .transform(Number);

/** Calls a minute; `null`: no limit. */
export const rate = z.union(
  [z.literal("off").transform(() => null), count(1)],
  "must be a number of calls a minute, or off",
);

const toList = (text: string) => text.split(",").map((item) => item.trim());

/** As browsers send it. The scheme of an app, such as `capacitor`, has no origin for the URL parser. */
function isOrigin(value: string): boolean {
  if (!URL.canParse(value) || value.includes("*")) return false;
  const { protocol, host, origin } = new URL(value);
  if (/^https?:$/.test(protocol)) return origin === value;
  return !/^(wss?|ftp|file):$/.test(protocol) && host !== "" && `${protocol}//${host}` === value;
}

export const origins = z
  .string()
  .transform(toList)
  .refine((list) => list.every(isOrigin), {
    error: "must hold origins such as https://app.example.com, with commas between",
    abort: true,
  });

/** In small letters, as the service writes them. */
export const providers = z
  .string()
  .transform((text) => toList(text).map((name) => name.toLowerCase()))
  .refine(
    (list) => list.every((name) => providerName.test(name)),
    "must hold names of providers such as mybank, with commas between",
  );

export const secrets = z
  .string()
  .transform(toList)
  .refine(
    (secrets) => secrets.every((secret) => /^\S{16,}$/.test(secret)),
    "must hold secrets of at least 16 characters without spaces, with commas between",
  );

/** Pass phrases, too, as long as no comma is in them. */
export const cursorSecrets = z
  .string()
  .transform(toList)
  .refine(
    (secrets) => secrets.every((secret) => secret.length >= 32),
    "must hold secrets of at least 32 characters, with commas between",
  );

/** The JSON in a file, in one of these shapes. */
const jsonFile = <Value>(shape: z.ZodType<Value>, wanted: string) =>
  z.string().transform((path, context): Value => {
    const text = readText(path);
    if (text === null) {
      context.addIssue("names a file that cannot be read, or is not UTF-8");
      return z.NEVER;
    }
    const value = shape.safeParse(toJson(text));
    if (value.success) return value.data;
    context.addIssue(`must name a file with ${wanted}`);
    return z.NEVER;
  });

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Public keys alone: who can read the file must not be able to sign. */
const publicKey = z.looseObject({ kty: z.enum(["RSA", "EC", "OKP"]) }).refine((key) => !hasSecret(key));
const keySet = z.object({ keys: z.array(publicKey).refine((keys) => keys.some(canVerify)) });

export const keySetFile = jsonFile(
  z.custom<JSONWebKeySet>((value) => keySet.safeParse(value).success),
  "a JSON Web Key Set of public keys (RSA, EC or OKP), of which one can check signatures",
);

// Not a record of Zod's, which leaves out a member that is called `__proto__`.
export const manifestFile = jsonFile(
  z
    .custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value))
    .transform((documents) => new Map<string, unknown>(Object.entries(documents)))
    .refine(
      (documents) => documents.size > 0 && [...documents].flat().every((text) => typeof text === "string" && text),
    )
    .transform((documents) => documents as Map<string, string>),
  'a manifest of documents by hash: {"<hash>": "query …"}',
);
