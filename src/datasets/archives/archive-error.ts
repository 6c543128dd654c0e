/** An archive cannot be read, or a file in it. `reason` is one of the reasons for which pages are skipped. */
export class ArchiveError extends Error {
  readonly reason: 'bad_archive' | 'unsupported_archive';

  constructor(reason: ArchiveError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ArchiveError';
    this.reason = reason;
  }
}
