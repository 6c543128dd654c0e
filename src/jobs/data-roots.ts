import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../errors.ts';

export type PathKind = 'file' | 'folder';

/**
 * A path of a job's spec, absolute and without links. Relative ones are looked for below the first root.
 * @throws PanelvecError invalid_request naming the field, where there is nothing of that kind inside the roots
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
  const absolutePath = path.resolve(roots[0]!, requestedPath);
  // Before anything is looked at: what lies outside must not even be told from what is not there.
  const outside = `is outside of the data folders (PANELVEC_DATA_ROOTS: ${roots.join(', ')})`;
  if (!(await isInside(absolutePath, roots, false))) return fail(outside);
  if (!(await isInside(absolutePath, roots, true))) return fail(outside);
  const stats = await stat(absolutePath).catch(() => undefined);
  if (stats === undefined) return fail('does not exist');
  if (kind === 'file' ? !stats.isFile() : !stats.isDirectory()) return fail(`is no ${kind}`);
  return realpath(absolutePath);
}

/** Whether a path lies in one of the roots: as it is written, or with all links followed. */
export async function isInside(file: string, roots: readonly string[], followLinks: boolean): Promise<boolean> {
  const toRealPath = (candidate: string) => realpath(candidate).catch(() => candidate);
  const target = followLinks ? await toRealPath(file) : path.resolve(file);
  for (const root of roots) {
    for (const base of [path.resolve(root), await toRealPath(root)]) {
      const relative = path.relative(base, target);
      if (relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative)))
        return true;
    }
  }
  return false;
}
