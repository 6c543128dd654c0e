import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { isErrorCode, PanelvecError } from '../errors.ts';
import type { ChosenProvider } from '../onnxruntime/provider.ts';
import { hasExited, lowerPriority, terminateChild } from '../process/child-process.ts';
import { StderrTail } from '../process/stderr-tail.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';
import type { EngineItem, EngineResult, EngineSettings } from './engine-types.ts';

const ENTRY = path.join(import.meta.dirname, 'engine/engine-main.ts');
const STOP_GRACE_MS = 5000;

export interface BatchResult {
  readonly results: readonly EngineResult[];
  /** Time that the engine worked on the batch */
  readonly seconds: number;
}

interface PendingBatch {
  resolve(result: BatchResult): void;
  reject(error: unknown): void;
}

/** One engine child process and the conversation with it. It starts once; after its end a new one is made. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, PendingBatch>();
  readonly #ready = Promise.withResolvers<ChosenProvider>();
  readonly #exited = Promise.withResolvers<string>();
  #nextId = 0;
  readonly #stderrTail: StderrTail;

  constructor(settings: EngineSettings) {
    // Advanced serialisation keeps pixels and vectors binary.
    this.#child = fork(ENTRY, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    // First of all: where no process can be made (no descriptors left), this event is all there is.
    this.#child.on('error', (error) => this.#handleExit(error.message));
    this.#stderrTail = new StderrTail(this.#child);
    this.#child.on('message', (message: FromEngine) => this.#receive(message));
    this.#child.on('exit', (code, signal) => this.#handleExit(signal ?? `exit code ${code}`));
    // A refused start is awaited by whoever started it; nobody may be waiting when a late death rejects it.
    this.#ready.promise.catch(() => {});
    lowerPriority(this.#child);
    this.#send({ type: 'start', settings });
  }

  /** Resolves when every session is warm. @throws PanelvecError where the engine refuses or dies before */
  get ready(): Promise<ChosenProvider> {
    return this.#ready.promise;
  }

  /** Resolves with the reason when the process is gone. */
  get exited(): Promise<string> {
    return this.#exited.promise;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws PanelvecError engine_unavailable where the process dies first or the batch fails */
  run(model: string, items: readonly EngineItem[]): Promise<BatchResult> {
    const id = this.#nextId++;
    const pending = Promise.withResolvers<BatchResult>();
    this.#pending.set(id, pending);
    this.#send({ type: 'run', id, model, items });
    return pending.promise;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the process when its run ends, or by force where that takes too long. */
  async stop(): Promise<void> {
    await terminateChild(this.#child, { method: 'disconnect', graceMs: STOP_GRACE_MS });
  }

  #send(message: ToEngine): void {
    if (this.#child.pid === undefined) return;
    this.#child.send(message, (error) => {
      // The exit that follows rejects what was pending; a closed channel has nothing more to say.
      if (error && !hasExited(this.#child)) this.kill();
    });
  }

  #receive(message: FromEngine): void {
    if (message.type === 'ready') {
      const { provider, fallback } = message.info;
      // The fallback is shown to clients: without the folders of this machine.
      const library = this.#missingLibraryDetail().replaceAll(/(\/[^\s:()/]+)+\//g, '');
      this.#stderrTail.markStarted();
      this.#ready.resolve({ provider, fallback: fallback && fallback + library });
    } else if (message.type === 'refused') {
      const code = isErrorCode(message.code) ? message.code : 'model_invalid';
      this.#ready.reject(new PanelvecError(code, message.message + this.#missingLibraryDetail()));
      this.kill();
    } else {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.type === 'done') pending?.resolve(message);
      else pending?.reject(new PanelvecError('inference_failed', message.message));
    }
  }

  #handleExit(reason: string): void {
    const details = this.#missingLibraryDetail() || this.#stderrTail.errorLine;
    const error = new PanelvecError('engine_unavailable', `the engine process ended (${reason})${details}`);
    this.#ready.reject(error);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#exited.resolve(reason);
  }

  /** ONNX Runtime's exception says only that a library did not load; which one, it prints. */
  #missingLibraryDetail(): string {
    const match = /with error: (.+)|Couldn't load ([^\n]+)/.exec(this.#stderrTail.text);
    const library = match?.[1] ?? match?.[2];
    return library === undefined ? '' : ` (${library.trim()})`;
  }
}
