import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../../src/config.ts';
import { socketFile } from '../../src/database/database-address.ts';
import { homeModelsFolder } from '../../src/model/model-folders.ts';
import { Children } from '../children.ts';
import { serviceEnvironment } from '../environment.ts';
import type { Corpus } from './bench-corpus.ts';
import { JobClient } from './bench-job-client.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export interface JobServiceSettings {
  readonly threads: number;
  /** The default comes first. */
  readonly models: readonly string[];
  /** Where those are that do not come with the project */
  readonly modelsFolder: string;
  readonly corpus: Corpus;
}

export interface RunningJobService {
  readonly address: string;
  readonly pid: number;
  readonly jobs: JobClient;
}

/** Work with a service that has nothing yet but its models: no store, no database, and no features of an earlier run. */
export async function withJobService<T>(
  { threads, models, modelsFolder, corpus }: JobServiceSettings,
  work: (service: RunningJobService) => Promise<T>,
): Promise<T> {
  using folder = new TemporaryFolder();
  const home = path.join(folder.path, 'home');
  using _sockets = new TemporaryFolder(path.dirname(socketFile(home)));
  mkdirSync(home);
  symlinkSync(modelsFolder, homeModelsFolder(home));
  await using children = new Children({
    ...modelEnvironment({ threads, models, home }),
    PANELVEC_DATA_ROOTS: corpus.roots.join(','),
    PANELVEC_JOBS: 'on',
    // The embedded one: nobody's own.
    DATABASE_URL: '',
  });
  const { address, child } = await children.startService();
  return await work({ address, pid: child.pid!, jobs: new JobClient(address) });
}

/** What a service, and a raw loop beside it, must agree on. */
export function modelEnvironment({
  threads,
  models,
  home,
}: Pick<JobServiceSettings, 'threads' | 'models'> & { readonly home: string }): Environment {
  return { ...serviceEnvironment(threads), PANELVEC_HOME: home, PANELVEC_MODELS: models.join(',') };
}
