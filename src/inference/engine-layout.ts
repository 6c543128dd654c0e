import { elementAt } from '../util/arrays.ts';

/** How the cores of this machine are shared out among the engines of a model and the decoders of images. */
export interface EngineLayout {
  /** Engines of a model on each device */
  readonly engines: number;
  /** Threads of an engine on the CPU */
  readonly threads: number;
  /** Images decoded at the same time */
  readonly decodeThreads: number;
}

/** Threads of libuv's pool, where images are decoded. */
export const MAX_DECODE_THREADS = 4;
/** More engines would take more memory than they are worth; with more cores, each gets more threads. */
const MAX_CHOSEN_ENGINES = 4;
/** Decoding takes a third of the time of the smallest encoder: more decoders would only take cores from it. */
const CORES_PER_DECODER = 4;

/** The layout of a command that runs one model for itself: one engine with every core, which starts soonest. */
export function plainLayout(cores: number, fixed: Partial<EngineLayout>): EngineLayout {
  const { engines = 1, threads = Math.max(1, Math.floor(cores / engines)) } = fixed;
  const { decodeThreads = Math.min(MAX_DECODE_THREADS, Math.ceil(cores / CORES_PER_DECODER)) } = fixed;
  return { engines, threads, decodeThreads };
}

/**
 * The layout of a service that has measured none: engines of one thread as far as they fit, since the threads of one engine wait for
 * each other whenever a decoder takes a core from one of them (docs/decisions/0030).
 */
export function servingLayout(cores: number, maxEngines: number): EngineLayout {
  const most = Math.max(1, Math.min(cores, MAX_CHOSEN_ENGINES, maxEngines));
  const engines = 2 ** Math.floor(Math.log2(most));
  return {
    engines,
    threads: Math.max(1, Math.floor(cores / engines)),
    decodeThreads: Math.min(MAX_DECODE_THREADS, cores),
  };
}

/** The layouts that are worth a measurement. */
export function candidateLayouts(cores: number, maxEngines: number): EngineLayout[] {
  const decodeThreads = Math.min(MAX_DECODE_THREADS, cores);
  const layouts: EngineLayout[] = [{ engines: 1, threads: cores, decodeThreads }];
  // A core for what decodes and responds
  if (cores > 1) layouts.push({ engines: 1, threads: cores - 1, decodeThreads });
  for (let engines = 2; engines <= Math.min(cores, MAX_CHOSEN_ENGINES, maxEngines); engines *= 2)
    layouts.push({ engines, threads: Math.floor(cores / engines), decodeThreads });
  // Decoders matter less than engines: they are tried with the most engines only.
  const last = elementAt(layouts, layouts.length - 1);
  return decodeThreads > 1 ? [...layouts, { ...last, decodeThreads: 1 }] : layouts;
}

export function isSameLayout(a: EngineLayout, b: EngineLayout): boolean {
  return a.engines === b.engines && a.threads === b.threads && a.decodeThreads === b.decodeThreads;
}
