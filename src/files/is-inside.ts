import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** Whether a path lies in one of some folders, as it is written or with all links followed. */
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
