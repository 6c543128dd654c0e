import path from 'node:path';
import type { Config } from './config.ts';

/** The example pages that come with panelvec, wherever it is installed. */
export const EXAMPLES_FOLDER = path.join(import.meta.dirname, '../examples');

/** The folders whose files jobs and pictures may read: those of the configuration, and the examples. */
export function readableFolders({ dataRoots }: Pick<Config, 'dataRoots'>): readonly string[] {
  return [...dataRoots, EXAMPLES_FOLDER];
}
