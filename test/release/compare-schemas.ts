/** Compares two versions of a schema in OpenAPI 3.1: what programs that know the older one could no longer send, or read. */
export type JsonObject = Readonly<Record<string, unknown>>;
/** Whether a program sends what the schema describes, or reads it. */
export type Direction = 'request' | 'response';

export interface SchemaVersions {
  readonly before: unknown;
  readonly after: unknown;
  readonly direction: Direction;
  /** Where the schema is, for messages */
  readonly place: string;
}

/** The documents that references lead into. */
export interface Documents {
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** References that were compared: they may be circular */
  readonly compared: Set<string>;
}

const UPPER_LIMITS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const;
const LOWER_LIMITS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const;

/** What programs that know `before` miss in `after`, each as a sentence. */
export function compareSchemas(versions: SchemaVersions, documents: Documents): string[] {
  const { direction, place } = versions;
  const key = JSON.stringify([versions.before, versions.after, direction]);
  if (isReference(versions.before) || isReference(versions.after)) {
    if (documents.compared.has(key)) return [];
    documents.compared.add(key);
  }
  const before = resolve(versions.before, documents.before);
  const after = resolve(versions.after, documents.after);
  const compare = (old: unknown, now: unknown, name: string) =>
    compareSchemas({ before: old, after: now, direction, place: `${place}${name}` }, documents);

  const [olds, news] = [alternatives(before), alternatives(after)];
  if (olds.length > 1 || news.length > 1) {
    const isCompatible = (old: unknown, now: unknown) => compare(old, now, '').length === 0;
    const gone = olds.some((old) => !news.some((now) => isCompatible(old, now)));
    const added = news.filter((now) => !olds.some((old) => isCompatible(old, now)));
    // Programs have to expect objects of further kinds, and not a number or null in place of a text.
    const isUnexpected =
      direction === 'response' && added.some((now) => !isObjectSchema(resolve(now, documents.after)));
    return gone || isUnexpected ? [`${place}: has other alternatives`] : [];
  }

  const problems = [...compareTypes(before, after, versions), ...compareValues(before, after, versions)];
  if (direction === 'request') problems.push(...compareLimits(before, after, place));
  problems.push(...compareRequired(before, after, versions));
  const newProperties = asObject(after['properties']);
  for (const [name, old] of Object.entries(asObject(before['properties']))) {
    if (newProperties[name] === undefined) problems.push(`${place}.${name}: is gone`);
    else problems.push(...compare(old, newProperties[name], `.${name}`));
  }
  for (const [key, name] of [
    ['items', '[]'],
    ['additionalProperties', '.*'],
    ['propertyNames', ' names'],
  ] as const) {
    if (isObject(before[key]) && isObject(after[key])) problems.push(...compare(before[key], after[key], name));
  }
  return problems;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** What a reference means, in place of it. */
export function resolve(value: unknown, document: JsonObject): JsonObject {
  const reference = asObject(value)['$ref'];
  if (typeof reference !== 'string') return asObject(value);
  const target = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((parent, key) => asObject(parent)[key], document);
  return resolve(target, document);
}

function isReference(value: unknown): boolean {
  return '$ref' in asObject(value);
}

function isObjectSchema(schema: JsonObject): boolean {
  return types(schema).every((type) => type === 'object');
}

function alternatives(schema: JsonObject): readonly unknown[] {
  const listed = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(listed) ? listed : [schema];
}

function compareTypes(before: JsonObject, after: JsonObject, { direction, place }: SchemaVersions): string[] {
  const [olds, news] = [types(before), types(after)];
  const [from, to] = direction === 'request' ? [olds, news] : [news, olds];
  const isKnown = (type: string) => to.includes(type) || (type === 'integer' && to.includes('number'));
  if (to.length === 0 || (from.length > 0 && from.every(isKnown))) return [];
  return [`${place}: was ${olds.join(' or ') || 'of any type'}, and is ${news.join(' or ') || 'of any type'}`];
}

function types({ type }: JsonObject): readonly string[] {
  return Array.isArray(type) ? type : typeof type === 'string' ? [type] : [];
}

/** Values that were listed have to stay. Further ones may come: programs have to expect that. */
function compareValues(before: JsonObject, after: JsonObject, { direction, place }: SchemaVersions): string[] {
  const [olds, news] = [values(before), values(after)];
  if (news === undefined) return [];
  if (olds === undefined) return direction === 'request' ? [`${place}: takes only some values now`] : [];
  return olds
    .filter((value) => !news.includes(value))
    .map((value) => `${place}: the value ${JSON.stringify(value)} is gone`);
}

function values(schema: JsonObject): readonly unknown[] | undefined {
  if (Array.isArray(schema['enum'])) return schema['enum'];
  return 'const' in schema ? [schema['const']] : undefined;
}

function compareLimits(before: JsonObject, after: JsonObject, place: string): string[] {
  const limit = (schema: JsonObject, key: string, none: number) =>
    typeof schema[key] === 'number' ? schema[key] : none;
  const upper = UPPER_LIMITS.filter((key) => limit(after, key, Infinity) < limit(before, key, Infinity));
  const lower = LOWER_LIMITS.filter((key) => limit(after, key, -Infinity) > limit(before, key, -Infinity));
  const problems = [...upper, ...lower].map((key) => `${place}: ${key} is narrower`);
  if (after['additionalProperties'] === false && before['additionalProperties'] !== false) {
    problems.push(`${place}: takes no other fields now`);
  }
  if (after['pattern'] !== undefined && after['pattern'] !== before['pattern'])
    problems.push(`${place}: has another pattern`);
  return problems;
}

function compareRequired(before: JsonObject, after: JsonObject, { direction, place }: SchemaVersions): string[] {
  const required = (schema: JsonObject): readonly string[] =>
    Array.isArray(schema['required']) ? schema['required'] : [];
  if (direction === 'request') {
    const added = required(after).filter((name) => !required(before).includes(name));
    return added.map((name) => `${place}.${name}: is required now`);
  }
  const missing = required(before).filter(
    (name) => !required(after).includes(name) && name in asObject(after['properties']),
  );
  return missing.map((name) => `${place}.${name}: may be missing now`);
}
