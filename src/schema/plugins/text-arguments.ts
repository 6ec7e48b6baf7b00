/** The Pothos plugin that checks every text among a field's arguments, so that no field has to. */

import {
  BasePlugin,
  type InputType,
  type PothosInputFieldConfig,
  type PothosInputFieldType,
  type PothosOutputFieldConfig,
  default as SchemaBuilder,
  type SchemaTypes,
} from "@pothos/core";
import type { GraphQLFieldResolver } from "graphql";
import { badUserInput } from "../../errors.ts";
import { findTextFault } from "../input.ts";

/** Of an argument or input field that sets no other by `extensions: textOf(…)`. */
export const maxTextLength = 1000;

type TextOptions = { readonly maxTextLength: number };

/** How long this argument may be. */
export function textOf(maxLength: number): TextOptions {
  return { maxTextLength: maxLength };
}

type Fault = { readonly at: readonly (string | number)[]; readonly message: string };
/** `null`: nothing is wrong. */
type Check = (value: unknown) => Fault | null;

/** Only strings: ids and other scalars have a form of their own, which their fields check. */
class TextArgumentsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  readonly #ofInputs = new Map<unknown, { readonly check: Check | null }>();

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types["Context"]>,
    field: PothosOutputFieldConfig<Types>,
  ) {
    return field.kind === "Subscription" ? resolve : this.#guard(resolve, field);
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types["Context"]> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ) {
    return subscribe === undefined ? undefined : this.#guard(subscribe, field);
  }

  #guard<Served>(resolve: GraphQLFieldResolver<unknown, Served>, field: PothosOutputFieldConfig<Types>) {
    const check = this.#ofFields(field.args);
    if (check === null) return resolve;
    const guarded: typeof resolve = (parent, args, context, info) => {
      const fault = check(args);
      if (fault === null) return resolve(parent, args, context, info);
      const name = fault.at.join(".");
      throw badUserInput(`\`${name}\` ${fault.message}.`, name);
    };
    return guarded;
  }

  /** `null`: there is no text among them. */
  #ofFields(fields: Readonly<Record<string, PothosInputFieldConfig<Types>>>): Check | null {
    const checks = Object.entries(fields).flatMap(([name, field]) => {
      const { maxTextLength: maxLength = maxTextLength } = (field.extensions ?? {}) as Partial<TextOptions>;
      const check = this.#ofType(field.type, maxLength);
      return check === null ? [] : ([[name, check]] as const);
    });
    if (checks.length === 0) return null;
    return (value) => {
      if (typeof value !== "object" || value === null) return null;
      for (const [name, check] of checks) {
        const fault = check((value as Readonly<Record<string, unknown>>)[name]);
        if (fault !== null) return { at: [name, ...fault.at], message: fault.message };
      }
      return null;
    };
  }

  /** An input may hold another one of its own kind: it is checked by the check that is being made. */
  #ofInput({ ref }: { readonly ref: InputType<Types> }): Check | null {
    const known = this.#ofInputs.get(ref);
    if (known !== undefined) return (value) => known.check?.(value) ?? null;
    const made: { check: Check | null } = { check: null };
    this.#ofInputs.set(ref, made);
    made.check = this.#ofFields(this.buildCache.getInputTypeFieldConfigs(ref));
    return made.check;
  }

  #ofType(type: PothosInputFieldType<Types>, maxLength: number): Check | null {
    if (type.kind === "InputObject") return this.#ofInput(type);
    if (type.kind === "List") return toListCheck(this.#ofType(type.type, maxLength));
    const isText = type.kind === "Scalar" && this.buildCache.getTypeConfig(type.ref).name === "String";
    return isText ? toTextCheck(maxLength) : null;
  }
}

function toTextCheck(maxLength: number): Check {
  return (value) => {
    const message = typeof value === "string" ? findTextFault(value, maxLength) : null;
    return message === null ? null : { at: [], message };
  };
}

function toListCheck(check: Check | null): Check | null {
  if (check === null) return null;
  return (values) => {
    if (!Array.isArray(values)) return null;
    for (const [index, value] of values.entries()) {
      const fault = check(value);
      if (fault !== null) return { at: [index, ...fault.at], message: fault.message };
    }
    return null;
  };
}

export const textArgumentsPlugin = "textArguments";
SchemaBuilder.registerPlugin(textArgumentsPlugin, TextArgumentsPlugin);

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      textArguments: TextArgumentsPlugin<Types>;
    }
  }
}
