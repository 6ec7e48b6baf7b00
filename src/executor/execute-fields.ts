/** Executes the fields of one object: side by side, or one after the other for mutations. */
import { ResolveInfo } from "./resolve-info.ts";
import { type Field, type Fields, handleError, isPromise, type Path, type Run } from "./run.ts";

type Values = Record<string, unknown>;

export function executeFields(
  run: Run,
  { all, template }: Fields,
  source: unknown,
  path: Path | undefined,
): Values | Promise<Values> {
  const values = createValues(template);
  let awaited: Field[] | undefined;
  try {
    for (const field of all) {
      const value = executeField(run, field, source, path);
      values[field.key] = value;
      if (!isPromise(value)) continue;
      if (awaited === undefined) awaited = [field];
      else awaited.push(field);
    }
  } catch (error) {
    if (awaited === undefined) throw error;
    return settle(values, awaited).finally(() => {
      throw error;
    });
  }
  return awaited === undefined ? values : settle(values, awaited);
}

export async function executeFieldsSerially(
  run: Run,
  { all, template }: Fields,
  source: unknown,
  path: Path | undefined,
): Promise<Values> {
  const values = createValues(template);
  for (const field of all) values[field.key] = await executeField(run, field, source, path);
  return values;
}

/** Puts what promises resolve to in their place. */
function settle(values: Values, awaited: readonly Field[]): Promise<Values> {
  const [only] = awaited;
  if (awaited.length === 1 && only !== undefined) {
    return (values[only.key] as Promise<unknown>).then((value) => {
      values[only.key] = value;
      return values;
    });
  }
  return Promise.all(awaited.map(({ key }) => values[key])).then((settled) => {
    for (let at = 0; at < awaited.length; at += 1) values[(awaited[at] as Field).key] = settled[at];
    return values;
  });
}

function createValues(template: Fields["template"]): Values {
  return template === null ? Object.create(null) : { ...template };
}

function executeField(run: Run, field: Field, source: unknown, parentPath: Path | undefined): unknown {
  const known = field.isLeaf && !field.takesInfo ? null : new ResolveInfo(run, field, parentPath);
  try {
    const value = field.resolve(source, field.toArgs(run.variables), run.contextValue, known as ResolveInfo);
    if (isPromise(value)) return settleField(run, field, known ?? new ResolveInfo(run, field, parentPath), value);
    const completed = field.complete(run, field, known as ResolveInfo, known as ResolveInfo, value);
    return isPromise(completed) ? orFail(run, field, known as ResolveInfo, completed) : completed;
  } catch (error) {
    return handleError(run, field, known ?? new ResolveInfo(run, field, parentPath), field.isNonNull, error);
  }
}

function settleField(run: Run, field: Field, info: ResolveInfo, value: Promise<unknown>): Promise<unknown> {
  const fail = (error: unknown) => handleError(run, field, info, field.isNonNull, error);
  return value.then((settled) => {
    try {
      const completed = field.complete(run, field, info, info, settled);
      return isPromise(completed) ? completed.then(undefined, fail) : completed;
    } catch (error) {
      return fail(error);
    }
  }, fail);
}

function orFail(run: Run, field: Field, info: ResolveInfo, completed: Promise<unknown>): Promise<unknown> {
  return completed.then(undefined, (error) => handleError(run, field, info, field.isNonNull, error));
}
