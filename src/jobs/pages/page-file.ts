import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { firstLine, PanelvecError } from '../../errors.ts';
import { isInside } from '../data-roots.ts';
import type { Resources } from '../job-kind.ts';

/** What is wrong with a page in the ledger's words, where an error's code would say too little. */
export class PageFileError extends PanelvecError {
  readonly reason: string;

  constructor(reason: string, message: string, cause?: unknown) {
    super('invalid_request', message, { cause });
    this.reason = reason;
  }
}

/** What a file's own absence or kind says. Anything else is a fault of the machine, and may pass. */
const FILE_ERRORS: ReadonlySet<string> = new Set([
  'ENOENT',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENXIO',
  'ERR_INVALID_ARG_VALUE',
]);

/**
 * A file of a dataset, if it is one: a pipe would be waited for for ever, and what is too large is not read first.
 * @throws PageProblem with the reason: `missing`, outside_data_roots, `tooLarge`
 */
export async function readPageFile(
  file: string,
  reasons: { readonly missing: string; readonly tooLarge: string },
  { dataRoots, imageLimits: { maxImageBytes } }: Resources,
): Promise<Buffer> {
  if (!(await isInside(file, dataRoots, true))) throw new PageFileError('outside_data_roots', `${file} leads outside`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw new PageFileError(reasons.missing, `${file} is no file`);
    if (stats.size > maxImageBytes) {
      throw new PageFileError(reasons.tooLarge, `${file} has ${stats.size} bytes, over ${maxImageBytes}`);
    }
    return await handle.readFile();
  } catch (cause) {
    if (!FILE_ERRORS.has((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw new PageFileError(reasons.missing, firstLine(cause), cause);
  } finally {
    await handle?.close();
  }
}
