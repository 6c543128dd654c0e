import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../errors.ts';
import { isInside } from '../files/is-inside.ts';

/** `any` is a file or a folder. */
export type PathKind = 'file' | 'folder' | 'any';

/**
 * Resolves a path of a job's spec to an absolute path without links. A relative path starts at the first root.
 * @param param the field of the spec, for the error
 * @throws PanelvecError invalid_request if there is no such file or folder inside the roots
 */
export async function resolveInRoots(
  requestedPath: string,
  kind: PathKind,
  roots: readonly string[],
  param: string,
): Promise<string> {
  const fail = (problem: string) => {
    throw new PanelvecError('invalid_request', `"${requestedPath}" ${problem}`, { param });
  };
  const absolutePath = path.resolve(roots[0] ?? '', requestedPath);
  // Checked first: a caller must not learn whether a path outside of the roots exists.
  const outside = `is outside of the data folders (PANELVEC_DATA_ROOTS: ${roots.join(', ')})`;
  if (!(await isInside(absolutePath, roots, false))) return fail(outside);
  if (!(await isInside(absolutePath, roots, true))) return fail(outside);
  const stats = await stat(absolutePath).catch(() => undefined);
  if (stats === undefined) return fail('does not exist');
  if (kind === 'any' && !stats.isFile() && !stats.isDirectory()) return fail('is no file or folder');
  if (kind === 'file' && !stats.isFile()) return fail('is no file');
  if (kind === 'folder' && !stats.isDirectory()) return fail('is no folder');
  return realpath(absolutePath);
}
