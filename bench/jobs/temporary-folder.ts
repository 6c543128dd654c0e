import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Processes that were killed a moment ago may still write. */
const RETRIES = { maxRetries: 8, retryDelay: 100 } as const;

/** A folder that goes when it is disposed of, or when the bench ends in any other way: a new one, or one that others make. */
export class TemporaryFolder implements Disposable {
  readonly path: string;
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true, ...RETRIES });

  constructor(folder = mkdtempSync(path.join(tmpdir(), 'panelvec-bench-'))) {
    this.path = folder;
    process.on('exit', this.#remove);
  }

  [Symbol.dispose](): void {
    this.#remove();
    process.off('exit', this.#remove);
  }
}
