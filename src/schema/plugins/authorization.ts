/** The Pothos plugin that enforces `authScopes`: who may see which field and which row. */

import {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosObjectTypeConfig,
  type PothosOutputFieldConfig,
  default as SchemaBuilder,
  type SchemaTypes,
  type TypeParam,
} from "@pothos/core";
import type { GraphQLFieldResolver, GraphQLIsTypeOfFn, GraphQLTypeResolver } from "graphql";
import type { Viewer } from "../../auth/viewer.ts";
import { forbidden } from "../../errors.ts";
import type { Context } from "../context.ts";

/** What a viewer may do, by name. */
const scopes = {
  /** Every caller that the gateway lets in. */
  anyone: () => true,
  /** A PSU, or an operator who may read. */
  read: (viewer) => viewer.psuId !== null || mayRead(viewer),
  /** A PSU, or an operator who may change and, since answers show what was changed, read. */
  write: (viewer) => viewer.psuId !== null || (mayRead(viewer) && mayWrite(viewer)),
  /** A viewer that speaks for no single PSU, and may read. */
  operator: (viewer) => viewer.psuId === null && mayRead(viewer),
  /** An operator who may change and read. */
  operatorWrite: (viewer) => viewer.psuId === null && mayRead(viewer) && mayWrite(viewer),
} as const satisfies Readonly<Record<string, (viewer: Viewer) => boolean>>;

const mayRead = (viewer: Viewer) => viewer.scopes.includes("payments:read");
const mayWrite = (viewer: Viewer) => viewer.scopes.includes("payments:write");

export type ScopeName = keyof typeof scopes;

/** Who may see it. */
export type Rule = { readonly [Name in ScopeName]?: true };

/** Who may see which row; `false`: not this viewer, whatever the scopes. */
export type RowRule<Row> = (row: Row, context: Context) => Rule | false;

/**
 * A field's rule is checked when the field is resolved (of a subscription, when it is opened); a type's rule for each
 * of its rows that goes into an answer.
 *
 * Results are not cached: a check costs less than the cache, whose entries only a major garbage collection would free.
 */
class AuthorizationPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types["Context"]>,
    field: PothosOutputFieldConfig<Types>,
  ) {
    const rule = field.kind === "Subscription" ? undefined : ruleOf(field);
    return rule === undefined ? resolve : guard(resolve, rule);
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types["Context"]> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ) {
    const rule = field.kind === "Subscription" ? ruleOf(field) : undefined;
    if (rule === undefined) return subscribe;
    if (subscribe === undefined) throw new Error(`${field.name} cannot be subscribed to: nothing would check its rule`);
    return guard(subscribe, rule);
  }

  // Which type a value has is decided before its rule is checked.
  override wrapResolveType(resolveType: GraphQLTypeResolver<unknown, Types["Context"]>) {
    const resolve: typeof resolveType = (...args) => {
      isResolvingType = true;
      try {
        return resolveType(...args);
      } finally {
        isResolvingType = false;
      }
    };
    return resolve;
  }

  override wrapIsTypeOf(
    isTypeOf: GraphQLIsTypeOfFn<unknown, Types["Context"]> | undefined,
    { pothosOptions }: PothosObjectTypeConfig,
  ) {
    const rule = (pothosOptions as { authScopes?: Rule | RowRule<unknown> }).authScopes;
    if (rule === undefined) return isTypeOf;
    const toRule = typeof rule === "function" ? rule : () => rule;
    const isIt: GraphQLIsTypeOfFn<unknown, Types["Context"]> = (row, context, info) => {
      if (isResolvingType) return isTypeOf?.(row, context, info) ?? false;
      const rowRule = toRule(row, context as Context);
      // Of an own type, against its types. One that is rejected must not end the process.
      if (rowRule instanceof Promise) rowRule.catch(() => {});
      // No loader returns a row of another PSU: one that comes as far as this is a bug in the gateway.
      if (rowRule === false) throw new Error("a row of another PSU");
      check(rowRule, context as Context);
      return isTypeOf === undefined || isTypeOf(row, context, info);
    };
    return isIt;
  }
}

let isResolvingType = false;

function ruleOf(field: { readonly pothosOptions: object }): Rule | undefined {
  return (field.pothosOptions as { authScopes?: Rule }).authScopes;
}

function guard<Served>(resolve: GraphQLFieldResolver<unknown, Served>, rule: Rule) {
  const guarded: typeof resolve = (parent, args, context, info) => {
    check(rule, context as unknown as Context);
    return resolve(parent, args, context, info);
  };
  return guarded;
}

function check(rule: Rule, { viewer }: Context): void {
  for (const name in rule) if (rule[name as ScopeName] === true && scopes[name as ScopeName](viewer)) return;
  if (!isRule(rule)) throw new Error("a rule that is none");
  throw forbidden("Your token does not allow this.");
}

export const scopeNames: readonly string[] = Object.keys(scopes);

/** What JavaScript may write as a rule: names of scopes, each `true`, and one at least. */
export function isRule(value: unknown): value is Rule {
  if (typeof value !== "object" || value === null || value instanceof Promise) return false;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([name, is]) => is === true && scopeNames.includes(name));
}

export const authorizationPlugin = "authorization";
SchemaBuilder.registerPlugin(authorizationPlugin, AuthorizationPlugin);

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      authorization: AuthorizationPlugin<Types>;
    }
    interface ObjectTypeOptions<Types extends SchemaTypes, Shape> {
      /** A type without a rule is not served. */
      authScopes?: Rule | RowRule<Shape>;
    }
    interface FieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      /** A root field without a rule is not served. */
      authScopes?: Rule;
    }
  }
}
