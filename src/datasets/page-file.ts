import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { firstLine, PanelvecError } from '../errors.ts';
import { isFileError } from '../files/file-error.ts';
import { isInside } from '../files/is-inside.ts';
import type { PageLimits } from '../preprocess/image/open-image.ts';
import { ArchiveError } from './archives/archive-error.ts';
import { hasMember, readMember } from './archives/zip-members.ts';
import type { PageEntry } from './index-pages.ts';

/** An error of a page's files, with a reason that is more precise than an error code. */
export class PageFileError extends PanelvecError {
  readonly reason: string;

  constructor(reason: string, message: string, cause?: unknown) {
    super('invalid_request', message, { cause });
    this.reason = reason;
  }
}

/** What decides which files may be read. */
export interface PageFileLimits {
  readonly dataRoots: readonly string[];
  readonly imageLimits: PageLimits;
}

interface PageFileReasons {
  readonly missing: string;
  readonly tooLarge: string;
}

/**
 * Reads a file of a dataset. Refuses pipes, which would block forever, and files that are too large, before reading them.
 * @param reasons the reasons for a missing and for a too large file
 * @throws PageFileError with one of these reasons, or outside_data_roots
 */
export function readPageFile(file: string, reasons: PageFileReasons, resources: PageFileLimits): Promise<Buffer> {
  const { maxImageBytes } = resources.imageLimits;
  return withPageFile(file, reasons.missing, resources, async (handle, { size }) => {
    if (size > maxImageBytes) {
      throw new PageFileError(reasons.tooLarge, `${file} has ${size} bytes, over ${maxImageBytes}`);
    }
    return await handle.readFile();
  });
}

const IMAGE_REASONS: PageFileReasons = { missing: 'image_missing', tooLarge: 'image_too_large' };

/**
 * Reads the image of a page, from its file or out of its archive, as the index found it.
 * @throws PageFileError if it is missing, too large, damaged, or another image by now
 */
export function readPageImage(
  { imagePath: file, imageMember: member }: Pick<PageEntry, 'imagePath' | 'imageMember'>,
  resources: PageFileLimits,
): Promise<Buffer> {
  if (member === undefined) return readPageFile(file, IMAGE_REASONS, resources);
  const { maxImageBytes } = resources.imageLimits;
  return withPageFile(file, IMAGE_REASONS.missing, resources, async (handle) => {
    if (member.bytes > maxImageBytes) {
      const problem = `${file}/${member.name} has ${member.bytes} bytes, over ${maxImageBytes}`;
      throw new PageFileError(IMAGE_REASONS.tooLarge, problem);
    }
    try {
      return await readMember(handle, member);
    } catch (cause) {
      if (!(cause instanceof ArchiveError)) throw cause;
      const hasChanged = !(await hasMember(handle, member));
      const problem = hasChanged ? 'the archive has changed since the index was made' : firstLine(cause);
      throw new PageFileError(
        hasChanged ? 'archive_changed' : 'bad_archive',
        `${file}/${member.name}: ${problem}`,
        cause,
      );
    }
  });
}

/** The state of the file that holds the image of a page. @throws PageFileError as readPageImage does */
export function statPageImage({ imagePath }: Pick<PageEntry, 'imagePath'>, limits: PageFileLimits): Promise<Stats> {
  return withPageFile(imagePath, IMAGE_REASONS.missing, limits, async (_, stats) => stats);
}

async function withPageFile<T>(
  file: string,
  missing: string,
  { dataRoots }: PageFileLimits,
  read: (handle: FileHandle, stats: Stats) => Promise<T>,
): Promise<T> {
  if (!(await isInside(file, dataRoots, true))) throw new PageFileError('outside_data_roots', `${file} leads outside`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw new PageFileError(missing, `${file} is no file`);
    return await read(handle, stats);
  } catch (cause) {
    if (!isFileError(cause)) throw cause;
    throw new PageFileError(missing, firstLine(cause), cause);
  } finally {
    await handle?.close();
  }
}
