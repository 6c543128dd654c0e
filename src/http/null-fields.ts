import type { core } from 'zod';

type Path = readonly PropertyKey[];

/** The fields of objects at which a schema found null that it does not take. An element of a list is no field. */
export function findNullPaths(issues: readonly core.$ZodIssue[], value: unknown): Path[] {
  return issues
    .flatMap((issue) => issuePaths(issue))
    .filter((path) => typeof path.at(-1) === 'string' && readPath(value, path) === null);
}

/** A copy of a value without the fields at these paths. */
export function withoutFields(value: unknown, paths: readonly Path[]): unknown {
  const copy = structuredClone(value);
  for (const path of paths) {
    const name = path.at(-1);
    const parent = readPath(copy, path.slice(0, -1));
    if (typeof parent === 'object' && parent !== null && name !== undefined) Reflect.deleteProperty(parent, name);
  }
  return copy;
}

/** The paths of an issue and of its alternatives, where the value may be of several forms. */
function issuePaths(issue: core.$ZodIssue): Path[] {
  if (issue.code !== 'invalid_union') return [issue.path];
  const inner = issue.errors.flat().flatMap((alternative) => issuePaths(alternative));
  return [issue.path, ...inner.map((path) => [...issue.path, ...path])];
}

function readPath(value: unknown, path: Path): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = Reflect.get(inner, key);
  }
  return inner;
}
