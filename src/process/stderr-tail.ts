import type { ChildProcess } from 'node:child_process';

/** Start-up output that is kept to explain why a process ended early. */
const MAX_CHARACTERS = 8192;

/**
 * The end of what a child process writes to stderr while it starts; its stderr must be a pipe. A provider that is tried
 * without success prints much, so nothing is shown before the process has started. Later output is passed on.
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

  /** The last line that mentions an error, after a colon, for the end of a message. Empty where there is none. */
  get errorLine(): string {
    const line = this.#tail.split('\n').findLast((text) => /error/i.test(text));
    return line === undefined ? '' : `: ${line.trim()}`;
  }

  markStarted(): void {
    this.#hasStarted = true;
    this.#tail = '';
  }
}
