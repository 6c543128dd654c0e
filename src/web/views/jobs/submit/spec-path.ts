import { isObject, type JsonObject } from '../../../../util/json.ts';

/** The value at a path of keys; undefined where there is none. */
export function getAtPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner: unknown, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/**
 * The object with another value at a path. Undefined removes it, and with it the objects that are empty then, but for those at
 * the top: a spec may need them.
 */
export function setAtPath(object: JsonObject, path: readonly string[], value: unknown, depth = 0): JsonObject {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return withEntry(object, key, value);
  const inner = object[key];
  const next = setAtPath(isObject(inner) ? inner : {}, rest, value, depth + 1);
  const isEmptied = value === undefined && depth > 0 && Object.keys(next).length === 0;
  return withEntry(object, key, isEmptied ? undefined : next);
}

/** A key that is there already keeps its place. */
function withEntry(object: JsonObject, key: string, value: unknown): JsonObject {
  if (value !== undefined) return { ...object, [key]: value };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
