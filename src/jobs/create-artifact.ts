import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Artifact } from './job.ts';

/** Describes a file or folder below PANELVEC_HOME as an artefact. @param name its own name by default */
export async function createArtifact(home: string, file: string, name = path.basename(file)): Promise<Artifact> {
  const stats = await stat(file);
  const kind = stats.isDirectory() ? 'folder' : 'file';
  return {
    name,
    kind,
    bytes: kind === 'file' ? stats.size : null,
    path: path.relative(home, file).replaceAll(path.sep, '/'),
  };
}
