import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { type Audit, SERVICE } from '../access/audit.ts';
import type { CollectionDatabase } from '../collections/collection-database.ts';
import { listCollections } from '../collections/collection-records.ts';
import type { Config } from '../config.ts';
import { firstLine } from '../errors.ts';
import { EXAMPLES_FOLDER } from '../example-pages.ts';
import { jobSpecSchema } from './job-spec.ts';
import type { Jobs } from './jobs.ts';

const COLLECTION = 'examples';
/** One job for all starts: a collection that somebody has deleted does not come back. */
const IDEMPOTENCY_KEY = 'panelvec-example-collection';

type ExampleSettings = Pick<Config, 'exampleCollection' | 'workers'>;

/**
 * Has the example pages indexed by a service that has no collection, so that its first search finds something. A service without
 * them is as good as any: errors are only logged.
 */
export async function indexExamples(
  { exampleCollection, workers }: ExampleSettings,
  jobs: Jobs,
  { collections, audit }: { readonly collections: CollectionDatabase; readonly audit: Audit },
  log: Logger,
): Promise<void> {
  // Workers on other machines may not have the folder.
  if (exampleCollection === 'off' || !jobs.isEnabled || !collections.isEnabled || workers === 0) return;
  try {
    const manifest = path.join(EXAMPLES_FOLDER, 'manifest.csv');
    await access(manifest);
    if ((await collections.use(listCollections)).length > 0) return;
    const dataset = {
      manifest,
      pss_labels: path.join(EXAMPLES_FOLDER, 'pss_labels.json'),
      panels: { format: 'vlm', root: path.join(EXAMPLES_FOLDER, 'vlm') },
    };
    const request = jobSpecSchema.parse({ type: 'index', output: COLLECTION, dataset });
    const { job, created } = await jobs.submit(request, IDEMPOTENCY_KEY);
    if (!created) return;
    log.info({ job_id: job.id }, `the example pages become the collection "${COLLECTION}"`);
    audit.record({ caller: SERVICE, action: 'job.submit', subject: job.id, detail: { type: job.type } });
  } catch (error) {
    log.info(`the example pages are not indexed: ${firstLine(error)}`);
  }
}
