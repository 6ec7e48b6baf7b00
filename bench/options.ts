/** The command line of `npm run bench`. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { readArguments } from "../src/cli/command.ts";
import { ExplainedError } from "../src/cli/explained-error.ts";
import type { LoadName } from "./measure/load.ts";
import { queries } from "./queries.ts";
import type { FloorKind } from "./systems/floor.ts";
import { type Chosen, chooseSystems, systemNames } from "./systems/systems.ts";
import type { Settings } from "./tables/loads.ts";

const known = {
  /** The gateway beside its peers. */
  peers: { type: "boolean", default: false },
  /** The folder of another checkout of the gateway, measured beside this one. */
  against: { type: "string" },
  /** How the cost of a call grows. */
  growth: { type: "boolean", default: false },
  /** Only whether all systems answer right. */
  check: { type: "boolean", default: false },
  /** Measures all, and writes RESULTS.md. */
  record: { type: "boolean", default: false },
  /** A folder for a processor profile of each gateway: then nothing else is measured. */
  profile: { type: "string" },
  "no-subscriptions": { type: "boolean", default: false },

  /** Of the peers' table and of the check. */
  systems: { type: "string" },
  /** The command of a further peer: see systems/peers.ts. */
  peer: { type: "string" },
  queries: { type: "string" },
  callers: { type: "string" },
  /** Of the stack's responses, in milliseconds. */
  delays: { type: "string" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  "warm-up": { type: "string" },
  /** Such as `dispatch:64`; the fastest is found when left out. */
  floor: { type: "string" },
} as const;

/** What the options leave open is each table's to say. */
export type Options = {
  readonly peers: boolean;
  readonly against: string | undefined;
  readonly growth: boolean;
  readonly check: boolean;
  readonly record: boolean;
  readonly profile: string | undefined;
  readonly subscriptions: boolean;
  readonly chosen: Chosen;
  readonly settings: Partial<Omit<Settings, "session">>;
};

function toNames<Name extends string>(option: string, text: string, names: readonly Name[]): readonly Name[] {
  const asked = text.split(",");
  const unknown = asked.find((one) => !names.some((name) => name === one));
  if (unknown !== undefined)
    throw new ExplainedError(`--${option}: there is no "${unknown}", only ${names.join(", ")}.`);
  return asked as Name[];
}

function toNumbers(option: string, text: string, least: number): readonly number[] {
  const numbers = text.split(",").map((one) => (one.trim() === "" ? Number.NaN : Number(one)));
  if (numbers.every((number) => number >= least)) return numbers;
  throw new ExplainedError(`--${option}: "${text}" is not a list of numbers from ${least} up.`);
}

function toNumber(option: string, text: string, least: number): number {
  const [number, ...others] = toNumbers(option, text, least);
  if (number === undefined || others.length > 0) throw new ExplainedError(`--${option}: "${text}" is not one number.`);
  return number;
}

function toFloorKind(text: string): FloorKind {
  const [, how, connections] = /^(request|dispatch):(\d+)$/.exec(text) ?? [];
  if (how === undefined) throw new ExplainedError(`--floor: "${text}" is not like dispatch:64.`);
  return { how: how as FloorKind["how"], connections: Number(connections) };
}

function toCheckout(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return resolve(folder);
  throw new ExplainedError(`--against: there is no checkout in "${folder}".`);
}

export const usage = `npm run bench -- [options]

  Measures the gateway against a floor written by hand, and what subscribers and a start cost. Instead:
  --peers             the gateway beside its peers
  --against <folder>  another checkout beside this one
  --growth            how the cost of a call grows
  --check             only whether all systems answer right
  --record            all of it, into bench/RESULTS.md
  --profile <folder>  a processor profile of each gateway

  --systems, --queries, --callers, --delays <lists>, --rounds, --seconds, --warm-up <numbers>, --floor <kind>,
  --peer <command> and --no-subscriptions restrict it: docs/performance.md
  --help              print this
`;

/** @throws {ExplainedError} that names the option, or the command that installs what was asked for. */
export function readOptions(args: readonly string[]): Options {
  const { values } = readArguments(args, { options: known });
  const { peers, growth, check, record, against, profile, systems, peer, floor, rounds, seconds } = values;
  const { queries: names, callers, delays, "warm-up": warmUp } = values;
  return {
    peers,
    growth,
    check,
    record,
    against: against === undefined ? undefined : toCheckout(against),
    profile: profile === undefined ? undefined : resolve(profile),
    subscriptions: !values["no-subscriptions"],
    chosen: chooseSystems({
      peer,
      names: systems === undefined ? undefined : toNames("systems", systems, systemNames),
    }),
    settings: {
      ...(names !== undefined && {
        queries: toNames("queries", names, [...(Object.keys(queries) as LoadName[]), "Mixed"]),
      }),
      ...(callers !== undefined && { callers: toNumbers("callers", callers, 1) }),
      ...(delays !== undefined && { delays: toNumbers("delays", delays, 0) }),
      ...(rounds !== undefined && { rounds: toNumber("rounds", rounds, 1) }),
      ...(seconds !== undefined && { seconds: toNumber("seconds", seconds, 0.1) }),
      ...(warmUp !== undefined && { warmUpS: toNumber("warm-up", warmUp, 0.1) }),
      ...(floor !== undefined && { floor: toFloorKind(floor) }),
    },
  };
}
