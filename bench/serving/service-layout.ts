import { availableParallelism } from 'node:os';
import type { Layout } from '../load/raw-loops.ts';
import { processTree, titleOf } from '../runner/process-memory.ts';
import type { RunningService } from './default-service.ts';

const ENGINE_TITLE = 'panelvec-engine';

/** How the engines of a running service use the cores. */
export async function readServiceLayout({ pid }: RunningService): Promise<Layout> {
  const engines = processTree(pid).filter((child) => titleOf(child) === ENGINE_TITLE).length;
  return { engines, threads: Math.max(1, Math.floor(availableParallelism() / engines)) };
}
