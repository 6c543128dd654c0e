import { type core, z } from 'zod';
import { PanelvecError } from '../errors.ts';
import { findNullPaths, withoutFields } from './null-fields.ts';

const MAX_NULL_PASSES = 3;

/** Schema of a query without options. Calls with their options in the body have it: one in the query would be lost. */
export const emptyQuerySchema = z.strictObject({}, 'this call takes its options in the body, not in the query');

/**
 * Checks a value from outside. A field that is null counts as absent where its schema does not take null: many clients write
 * null for what they leave out. The error is invalid_request and names the field, such as `input[3].text`.
 */
export function safeParse<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { readonly value: z.output<T> } | { readonly error: PanelvecError } {
  let checked = value;
  let result = schema.safeParse(checked);
  // One pass more for what a schema checks only after the first fields are right.
  for (let pass = 0; pass < MAX_NULL_PASSES && !result.success; pass++) {
    const nullPaths = findNullPaths(result.error.issues, checked);
    if (nullPaths.length === 0) break;
    checked = withoutFields(checked, nullPaths);
    result = schema.safeParse(checked);
  }
  if (result.success) return { value: result.data };
  const { path, message } = deepestIssue(result.error.issues);
  return { error: new PanelvecError('invalid_request', message, { param: formatPath(path) || undefined }) };
}

/** @throws PanelvecError as `safeParse` */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = safeParse(schema, value);
  if ('error' in result) throw result.error;
  return result.value;
}

/** @throws PanelvecError too_many_items */
export function assertItemCount(count: number, maxItems: number, param?: string): void {
  if (count <= maxItems) return;
  const message = `${count} items exceed the limit of ${maxItems} per request: send several requests`;
  throw new PanelvecError('too_many_items', message, { param });
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** How zod begins what it says of unknown fields, where a schema has no message of its own */
const ZOD_UNKNOWN_MESSAGE = 'Unrecognized key';
/** What zod says of a union without a message of its own */
const ZOD_UNION_MESSAGE = 'Invalid input';

/** The first issue; of a union the first issue of the alternative that got furthest, which is the one that was meant. */
function deepestIssue([issue]: readonly core.$ZodIssue[]): SchemaIssue {
  if (issue === undefined) return { path: [], message: 'invalid value' };
  if (issue.code === 'unrecognized_keys') {
    const message = issue.message.startsWith(ZOD_UNKNOWN_MESSAGE) ? 'unknown field' : issue.message;
    return { path: [...issue.path, ...issue.keys.slice(0, 1)], message };
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { path: issue.path, message: issue.message };
  const alternatives = issue.errors.filter((issues) => issues.length > 0).map(deepestIssue);
  const furthest = alternatives.reduce((a, b) => (b.path.length > a.path.length ? b : a));
  if (furthest.path.length > 0) return { path: [...issue.path, ...furthest.path], message: furthest.message };
  const hasOwnMessage = issue.message !== ZOD_UNION_MESSAGE;
  const message = hasOwnMessage ? issue.message : alternatives.map((alternative) => alternative.message).join('; or ');
  return { path: issue.path, message };
}

/** A path in JavaScript's notation: `pages[1].image`. */
export function formatPath(path: readonly PropertyKey[]): string {
  const steps = path.map((key, i) =>
    typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`,
  );
  return steps.join('');
}
