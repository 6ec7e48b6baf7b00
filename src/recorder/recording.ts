/** A recording: requests in the order in which they are sent, and what a stack answered. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { toCommandLine } from "../config/own-package.ts";

const exchange = z.strictObject({
  name: z.string(),
  method: z.string(),
  /** Below the stack's URL, with placeholders; not always valid, as `?cursor=%%%` is not. */
  path: z.string().startsWith("/"),
  /** As it is sent, with placeholders. */
  body: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  status: z.int(),
  answerHeaders: z.record(z.string(), z.string()),
  /** The text that came, with placeholders, and without anybody else's values. */
  answer: z.string(),
});

export type Exchange = Readonly<z.output<typeof exchange>>;
export type Recording = readonly Exchange[];
export type RecordedRequest = Pick<Exchange, "name" | "method" | "path" | "body" | "headers">;

/** What a recording keeps of the headers that came. */
export const keptHeaders = ["content-type", "allow"];

/**
 * What the payments service of 2026-07-22 answered, at a Powens connector. Its requests are what is sent to every stack.
 */
export const repositoryRecording = new URL("./recording.json", import.meta.url);

/** @throws {Error} with one line, where the file cannot be read or is no recording. */
export function readRecording(file: URL | string): Recording {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return z.array(exchange).parse(JSON.parse(text));
  } catch {
    throw new Error(`${file} is no recording: \`${toCommandLine("record", "--out <file>")}\` writes one`);
  }
}

export const toText = (recording: Recording): string => `${JSON.stringify(recording, null, 2)}\n`;
