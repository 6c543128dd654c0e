import { type ErrorCode, firstLine, PanelvecError } from '../../errors.ts';
import type { JobError } from '../job.ts';

/** Nothing in the job is wrong: another try may go well. */
const TRANSIENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'engine_unavailable',
  'shutting_down',
  'database_unavailable',
  // A process that computes was killed, by the system's want of memory or by hand: what it had done is kept.
  'worker_lost',
]);

/** What a file system says when no file can be written, in words. */
const STORAGE_MESSAGES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than is allowed',
  EROFS: 'the file system cannot be written to',
  EACCES: 'the folder cannot be written to',
  EPERM: 'the folder cannot be written to',
};

/** Whether the job shall be failed at once. What was not foreseen gets another try. */
export function isPermanent(error: unknown): boolean {
  const known = toStorageError(error) ?? error;
  return known instanceof PanelvecError && known.code !== 'internal' && !TRANSIENT_CODES.has(known.code);
}

/** An error as it is shown with the job. */
export function toJobError(error: unknown): JobError {
  const known = toStorageError(error) ?? error;
  if (!(known instanceof PanelvecError)) return { code: 'internal', message: firstLine(error), param: null };
  return { code: known.code, message: known.message, param: known.param ?? null };
}

function toStorageError(error: unknown): PanelvecError | undefined {
  // What has a code of its own is understood already: a dataset's file that may not be read is no folder to write to.
  if (error instanceof PanelvecError && error.code !== 'internal') return undefined;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code = '', path } = cause as NodeJS.ErrnoException;
    const storageMessage = STORAGE_MESSAGES[code];
    if (storageMessage === undefined) continue;
    const pathSuffix = path === undefined ? '' : ` (${path})`;
    return new PanelvecError(
      'storage_failed',
      `${storageMessage}${pathSuffix}; the job can be submitted again and goes on`,
      {
        cause,
      },
    );
  }
  return undefined;
}
