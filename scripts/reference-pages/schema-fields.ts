import { describeSchema, type JsonSchema } from './schema-type.ts';

/** A field of an object, below its path: `dataset.panels.format`, `data[].index`. */
export interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly defaultValue: unknown;
  readonly description: string;
}

/** The fields of an object and of the objects in it, each after that which has it. Named schemas are links, and not entered. */
export function schemaFields(schema: JsonSchema, prefix = ''): SchemaField[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([key, property]) => {
    const name = `${prefix}${key}`;
    const field = {
      name,
      type: describeSchema(property),
      isRequired: required.includes(key),
      defaultValue: property.default,
      description: property.description ?? '',
    };
    return [field, ...nestedFields(property, name)];
  });
}

/** The same field in several variants is listed once. */
function nestedFields(schema: JsonSchema, name: string): SchemaField[] {
  const { items, additionalProperties } = schema;
  const variants = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const fields = [
    ...schemaFields(schema, `${name}.`),
    ...(items === undefined ? [] : nestedFields(items, `${name}[]`)),
    ...(typeof additionalProperties === 'object' ? nestedFields(additionalProperties, `${name}.*`) : []),
    ...variants.flatMap((variant) => nestedFields(variant, name)),
  ];
  return [...new Map(fields.map((field) => [field.name, field])).values()];
}
