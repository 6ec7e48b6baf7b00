/** Builds and runs the image of a Dockerfile in plain folders, without containers. */
import { cp, mkdir } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { npmEnvironment, runCommand } from "./process.ts";

export type Image = {
  /** The folder of the image's files, which is its `/`. */
  readonly root: string;
  /** The base image, as the Dockerfile names it. */
  readonly base: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | null;
  readonly stopSignal: string | null;
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
};

type Instruction = { readonly name: string; readonly text: string };

export function readDockerfile(text: string): readonly Instruction[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", ...words] = line.split(" ");
      return { name, text: words.join(" ") };
    });
}

/**
 * Follows the instructions of a Dockerfile in folders: copies and runs the same, with the Node of this process. Base
 * images are only names. Returns the last stage.
 */
export async function buildImage(text: string, context: string, folder: string): Promise<Image> {
  const stages = new Map<string, Image>();
  let current: Image | undefined;
  for (const instruction of readDockerfile(text)) {
    if (instruction.name === "FROM") {
      const [base = "", , name = `${stages.size}`] = instruction.text.split(" ");
      current = await begin(base, join(folder, name), stages.get(base));
      stages.set(name, current);
      continue;
    }
    if (current === undefined) throw new Error("A Dockerfile begins with FROM.");
    current = await follow(instruction, current, context, stages);
    for (const [name, stage] of stages) if (stage.root === current.root) stages.set(name, current);
  }
  if (current === undefined) throw new Error("The Dockerfile has no stage.");
  return current;
}

async function begin(base: string, root: string, parent: Image | undefined): Promise<Image> {
  await mkdir(root, { recursive: true });
  const blank = { workdir: "/", env: {}, user: null, stopSignal: null, entrypoint: [], healthcheck: [] };
  if (parent === undefined) return { ...blank, base, root };
  await cp(parent.root, root, { recursive: true, verbatimSymlinks: true });
  return { ...parent, root };
}

async function follow(
  { name, text }: Instruction,
  image: Image,
  context: string,
  stages: ReadonlyMap<string, Image>,
): Promise<Image> {
  const inImage = (path: string) => join(image.root, resolve(image.workdir, path));
  switch (name) {
    case "WORKDIR":
      await mkdir(join(image.root, text), { recursive: true });
      return { ...image, workdir: text };
    case "ENV":
      return { ...image, env: { ...image.env, ...toPairs(text) } };
    case "COPY": {
      const [, from] = /^--from=(\S+) /.exec(text) ?? [];
      const words = text.split(" ").filter((word) => !word.startsWith("--"));
      const target = words.pop() ?? "";
      const source = from === undefined ? context : stages.get(from)?.root;
      if (source === undefined) throw new Error(`There is no stage ${from}.`);
      for (const word of words) {
        const to = inImage(target.endsWith("/") ? join(target, basename(word)) : target);
        await mkdir(dirname(to), { recursive: true });
        await cp(join(source, word), to, { recursive: true, verbatimSymlinks: true });
      }
      return image;
    }
    case "RUN": {
      const env = { ...npmEnvironment(), ...toEnvironment(image) };
      await using running = runCommand("/bin/sh", ["-c", text], { cwd: inImage("."), env });
      const code = await running.exit;
      if (code !== 0) throw new Error(`RUN ${text} ended with ${code}:\n${running.output()}`);
      return image;
    }
    case "USER":
      return { ...image, user: text };
    case "STOPSIGNAL":
      return { ...image, stopSignal: text };
    case "EXPOSE":
      return image;
    case "ENTRYPOINT":
      return { ...image, entrypoint: toExecForm(text) };
    case "HEALTHCHECK":
      return { ...image, healthcheck: toExecForm(text.replace(/^(--\S+ )*CMD /, "")) };
    default:
      throw new Error(`The instruction ${name} is not supported here.`);
  }
}

/**
 * The environment of a program in the image, with this process's Node first on its path. Stages are in folders of their
 * own, so code that one of them has compiled must be found wherever it is.
 */
export function toEnvironment(image: Image): Record<string, string> {
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  return { PATH, NODE_COMPILE_CACHE_PORTABLE: "1", ...image.env };
}

function toPairs(text: string): Record<string, string> {
  return Object.fromEntries(text.split(" ").map((pair) => pair.split("=") as [string, string]));
}

/** The exec form, a list of words. In the shell form a shell would get the signals. */
function toExecForm(text: string): readonly string[] {
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words)) throw new Error(`${text} is not a list of words.`);
  return words.map(String);
}
