import { type ChildProcess, fork } from 'node:child_process';
import { environmentWithoutSecrets } from './child-environment.ts';
import { hasExited, lowerPriority, terminateChild } from './child-process.ts';
import { childEndpoint } from './endpoint.ts';
import { RpcClient, type RpcMethods } from './rpc.ts';
import { StderrTail } from './stderr-tail.ts';

/** The descriptor of an inherited file in the process: after its standard streams and the channel to its parent. */
export const INHERITED_FILE = 4;

export interface ComputeProcessOptions {
  /** The program: it calls `bridgeToWorkerThread`. */
  readonly entry: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A file that the process gets open, as INHERITED_FILE */
  readonly inheritedFile?: number | undefined;
  /** Makes the error of requests that the process can no longer answer, from the reason why it ended. */
  readonly toExitError: (reason: string) => Error;
}

/** A child process that computes in a worker thread, at a lower priority, and is asked over RPC. It gets no secrets. */
export class ComputeProcess<Methods extends RpcMethods> {
  readonly rpc: RpcClient<Methods>;
  readonly stderrTail: StderrTail;
  /** Resolves with the reason when the process has ended. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;

  constructor({ entry, environment, inheritedFile, toExitError }: ComputeProcessOptions) {
    this.#child = fork(entry, {
      env: environmentWithoutSecrets(environment),
      // Keeps pixels and vectors binary.
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc', ...(inheritedFile === undefined ? [] : [inheritedFile])],
    });
    // A process that cannot be asked is of no use: its end rejects what is pending.
    const endpoint = childEndpoint(this.#child, () => this.kill());
    this.exited = endpoint.closed;
    this.stderrTail = new StderrTail(this.#child);
    this.rpc = new RpcClient(endpoint, toExitError);
    lowerPriority(this.#child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && !hasExited(this.#child);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the process, by force after the grace time. */
  async stop(graceMs: number): Promise<void> {
    await terminateChild(this.#child, { method: 'disconnect', graceMs });
  }
}
