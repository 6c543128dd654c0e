import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Artifact } from './job.ts';

/** A file or folder below PANELVEC_HOME as an artefact, under its own name if no other is given. */
export async function createArtifact(home: string, file: string, name = path.basename(file)): Promise<Artifact> {
  const stats = await stat(file);
  const kind = stats.isDirectory() ? 'folder' : 'file';
  return { name, kind, bytes: kind === 'file' ? stats.size : null, path: path.relative(home, file) };
}
