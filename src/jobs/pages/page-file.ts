import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { firstLine, PanelvecError } from '../../errors.ts';
import { isInside } from '../../files/is-inside.ts';
import type { Resources } from '../job-kind.ts';

/** An error of a page's files, with a reason that is more precise than an error code. */
export class PageFileError extends PanelvecError {
  readonly reason: string;

  constructor(reason: string, message: string, cause?: unknown) {
    super('invalid_request', message, { cause });
    this.reason = reason;
  }
}

/** Codes that say that the file itself is missing or of a wrong kind. Any other is a fault of the machine, which may pass. */
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
 * Reads a file of a dataset. Refuses pipes, which would block forever, and files that are too large, before reading them.
 * @param reasons the reasons for a missing and for a too large file
 * @throws PageFileError with one of these reasons, or outside_data_roots
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
