import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Processes that were killed a moment ago may still write. */
const RETRIES = { maxRetries: 8, retryDelay: 100 } as const;

/** A folder that is removed when it is disposed of, or when the benchmark ends in any other way. */
export class TemporaryFolder implements Disposable {
  readonly path: string;
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true, ...RETRIES });

  /** @param folder one that another process makes; a new one is made if it is left out */
  constructor(folder = mkdtempSync(path.join(tmpdir(), 'panelvec-bench-'))) {
    this.path = folder;
    process.on('exit', this.#remove);
  }

  [Symbol.dispose](): void {
    this.#remove();
    process.off('exit', this.#remove);
  }
}
