import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { asSentence, code, escapeMarkdown, markdownTable, pageHeader } from './markdown.ts';
import { schemaFields } from './schema-fields.ts';
import { describeSchema, type JsonSchema } from './schema-type.ts';

const OPENAPI_FILE = path.join(import.meta.dirname, '../../openapi.yaml');

const INTRO = `All calls, from [openapi.yaml](../../openapi.yaml). [The HTTP API](../api.md) explains what they share: bodies, options, texts,
images, limits and [the codes of errors](../api.md#errors). A field without "required" may be absent. Fields of responses are always there unless they say
otherwise.`;

interface Content {
  readonly [mediaType: string]: { readonly schema?: JsonSchema };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** Every call with its parameters, bodies, responses, errors and scopes, and every named schema. */
export function renderApiPage(): string {
  const { paths, components } = parse(readFileSync(OPENAPI_FILE, 'utf8')) as OpenapiDocument;
  const calls = Object.entries(paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${route}`, operation })),
  );
  const tags = [...new Set(calls.map(({ operation }) => operation.tags?.[0] ?? 'other'))];
  const groups = tags.map((tag) => {
    const ofTag = calls.filter(({ operation }) => (operation.tags?.[0] ?? 'other') === tag);
    return `## ${tag.charAt(0).toUpperCase()}${tag.slice(1)}\n\n${ofTag.map(renderCall).join('\n')}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `### ${name}\n\n${renderFields(schema, false)}\n`,
  );
  return [pageHeader('Calls', INTRO, 'openapi.yaml'), ...groups, '## Schemas\n', ...schemas].join('\n');
}

function renderCall({ name, operation }: { name: string; operation: Operation }): string {
  const { summary = '', description = '', parameters = [], requestBody, responses } = operation;
  const parts = [
    `### ${name}`,
    [summary, description]
      .map((text) => asSentence(escapeMarkdown(text)))
      .join(' ')
      .trim(),
    describeAccess(operation),
    parameters.length === 0 ? '' : markdownTable(['parameter', 'in', 'type', 'meaning'], parameters.map(parameterRow)),
    ...describeBodies(requestBody?.content ?? {}),
    markdownTable(
      ['response', 'body', ''],
      Object.entries(responses).map(([status, response]) => responseRow(status, response)),
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function describeAccess({ security = [] }: Operation): string {
  if (security.length === 0) return 'Scope: none; no key is needed.';
  const scopes = [...new Set(security.flatMap((scheme) => Object.values(scheme).flat()))];
  return `Scope: ${scopes.length === 0 ? 'any key' : scopes.map(code).join(', ')}.`;
}

function parameterRow({ name, in: place, required = false, description, schema }: Parameter): string[] {
  const meaning = asSentence(escapeMarkdown(description ?? schema.description ?? ''));
  return [code(name), place, describeSchema(schema), [required ? 'Required.' : '', meaning].join(' ').trim()];
}

/** Media types with one schema share a table. */
function describeBodies(content: Content): string[] {
  const types = new Map<string, { names: string[]; schema: JsonSchema }>();
  for (const [mediaType, { schema = {} }] of Object.entries(content)) {
    const key = JSON.stringify(schema);
    const known = types.get(key);
    if (known === undefined) types.set(key, { names: [code(mediaType)], schema });
    else known.names.push(code(mediaType));
  }
  return [...types.values()].map(({ names, schema }) => `Body, ${names.join(', ')}:${renderBody(schema)}`);
}

function renderBody(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return ` ${describeSchema(schema)}`;
  const variants = schema.oneOf ?? schema.anyOf ?? [];
  if (variants.length > 1 && variants.every(({ properties }) => properties !== undefined)) {
    return ` one of\n\n${variants.map((variant) => renderFields(variant, true)).join('\n\nor\n\n')}`;
  }
  return schema.properties === undefined ? ` ${describeSchema(schema)}` : `\n\n${renderFields(schema, true)}`;
}

function renderFields(schema: JsonSchema, isRequest: boolean): string {
  const fields = schemaFields(schema);
  if (fields.length === 0)
    return asSentence([describeSchema(schema), escapeMarkdown(schema.description ?? '')].join(' ').trim());
  const rows = fields.map(({ name, type, isRequired, defaultValue, description }) => {
    const parts = [
      isRequest && isRequired ? 'Required.' : '',
      asSentence(escapeMarkdown(description)),
      isRequest && defaultValue !== undefined ? `Default: ${code(JSON.stringify(defaultValue))}.` : '',
    ];
    return [code(name), type, parts.filter((part) => part !== '').join(' ')];
  });
  return markdownTable(['field', 'type', 'meaning'], rows);
}

function responseRow(status: string, response: Operation['responses'][string]): string[] {
  const bodies = Object.entries(response.content ?? {}).map(([mediaType, { schema = {} }]) => {
    const type = schema.format === 'binary' || schema.type === 'string' ? '' : describeSchema(schema);
    return [code(mediaType), type].filter((part) => part !== '').join(': ');
  });
  const description =
    response.description === 'Default Response' ? '' : asSentence(escapeMarkdown(response.description));
  return [status, bodies.join('; '), description];
}
