import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { firstLine } from '../../src/errors.ts';

const BENCH = path.join(import.meta.dirname, '..');
const STOP_MS = 5_000;

export interface ForkOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** All processes that a benchmark has started. None outlives it, however it ends. */
export class ChildProcesses implements AsyncDisposable {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();
  /** Children that lead a process group, which is signalled as a whole */
  readonly #groupLeaders = new WeakSet<ChildProcess>();
  readonly #killAll = () => this.#signalAll('SIGKILL');

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment;
    // Processes must end before other exit handlers remove the files that these processes write.
    process.prependListener('exit', this.#killAll);
  }

  /** Runs a file of bench/ as a child process. Resolves when the child has called `sendReady`, with its message. */
  async fork<ReadyMessage>(
    file: string,
    { args = [], env = {} }: ForkOptions = {},
  ): Promise<{ child: ChildProcess; ready: ReadyMessage }> {
    const child = this.#track(fork(path.join(BENCH, file), args, { env: { ...this.#environment, ...env } }));
    return { child, ready: await nextMessage<ReadyMessage>(child) };
  }

  /** Starts a program with its output in a pipe. One that is `detached` ends with all processes that it has started. */
  spawn(
    command: string,
    args: readonly string[],
    options: SpawnOptions = {},
  ): { child: ChildProcess; stdout: Readable } {
    const child = spawn(command, args, {
      ...options,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#track(child);
    if (options.detached === true) this.#groupLeaders.add(child);
    return { child, stdout: child.stdout };
  }

  /** Starts a program with its input and its output in pipes. */
  spawnWithInput(command: string, args: readonly string[]): { stdin: Writable; stdout: Readable } {
    const child = spawn(command, args, { env: this.#environment, stdio: ['pipe', 'pipe', 'inherit'] });
    return this.#track(child);
  }

  /**
   * Runs a shell command and parses the last line of its output as JSON.
   * @throws Error if the command fails or prints something else
   */
  async runJsonCommand<Output>(command: string, schema: z.ZodType<Output>): Promise<Output> {
    const { child, stdout } = this.spawn(command, [], { shell: true, detached: true });
    const closed = once(child, 'close');
    let line = '';
    for await (const next of createInterface(stdout)) line = next;
    const [code] = await closed;
    if (code !== 0) throw new Error(`"${command}" ended with ${code}`);
    try {
      return schema.parse(JSON.parse(line));
    } catch (cause) {
      const problem =
        cause instanceof z.ZodError ? cause.issues.map(({ message }) => message).join('; ') : firstLine(cause);
      throw new Error(`"${command}" printed "${line}": ${problem}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exits = [...this.#running].map((child) => once(child, 'exit'));
    this.#signalAll('SIGTERM');
    const deadline = setTimeout(this.#killAll, STOP_MS);
    await Promise.all(exits);
    clearTimeout(deadline);
    process.off('exit', this.#killAll);
  }

  #signalAll(signal: NodeJS.Signals): void {
    for (const child of this.#running) {
      if (this.#groupLeaders.has(child) && child.pid !== undefined) process.kill(-child.pid, signal);
      else child.kill(signal);
    }
  }

  #track<Child extends ChildProcess>(child: Child): Child {
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }
}

/** Sends a request to a forked child. @throws Error if the child ends without a response */
export function request<Request extends object, Result>(child: ChildProcess, message: Request): Promise<Result> {
  child.send(message);
  return nextMessage<Result>(child);
}

function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
    reject(new Error(`${child.spawnargs.join(' ')} ended with ${signal ?? code} before it responded`));
  child.once('exit', onExit);
  child.once('message', (message) => {
    child.off('exit', onExit);
    resolve(message as Message);
  });
  return promise;
}

/** In a child: tells the benchmark that the child is warm. */
export function sendReady(message: object = {}): void {
  if (process.send === undefined) throw new Error('this file runs as a child process of npm run bench');
  process.send(message);
}

/** In a child: answers each request of the benchmark, and ends when the benchmark is gone. */
export function handleRequests<Request, Result>(handle: (request: Request) => Promise<Result>): void {
  process.on('message', async (message: Request) => {
    const result = await handle(message);
    if (process.connected) process.send?.(result);
  });
  process.on('disconnect', () => process.exit(0));
}
