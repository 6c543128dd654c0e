import { availableParallelism } from 'node:os';
import { listProcessTree, readTitle } from '../../test/support/process-tree.ts';
import type { Layout } from '../load/raw-loops.ts';
import type { RunningService } from './default-service.ts';

const ENGINE_TITLE = 'panelvec-engine';

/** How the engines of a running service use the cores. */
export async function readServiceLayout({ pid }: RunningService): Promise<Layout> {
  const engines = listProcessTree(pid).filter((child) => readTitle(child) === ENGINE_TITLE).length;
  return { engines, threads: Math.max(1, Math.floor(availableParallelism() / engines)) };
}
