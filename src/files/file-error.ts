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
 * Whether an error of the system says that a file itself is missing, closed to this user or of a wrong kind. Any other, such as
 * too many open files, is a fault of the machine, which may pass.
 */
export function isFileError(error: unknown): boolean {
  return FILE_ERRORS.has((error as NodeJS.ErrnoException).code ?? '');
}
