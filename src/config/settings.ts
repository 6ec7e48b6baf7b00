/** Every setting, by topic: the environment is read by this table, and docs/configuration.md is made from it. */
import type { z } from "zod";
import type { Setting } from "./setting.ts";
import { callers } from "./settings/callers.ts";
import { documents } from "./settings/documents.ts";
import { gateway } from "./settings/gateway.ts";
import { limits } from "./settings/limits.ts";
import { live } from "./settings/live.ts";
import { network } from "./settings/network.ts";
import { observability } from "./settings/observability.ts";
import { stack } from "./settings/stack.ts";

export const topics: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
  "The gateway": gateway,
  "The stack": stack,
  Network: network,
  Callers: callers,
  Documents: documents,
  Limits: limits,
  "Live status": live,
  Observability: observability,
};

/** In the order in which problems are reported. */
export const settings = {
  ...gateway,
  ...stack,
  ...network,
  ...callers,
  ...documents,
  ...limits,
  ...live,
  ...observability,
};

export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as readonly SettingName[];

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);

type ValueOf<One extends Setting> = z.output<One["shape"]> | (One extends { default: string } ? never : undefined);

/** The value of each setting. */
export type Environment = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]> };
