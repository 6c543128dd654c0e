import type { ChildProcess } from 'node:child_process';

/** Start-up noise that is kept to explain an early end. */
const MAX_CHARACTERS = 8192;

/**
 * What a process writes to stderr, which must be a pipe: kept back until it has started, for a provider that is tried in vain
 * is loud about it, and passed on from then on.
 */
export class StderrTail {
  #tail = '';
  #hasStarted = false;

  constructor(child: ChildProcess) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (this.#hasStarted) process.stderr.write(text);
      else this.#tail = (this.#tail + text).slice(-MAX_CHARACTERS);
    });
  }

  /** Empty once the process has started. */
  get text(): string {
    return this.#tail;
  }

  /** The error line of a process that broke down before it could speak, behind a colon; or nothing. */
  get errorLine(): string {
    const line = this.#tail.split('\n').findLast((text) => /error/i.test(text));
    return line === undefined ? '' : `: ${line.trim()}`;
  }

  markStarted(): void {
    this.#hasStarted = true;
    this.#tail = '';
  }
}
