import { type ErrorCode, firstLine, PanelvecError } from '../../errors.ts';
import type { JobError } from '../job.ts';

/** Errors that are not the job's fault: another attempt may succeed. */
const TRANSIENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'engine_unavailable',
  // The model leaves the service, or its memory: another attempt opens it again.
  'model_unavailable',
  'shutting_down',
  'database_unavailable',
  // The training process was killed, by the system for lack of memory or by hand. Its checkpoints are kept.
  'worker_lost',
]);

/** Errors of a file system that cannot be written to. */
const STORAGE_MESSAGES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than is allowed',
  EROFS: 'the file system cannot be written to',
  EACCES: 'the folder cannot be written to',
  EPERM: 'the folder cannot be written to',
};

/** Whether an error fails the job at once. Unforeseen errors get another attempt. */
export function isPermanent(error: unknown): boolean {
  const known = toStorageError(error) ?? error;
  return known instanceof PanelvecError && known.code !== 'internal' && !TRANSIENT_CODES.has(known.code);
}

/** Converts an error to the form that is stored and shown with the job. */
export function toJobError(error: unknown): JobError {
  const known = toStorageError(error) ?? error;
  if (!(known instanceof PanelvecError)) return { code: 'internal', message: firstLine(error), param: null };
  return { code: known.code, message: known.message, param: known.param ?? null };
}

function toStorageError(error: unknown): PanelvecError | undefined {
  // An error with a code of its own is understood already: EACCES may also come from reading a dataset's file.
  if (error instanceof PanelvecError && error.code !== 'internal') return undefined;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code = '', path } = cause as NodeJS.ErrnoException;
    const storageMessage = STORAGE_MESSAGES[code];
    if (storageMessage === undefined) continue;
    const pathSuffix = path === undefined ? '' : ` (${path})`;
    return new PanelvecError(
      'storage_failed',
      `${storageMessage}${pathSuffix}; the job resumes when it is submitted again`,
      {
        cause,
      },
    );
  }
  return undefined;
}
