import { isObject } from '../../../util/json.ts';

const MAX_LISTED = 50;
const MAX_NAME_LENGTH = 80;

/** The known fields of an object, each with those of the objects or lists of objects in it. */
export interface KnownFields {
  readonly [name: string]: KnownFields | true;
}

/** Lists the fields of a value that nobody reads, as `panels[].characters`: each once, in their order, and not too many. */
export function listIgnoredFields(value: unknown, known: KnownFields): string[] {
  const ignored = new Set<string>();
  collect(value, known, '', ignored);
  const listed = [...ignored].slice(0, MAX_LISTED);
  return ignored.size > MAX_LISTED ? [...listed, `and ${ignored.size - MAX_LISTED} more`] : listed;
}

function collect(value: unknown, known: KnownFields, path: string, ignored: Set<string>): void {
  if (Array.isArray(value)) {
    for (const entry of value) collect(entry, known, `${path}[]`, ignored);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, entry] of Object.entries(value)) {
    const fieldPath = path === '' ? name : `${path}.${name}`;
    const fields = Object.hasOwn(known, name) ? known[name] : undefined;
    if (fields === undefined) ignored.add(fieldPath.slice(0, MAX_NAME_LENGTH));
    else if (fields !== true) collect(entry, fields, fieldPath, ignored);
  }
}
