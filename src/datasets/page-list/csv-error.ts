/** A line that is not CSV. */
export class CsvError extends Error {
  /** From 1 */
  readonly line: number;

  constructor(message: string, line: number, cause?: unknown) {
    super(message, { cause });
    this.name = 'CsvError';
    this.line = line;
  }
}
