/**
 * Makes the engines of a test fail at texts with certain tokens: a module that engine processes load first, by NODE_OPTIONS.
 * What ends them is real; only the cause is made up, because ONNX Runtime does not crash on purpose.
 */
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';

/** Tokens of the tiny model that make a run of its text encoder fail. */
export const FAULTY_TOKENS = {
  /** The process ends by a signal. */
  crash: 39,
  /** The run never ends. */
  hang: 38,
  /** There is memory for two texts at a time. */
  memoryForTwo: 37,
  /** There is no memory at all. */
  noMemory: 36,
  /** The process takes more memory from then on. */
  grow: 35,
} as const;

/** More than half of what an engine of the tiny model takes */
const GROWTH_BYTES = 256 * 2 ** 20;
const kept: Buffer[] = [];

const ALLOCATION_FAILURE =
  "Non-zero status code returned while running Gather node. Name:'x' Status Message: BFCArena::AllocateRawInternal(size_t) " +
  'Failed to allocate memory for requested buffer of size 1073741824';

/** Starts engines that fail, until the returned function is called. */
export function useFaultySessions(): () => void {
  const { NODE_OPTIONS: before } = process.env;
  process.env.NODE_OPTIONS = `${before ?? ''} --import=${fileURLToPath(import.meta.url)}`;
  return () => {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  };
}

if (!isMainThread) {
  const { prototype } = ort.InferenceSession as unknown as { prototype: ort.InferenceSession };
  const run = prototype.run as (...args: unknown[]) => Promise<ort.InferenceSession.OnnxValueMapType>;
  prototype.run = function (this: ort.InferenceSession, feeds: ort.InferenceSession.FeedsType, ...rest: unknown[]) {
    failAt(feeds.ids);
    return run.call(this, feeds, ...rest);
  };
}

function failAt(ids: ort.OnnxValue | undefined): void {
  if (!(ids?.data instanceof BigInt64Array)) return;
  const has = (token: number) => ids.data instanceof BigInt64Array && ids.data.includes(BigInt(token));
  if (has(FAULTY_TOKENS.crash)) process.kill(process.pid, 'SIGSEGV');
  if (has(FAULTY_TOKENS.hang)) for (;;);
  if (has(FAULTY_TOKENS.grow)) kept.push(Buffer.alloc(GROWTH_BYTES, 1));
  const isTooMuch = has(FAULTY_TOKENS.memoryForTwo) && (ids.dims[0] ?? 0) > 2;
  if (isTooMuch || has(FAULTY_TOKENS.noMemory)) throw new Error(ALLOCATION_FAILURE);
}
