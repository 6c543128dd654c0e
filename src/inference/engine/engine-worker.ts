/**
 * The thread of an engine process that owns the ONNX Runtime sessions of one device. `session.run` blocks it for the whole
 * inference; the process's main thread (engine-main.ts) receives the next batch meanwhile.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pLimit from 'p-limit';
import { type ErrorCode, firstLine, PanelvecError } from '../../errors.ts';
import { chooseProvider } from '../../onnxruntime/choose-provider.ts';
import { INHERITED_FILE } from '../../process/compute-process.ts';
import { parentPortEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { freeBuffers } from '../../util/free-buffers.ts';
import type {
  BatchResult,
  EngineBatch,
  EngineMethods,
  EngineStart,
  PartSeconds,
  SentItem,
} from '../engine-messages.ts';
import type { EngineItem, EngineSettings } from '../engine-types.ts';
import { readPixels } from '../pixel-file.ts';
import { ModelRuntime } from './model-runtime.ts';
import { MemoryBoundRunner } from './run-within-memory.ts';

/** Codes of files that are not what the model says: for who loads it, the model is at fault. */
const FILE_CODES: ReadonlySet<ErrorCode> = new Set(['graph_invalid', 'weights_invalid']);

let runner: MemoryBoundRunner | undefined;
/** Of the batch that runs */
let partSeconds: PartSeconds = {};

async function start({ model, provider, device, threads, maxBatch }: EngineSettings): Promise<EngineStart> {
  try {
    const chosen = await chooseProvider({ provider, device });
    const runtime = await ModelRuntime.load(model, { provider: chosen.provider, device, threads }, maxBatch);
    runner = new MemoryBoundRunner((items) => runtime.run(items, partSeconds));
    collectGarbage();
    return { ...chosen, residentBytes: process.memoryUsage.rss() };
  } catch (error) {
    if (error instanceof PanelvecError && !FILE_CODES.has(error.code)) throw error;
    throw new PanelvecError('model_invalid', firstLine(error));
  }
}

/** Frees the copies of the weights that the start has left: an engine that then rests would keep them for hours. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  gc();
}

async function run({ items: sentItems, wantsPartSeconds = false }: EngineBatch): Promise<BatchResult> {
  const startTime = performance.now();
  const items: EngineItem[] = [];
  try {
    for (const item of sentItems) items.push(toEngineItem(item));
    if (runner === undefined) throw new Error('the engine has no model');
    partSeconds = {};
    const { results, halvings } = await runner.run(items);
    const seconds = (performance.now() - startTime) / 1000;
    const residentBytes = process.memoryUsage.rss();
    return { results, seconds, residentBytes, halvings, ...(wantsPartSeconds && { partSeconds }) };
  } catch (error) {
    throw new PanelvecError('inference_failed', firstLine(error));
  } finally {
    freeBuffers(items.map(({ pixels }) => pixels));
  }
}

function toEngineItem(item: SentItem): EngineItem {
  const { pixels } = item;
  return {
    ...item,
    pixels: pixels === null || ArrayBuffer.isView(pixels) ? pixels : readPixels(INHERITED_FILE, pixels),
  };
}

// One batch after the other: the service sends the next while one runs, and two runs would compete for the same cores.
const oneAtATime = pLimit(1);
serveRpc<EngineMethods>(parentPortEndpoint(), {
  start: (settings) => oneAtATime(start, settings),
  run: (batch) => oneAtATime(run, batch),
});
