import { type core, z } from 'zod';
import { PanelvecError } from '../errors.ts';

/**
 * Checks a value from outside. @throws PanelvecError invalid_request naming the field, such as `input[3].text`
 */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = deepestIssue(result.error.issues);
  const param = formatPath(path);
  throw new PanelvecError('invalid_request', message, { param: param === '' ? undefined : param });
}

/** For calls whose options are all in the body: an option in the query would be lost. */
export const emptyQuerySchema = z.strictObject({});

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a union's alternatives, the one that got furthest is the one that was meant. */
function deepestIssue(issues: readonly core.$ZodIssue[]): SchemaIssue {
  const issue = issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    return { path: [...issue.path, issue.keys[0]!], message: 'unknown field' };
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { path: issue.path, message: issue.message };
  const problems = issue.errors.filter((alternative) => alternative.length > 0).map(deepestIssue);
  const furthest = problems.reduce((a, b) => (b.path.length > a.path.length ? b : a));
  const message =
    furthest.path.length === 0 ? problems.map((problem) => problem.message).join('; or ') : furthest.message;
  return { path: [...issue.path, ...furthest.path], message };
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}
