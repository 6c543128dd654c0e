import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../errors.ts';

export type PathKind = 'file' | 'folder';

/**
 * A path of a job's spec, absolute and without links. Relative ones are looked for below the first root.
 * @throws PanelvecError invalid_request naming the field, where there is nothing of that kind inside the roots
 */
export async function resolveInRoots(
  given: string,
  kind: PathKind,
  roots: readonly string[],
  param: string,
): Promise<string> {
  const fail = (problem: string) => {
    throw new PanelvecError('invalid_request', `${param}: "${given}" ${problem}`, { param });
  };
  const place = path.resolve(roots[0]!, given);
  // Before anything is looked at: what lies outside must not even be told from what is not there.
  const outside = `is outside of the data folders (PANELVEC_DATA_ROOTS: ${roots.join(', ')})`;
  if (!(await isInside(place, roots, false))) return fail(outside);
  if (!(await isInside(place, roots, true))) return fail(outside);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) return fail('does not exist');
  if (kind === 'file' ? !found.isFile() : !found.isDirectory()) return fail(`is no ${kind}`);
  return realpath(place);
}

/** Whether a path lies in one of the roots: as it is written, or with all links followed. */
export async function isInside(place: string, roots: readonly string[], followLinks: boolean): Promise<boolean> {
  const real = (file: string) => realpath(file).catch(() => file);
  const target = followLinks ? await real(place) : path.resolve(place);
  for (const root of roots) {
    for (const base of [path.resolve(root), await real(root)]) {
      const relative = path.relative(base, target);
      if (relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative)))
        return true;
    }
  }
  return false;
}
