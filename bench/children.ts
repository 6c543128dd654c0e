import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const SERVICE = path.join(import.meta.dirname, '../src/main.ts');
const STOP_MS = 5_000;

/** All processes that the bench has started: none outlives it, however it ends. */
export class Children implements AsyncDisposable {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();
  /** Those of them that lead a group of processes, which is signalled as a whole */
  readonly #leaders = new WeakSet<ChildProcess>();
  readonly #killAll = () => this.#signalAll('SIGKILL');

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
    // Before others take away the files that these write.
    process.prependListener('exit', this.#killAll);
  }

  /** A file of the bench as a process. Resolves with what it announces when it is warm. */
  async fork<ReadyMessage>(
    file: string,
    args: readonly string[] = [],
    extraEnvironment: Readonly<Record<string, string>> = {},
  ): Promise<{ child: ChildProcess; ready: ReadyMessage }> {
    const child = this.#track(
      fork(path.join(import.meta.dirname, file), args, { env: { ...this.#environment, ...extraEnvironment } }),
    );
    return { child, ready: await nextMessage<ReadyMessage>(child) };
  }

  /** The service as a user starts it. Resolves with its address when it is ready. */
  async serve(): Promise<string> {
    return (await this.startService()).address;
  }

  async startService(): Promise<{ child: ChildProcess; address: string }> {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const child = this.#track(
      spawn(process.execPath, [SERVICE, 'serve'], { env: this.#environment, stdio: [...stdio] }),
    );
    for await (const line of createInterface(child.stdout!)) {
      const address = /^ready at (http\S+?),/.exec(JSON.parse(line).msg)?.[1];
      if (address !== undefined) {
        // Whatever it still logs must not fill the pipe.
        child.stdout!.resume();
        return { child, address };
      }
    }
    throw new Error('the service ended before it was ready');
  }

  /** A command of the shell, to its end. Resolves with its last line of output. @throws Error where it fails */
  async runShell(command: string): Promise<string> {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    // A group of its own, so that what the shell starts ends with it.
    const child = this.#track(
      spawn(command, { shell: true, detached: true, env: this.#environment, stdio: [...stdio] }),
    );
    this.#leaders.add(child);
    const closed = once(child, 'close');
    let last = '';
    for await (const line of createInterface(child.stdout!)) last = line;
    const [code] = await closed;
    if (code !== 0) throw new Error(`"${command}" ended with ${code}`);
    return last;
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
      if (this.#leaders.has(child)) process.kill(-child.pid!, signal);
      else child.kill(signal);
    }
  }

  #track(child: ChildProcess): ChildProcess {
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }
}

/** @throws Error where the child ends without an answer */
export function request<Request extends object, Result>(child: ChildProcess, message: Request): Promise<Result> {
  child.send(message);
  return nextMessage<Result>(child);
}

function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const ended = () => reject(new Error(`${path.basename(child.spawnargs[1]!)} ended without an answer`));
  child.once('exit', ended);
  child.once('message', (message) => {
    child.off('exit', ended);
    resolve(message as Message);
  });
  return promise;
}
