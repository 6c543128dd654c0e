/** The parts of JSON Schema that the project's schemas use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The type of a schema in words, with its bounds; empty where anything goes. Names of components become links within the page. */
export function describeSchema(schema: JsonSchema): string {
  const names = [...new Set(alternatives(schema))];
  return joinOr([...names.filter((name) => name !== 'null'), ...names.filter((name) => name === 'null')]);
}

function alternatives(schema: JsonSchema): string[] {
  if (schema.$ref !== undefined) {
    const name = componentName(schema.$ref);
    return [`[${name}](#${name.toLowerCase()})`];
  }
  if (schema.const !== undefined) return [`\`${schema.const}\``];
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``);
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return variants.flatMap(alternatives);
  return [schema.type ?? []].flat().map((type) => describeSimpleType(type, schema));
}

/** `Job` of `#/components/schemas/Job` */
function componentName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function describeSimpleType(type: string, schema: JsonSchema): string {
  if (type === 'array') {
    return `list of ${describeItems(schema)}${describeCount(schema.minItems, schema.maxItems)}`;
  }
  if (type === 'string') {
    const format = schema.format === 'binary' ? 'bytes' : schema.format === 'uuid' ? 'UUID' : 'text';
    return `${format}${schema.maxLength === undefined ? '' : `, ${schema.maxLength} characters at most`}`;
  }
  if (type === 'integer' && schema.exclusiveMinimum !== undefined) {
    const { exclusiveMinimum, ...rest } = schema;
    return `integer${describeRange({ ...rest, minimum: exclusiveMinimum + 1 })}`;
  }
  return type === 'integer' || type === 'number' ? `${type}${describeRange(schema)}` : type;
}

function describeItems({ items, prefixItems }: JsonSchema): string {
  const item = items ?? prefixItems?.[0] ?? {};
  const names = [...new Set(alternatives(item))];
  if (names.length === 0) return 'anything';
  return names.length === 1 ? names.join('') : `any of ${names.join(', ')}`;
}

/** Bounds that are those of all safe integers are no bounds. */
function describeRange({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const parts = [
    isBound(minimum) ? `from ${minimum}` : '',
    exclusiveMinimum === undefined ? '' : `over ${exclusiveMinimum}`,
    isBound(maximum) ? `to ${maximum}` : '',
    exclusiveMaximum === undefined ? '' : `under ${exclusiveMaximum}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}

function isBound(bound: number | undefined): bound is number {
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
}

function describeCount(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined && maximum === undefined) return '';
  if (minimum === maximum) return ` (${minimum})`;
  if (maximum === undefined) return minimum === 1 ? ' (not empty)' : ` (${minimum} or more)`;
  return ` (${minimum ?? 0} to ${maximum})`;
}

function joinOr(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
