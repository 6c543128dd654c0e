import { readFile } from 'node:fs/promises';
import { firstLine, PanelvecError } from '../errors.ts';

/** The file, or undefined where there is none. */
export async function readFileIfExists(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new PanelvecError('internal', `${file} could not be read: ${firstLine(error)}`, { cause: error });
  }
}
