/** What this form reads of a JSON schema. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly description?: string;
}

/** How a field is edited. What no other kind fits is edited as JSON. */
export type FieldKind =
  | {
      readonly kind: 'object';
      readonly properties: Readonly<Record<string, JsonSchema>>;
      readonly required: readonly string[];
    }
  | { readonly kind: 'choice'; readonly options: readonly unknown[] }
  | { readonly kind: 'choices'; readonly options: readonly unknown[] }
  | { readonly kind: 'number' | 'text' | 'texts' | 'json' };

const BOOLEANS = [true, false];

/** A field that may be null is edited as what else it may be: an empty field is absent. */
export function fieldKind(schema: JsonSchema): FieldKind {
  const alternatives = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (alternatives?.length === 1 && alternatives[0]) return fieldKind(alternatives[0]);
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null');
  const options = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (options) return { kind: 'choice', options };
  if (types.length !== 1 || schema.anyOf || schema.oneOf) return { kind: 'json' };
  switch (types[0]) {
    case 'object':
      if (schema.properties === undefined) return { kind: 'json' };
      return { kind: 'object', properties: schema.properties, required: schema.required ?? [] };
    case 'boolean':
      return { kind: 'choice', options: BOOLEANS };
    case 'integer':
    case 'number':
      return { kind: 'number' };
    case 'string':
      return { kind: 'text' };
    case 'array':
      return arrayKind(schema.items ?? {});
    default:
      return { kind: 'json' };
  }
}

function arrayKind(items: JsonSchema): FieldKind {
  if (items.enum) return { kind: 'choices', options: items.enum };
  return items.type === 'string' ? { kind: 'texts' } : { kind: 'json' };
}

/** The value of the field `type` that a schema is for: the kind of a job. */
export function typeOf(schema: JsonSchema): string {
  const type = schema.properties?.['type'];
  return String(type?.enum?.[0] ?? type?.const);
}

/** The schemas of the kinds of jobs, in the description of the API. */
export function jobSchemasOf({ paths }: { readonly paths?: object }): readonly JsonSchema[] {
  const { post } = (paths as Record<string, unknown>)['/v1/jobs'] as {
    post: { requestBody: { content: { 'application/json': { schema: JsonSchema } } } };
  };
  const { schema } = post.requestBody.content['application/json'];
  return schema.oneOf ?? schema.anyOf ?? [schema];
}
