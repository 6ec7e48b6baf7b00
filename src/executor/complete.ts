/** Value completion: one function for each type of a field, made once with the plan. */
import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { executeFields } from "./execute-fields.ts";
import { type Complete, type Fields, handleError, isPromise, type Path } from "./run.ts";

export function toComplete(type: GraphQLOutputType): Complete {
  if (isNonNullType(type)) return toNonNull(toComplete(type.ofType));
  if (isListType(type)) return orNull(toList(type.ofType));
  if (isLeafType(type)) return orNull(toLeaf(type));
  return orNull(isObjectType(type) ? toObject(type) : toAbstract(type));
}

function orNull(complete: Complete): Complete {
  return (run, field, info, path, value) => {
    if (value instanceof Error) throw value;
    return value == null ? null : complete(run, field, info, path, value);
  };
}

function toNonNull(complete: Complete): Complete {
  return (run, field, info, path, value) => {
    const completed = complete(run, field, info, path, value);
    if (completed !== null) return completed;
    throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`);
  };
}

function toList(itemType: GraphQLOutputType): Complete {
  const complete = toComplete(itemType);
  const isNonNull = isNonNullType(itemType);
  return (run, field, info, path, value) => {
    if (typeof value !== "object" || !(Symbol.iterator in (value as object))) {
      throw new Error(`Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`);
    }
    let index = 0;
    const items: unknown[] = [];
    let awaited: Path[] | undefined;
    try {
      for (const item of value as Iterable<unknown>) {
        const itemPath: Path = { prev: path, key: index, typename: undefined };
        index += 1;
        try {
          const completed = isPromise(item)
            ? item.then((settled) => complete(run, field, info, itemPath, settled))
            : complete(run, field, info, itemPath, item);
          items.push(completed);
          if (!isPromise(completed)) continue;
          if (awaited === undefined) awaited = [itemPath];
          else awaited.push(itemPath);
        } catch (error) {
          items.push(handleError(run, field, itemPath, isNonNull, error));
        }
      }
    } catch (error) {
      ignoreRejections(items);
      if (Array.isArray(value)) ignoreRejections(value.slice(index));
      throw error;
    }
    if (awaited === undefined) return items;
    return settleItems(items, awaited, (itemPath, error) => handleError(run, field, itemPath, isNonNull, error));
  };
}

/** Puts what promises resolve to in their place. */
function settleItems(
  items: unknown[],
  awaited: readonly Path[],
  fail: (path: Path, error: unknown) => null,
): Promise<unknown[]> {
  let due = awaited.length;
  return new Promise((resolve, reject) => {
    for (const path of awaited) {
      const at = path.key as number;
      const settled = (value: unknown) => {
        items[at] = value;
        due -= 1;
        if (due === 0) resolve(items);
      };
      (items[at] as Promise<unknown>).then(settled, (error) => {
        try {
          settled(fail(path, error));
        } catch (failure) {
          reject(failure);
        }
      });
    }
  });
}

/** Nothing waits for these any more: a rejection among them must not end the process. */
function ignoreRejections(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) ignoreRejections(item);
  else if (isPromise(value)) value.then(ignoreRejections, () => {});
}

function toLeaf(type: GraphQLLeafType): Complete {
  return (_run, _field, _info, _path, value) => {
    const written = type.serialize(value);
    if (written != null) return written;
    throw new Error(`A ${type.name} cannot be written as nothing.`);
  };
}

/** Of one field: its value's fields are found once. */
function toObject(type: GraphQLObjectType): Complete {
  let fields: Fields | undefined;
  return (run, field, info, path, value) => {
    fields ??= run.plan.below(field, type);
    const isOfType = type.isTypeOf == null || type.isTypeOf(value, run.contextValue, info);
    if (isOfType === true) return executeFields(run, fields, value, path);
    const executed = (isIt: unknown) => {
      if (isIt) return executeFields(run, run.plan.below(field, type), value, path);
      throw new Error(`A value of the type "${type.name}" was expected.`);
    };
    return isPromise(isOfType) ? isOfType.then(executed) : executed(isOfType);
  };
}

function toAbstract(type: GraphQLAbstractType): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const byName = new Map<string, Complete>();
  const completeAs = (schema: GraphQLSchema, name: unknown): Complete => {
    const known = byName.get(name as string);
    if (known !== undefined) return known;
    const found = typeof name === "string" ? schema.getType(name) : undefined;
    if (!isObjectType(found) || !schema.isSubType(type, found)) {
      throw new Error(`A value of the type "${type.name}" is of none of its types.`);
    }
    const complete = toObject(found);
    byName.set(found.name, complete);
    return complete;
  };
  return (run, field, info, path, value) => {
    const name = resolveType(value, run.contextValue, info, type);
    const complete = (resolved: unknown) => completeAs(run.plan.schema, resolved)(run, field, info, path, value);
    return isPromise(name) ? name.then(complete) : complete(name);
  };
}
