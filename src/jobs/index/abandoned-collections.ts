import type { Logger } from 'pino';
import type { CollectionDatabase } from '../../collections/collection-database.ts';
import { listUnfinishedCollections, removeCollection } from '../../collections/collection-records.ts';
import { removeIfFree } from '../../files/files-in-use.ts';
import { hasEnded } from '../job.ts';
import type { JobRecords } from '../queue/job-records.ts';
import { getIndexPaths } from './index-paths.ts';

const INTERVAL_MS = 60_000;

/**
 * Removes the collections that failed and cancelled jobs have begun, with the files that these worked with: when the service
 * starts, and every minute. A step of the job itself could not: the last worker that writes a part may end after all others.
 */
export class AbandonedCollections {
  readonly #collections: CollectionDatabase;
  readonly #jobs: JobRecords;
  readonly #home: string;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #pending: Promise<void> | undefined;

  constructor(collections: CollectionDatabase, jobs: JobRecords, home: string, log: Logger) {
    this.#collections = collections;
    this.#jobs = jobs;
    this.#home = home;
    this.#log = log;
  }

  start(): void {
    if (!this.#collections.isEnabled) return;
    const remove = () => {
      this.#pending ??= this.#remove()
        .catch((err: unknown) => this.#log.debug({ err }, 'cannot look for abandoned collections'))
        .finally(() => {
          this.#pending = undefined;
        });
    };
    remove();
    this.#timer = setInterval(remove, INTERVAL_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pending;
  }

  async #remove(): Promise<void> {
    for (const collection of await this.#collections.use(listUnfinishedCollections)) {
      const job = await this.#jobs.find(collection.jobId);
      // A collection without a job was begun by something else, such as a benchmark.
      if (job === undefined || !hasEnded(job.state)) continue;
      await this.#collections.use((database) =>
        database.transaction((queries) => removeCollection(queries, collection)),
      );
      await removeIfFree(getIndexPaths(this.#home, job.id).work.folder);
      this.#log.info({ job: job.id, collection: collection.name }, 'removed what the job left of its collection');
    }
  }
}
