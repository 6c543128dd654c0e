import type { ChildProcess } from 'node:child_process';

/** Start-up noise that is kept to explain an early end. */
const LIMIT_CHARACTERS = 8192;

/**
 * What a process writes to stderr, which must be a pipe: kept back until it has started, for a provider that is tried in vain
 * is loud about it, and passed on from then on.
 */
export class StartupWords {
  #kept = '';
  #started = false;

  constructor(child: ChildProcess) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (this.#started) process.stderr.write(text);
      else this.#kept = (this.#kept + text).slice(-LIMIT_CHARACTERS);
    });
  }

  /** Empty once the process has started. */
  get text(): string {
    return this.#kept;
  }

  /** The error line of a process that broke down before it could speak, behind a colon; or nothing. */
  get error(): string {
    const line = this.#kept.split('\n').findLast((text) => /error/i.test(text));
    return line === undefined ? '' : `: ${line.trim()}`;
  }

  started(): void {
    this.#started = true;
    this.#kept = '';
  }
}
