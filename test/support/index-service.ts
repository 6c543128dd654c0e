import type { Database } from '../../src/database/database.ts';
import { openCollectionDatabase } from './collection-rows.ts';
import { localSockets, startPostgres, type TestDatabase } from './databases.ts';
import { type JobService, startJobService } from './job-service-process.ts';
import { type Corpus, makeCorpus } from './make-corpus.ts';
import { PGVECTOR_MISSING } from './pgvector.ts';
import { makeTinyModel } from './tiny-model.ts';

/** The kinds of database that index jobs write to. The same tests run on each. */
export const INDEX_DATABASES: readonly {
  readonly name: string;
  /** Why its tests are skipped */
  readonly skip: string | false;
  /** Undefined for the embedded database of the service */
  start(): Promise<TestDatabase | undefined>;
}[] = [
  { name: 'the embedded database', skip: false, start: async () => undefined },
  { name: 'a PostgreSQL server', skip: PGVECTOR_MISSING, start: () => startPostgres({ hasPgvector: true }) },
];

/** A service that indexes a corpus with the model `tiny`, and the database of its collections. */
export interface IndexService {
  readonly corpus: Corpus;
  readonly home: string;
  readonly service: JobService;
  readonly database: Database;
  stop(): Promise<void>;
}

/** @param prepare puts something into the home before the service starts */
export async function startIndexService(
  start: (typeof INDEX_DATABASES)[number]['start'],
  pages: number,
  environment: Record<string, string>,
  prepare: (home: string) => Promise<void> = async () => {},
): Promise<IndexService> {
  const [corpus, tiny, server] = await Promise.all([makeCorpus(pages), makeTinyModel(), start()]);
  const { home } = tiny;
  await prepare(home);
  const settings = { PANELVEC_SEARCH: 'on', DATABASE_URL: server?.url ?? '', ...environment };
  const service = await startJobService(home, corpus, settings);
  const database = openCollectionDatabase({ url: server?.url, home, localSockets });
  return {
    corpus,
    home,
    service,
    database,
    async stop() {
      await database.close();
      await service.stop();
      await server?.stop();
      await corpus.remove();
      await tiny.remove();
    },
  };
}
