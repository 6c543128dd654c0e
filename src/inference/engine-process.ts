import { PanelvecError } from '../errors.ts';
import type { ChosenProvider } from '../onnxruntime/provider.ts';
import { codeFile } from '../process/code-file.ts';
import { ComputeProcess } from '../process/compute-process.ts';
import type { SupervisedProcess } from '../process/supervise.ts';
import { type EngineEnd, EngineLostError } from './engine-end.ts';
import type { BatchResult, EngineMethods, SentItem } from './engine-messages.ts';
import type { EngineItem, EngineSettings } from './engine-types.ts';
import { PixelFile, type PixelRegion } from './pixel-file.ts';

const ENTRY = codeFile(import.meta, 'engine/engine-main');
const STOP_GRACE_MS = 5000;

/** One engine process. It starts once; after it has ended, a new one takes its place. */
export class EngineProcess implements SupervisedProcess {
  /** Resolves when every session is warm. @throws PanelvecError where the engine refuses its settings or ends before */
  readonly ready: Promise<ChosenProvider>;
  readonly #process: ComputeProcess<EngineMethods>;
  readonly #pixelFile = PixelFile.open();
  #info: ChosenProvider | undefined;
  #residentBytes = 0;
  #startBytes = 0;
  #intendedEnd: EngineEnd | undefined;

  constructor(settings: EngineSettings) {
    this.#process = new ComputeProcess({
      entry: ENTRY,
      inheritedFile: this.#pixelFile?.descriptor,
      toExitError: (reason) => new EngineLostError(reason, this.#intendedEnd),
    });
    void this.#process.exited.then(() => this.#pixelFile?.[Symbol.dispose]());
    this.ready = this.#start(settings);
  }

  /** Resolves with the reason when the process has ended. */
  get exited(): Promise<string> {
    return this.#process.exited;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** Undefined while the engine is not warm, and after its end. */
  get info(): ChosenProvider | undefined {
    return this.isRunning ? this.#info : undefined;
  }

  /** Memory of the process when it last answered; 0 while it has not started and after its end. */
  get residentBytes(): number {
    return this.info === undefined ? 0 : this.#residentBytes;
  }

  /** Memory of the process when it was warm */
  get startBytes(): number {
    return this.#startBytes;
  }

  /**
   * @param wantsPartSeconds whether the result shall have the times of the parts
   * @throws EngineLostError where the process ends first, PanelvecError inference_failed where the batch fails
   */
  async run(items: readonly EngineItem[], wantsPartSeconds = false): Promise<BatchResult> {
    const regions: PixelRegion[] = [];
    const toSentItem = (item: EngineItem): SentItem => {
      // Floats are rare, and would have to be aligned.
      const region = item.pixels instanceof Uint8Array ? this.#writePixels(item.pixels) : undefined;
      if (region === undefined) return item;
      regions.push(region);
      return { ...item, pixels: region };
    };
    try {
      const result = await this.#process.rpc.request('run', { items: items.map(toSentItem), wantsPartSeconds });
      this.#residentBytes = result.residentBytes;
      return result;
    } finally {
      for (const region of regions) this.#pixelFile?.free(region);
    }
  }

  /** @param end what its loss says of the panels that it had */
  kill(end: EngineEnd = 'replaced'): void {
    this.#intendedEnd = end;
    this.#process.kill();
  }

  /** Ends the process when its run ends, by force where that takes too long. */
  stop(): Promise<void> {
    this.#intendedEnd = 'replaced';
    return this.#process.stop(STOP_GRACE_MS);
  }

  /** Undefined where a message must hold the pixels */
  #writePixels(pixels: Uint8Array): PixelRegion | undefined {
    return this.isRunning ? this.#pixelFile?.write(pixels) : undefined;
  }

  async #start(settings: EngineSettings): Promise<ChosenProvider> {
    const { rpc, stderrTail } = this.#process;
    try {
      const { provider, fallback, residentBytes } = await rpc.request('start', settings);
      this.#residentBytes = residentBytes;
      this.#startBytes = residentBytes;
      // The fallback is shown to clients: without the folders of this machine.
      const library = this.#missingLibrary().replaceAll(/(\/[^\s:()/]+)+\//g, '');
      stderrTail.markStarted();
      this.#info = { provider, fallback: fallback && fallback + library };
      return this.#info;
    } catch (error) {
      const details = this.#missingLibrary() || (this.isRunning ? '' : stderrTail.errorLine);
      this.kill();
      throw error instanceof PanelvecError ? new PanelvecError(error.code, error.message + details) : error;
    }
  }

  /** ONNX Runtime's exception says only that a library did not load; which one, it prints to stderr. */
  #missingLibrary(): string {
    const match = /with error: (.+)|Couldn't load ([^\n]+)/.exec(this.#process.stderrTail.text);
    const library = match?.[1] ?? match?.[2];
    return library === undefined ? '' : ` (${library.trim()})`;
  }
}
