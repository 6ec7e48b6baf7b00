/**
 * The Pothos plugin that lets a failure stop where it happens: a field that can fail for itself is nullable, and keeps
 * its meaning by `@semanticNonNull` (docs/decisions/0027-semantic-nullability.md).
 */

import {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  default as SchemaBuilder,
  type SchemaTypes,
  type TypeParam,
} from "@pothos/core";
import {
  DirectiveLocation,
  GraphQLDirective,
  type GraphQLFieldResolver,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
} from "graphql";

/** As the clients that know it (Relay, Apollo Kotlin, graphql-codegen) have agreed on. */
export const semanticNonNull = new GraphQLDirective({
  name: "semanticNonNull",
  description:
    "Null only where there is an error for it. A client that throws or catches field errors may treat the field as non-null.",
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: {
    levels: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLInt))),
      defaultValue: [0],
      description: "0 is the field, 1 the items of its list, and so on.",
    },
  },
});

class SemanticNonNullPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (field.type.nullable || !canFail(field)) return field;
    return {
      ...field,
      type: { ...field.type, nullable: true },
      extensions: { ...field.extensions, directives: { [semanticNonNull.name]: {} } },
    };
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types["Context"]>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types["Context"]> {
    if (!isSemanticNonNull(field)) return resolve;
    const present = (value: unknown) => {
      if (value == null) throw new Error(`${field.parentType}.${field.name} is null, and no error says why`);
      return value;
    };
    return (parent, args, context, info) => {
      const value = resolve(parent, args, context, info);
      return value instanceof Promise ? value.then(present) : present(value);
    };
  }
}

/** Whether it fails by itself, and not together with the row that it is of. */
function canFail({ kind, name, args, extensions, pothosOptions }: Field): boolean {
  if (kind === "Subscription" || isOfFederation(name)) return false;
  const { semanticNonNull: isMarked, authScopes } = pothosOptions as FieldOptions;
  const isRoot = kind === "Query" || kind === "Mutation";
  const makesCalls = "cost" in ((extensions ?? {}) as object);
  return isRoot || makesCalls || isMarked === true || authScopes !== undefined || Object.keys(args).length > 0;
}

type Field = {
  readonly kind: string;
  readonly name: string;
  readonly args: object;
  readonly extensions?: unknown;
  readonly pothosOptions: object;
};

/** Their types are Apollo's. */
const isOfFederation = (name: string) => name.startsWith("_");

type FieldOptions = { readonly semanticNonNull?: true; readonly authScopes?: unknown };

function isSemanticNonNull({ extensions }: { readonly extensions?: unknown }): boolean {
  const { directives } = (extensions ?? {}) as { readonly directives?: object };
  return directives !== undefined && semanticNonNull.name in directives;
}

export const semanticNonNullPlugin = "semanticNonNull";
SchemaBuilder.registerPlugin(semanticNonNullPlugin, SemanticNonNullPlugin);

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      semanticNonNull: SemanticNonNullPlugin<Types>;
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
      /**
       * Null only with an error. Needs to be said only of a field that has no cost, no rule and no arguments, and fails
       * all the same.
       */
      semanticNonNull?: true;
    }
  }
}
