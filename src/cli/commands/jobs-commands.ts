import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import { type ErrorCode, PanelvecError } from '../../errors.ts';
import type { JobResponse } from '../../http/routes/jobs/job-schemas.ts';
import type { DatasetCheck } from '../../jobs/embed/describe-check.ts';
import { hasEnded } from '../../jobs/job.ts';
import { type DatasetFlags, datasetFromPath } from '../dataset-from-path.ts';
import { describeCheckFailure, formatCheck } from '../format-check.ts';
import { createJobView, describeJob } from '../job-view.ts';
import { readSpecFile } from '../read-spec-file.ts';
import { ServiceClient } from '../service-client.ts';

export interface SubmitFlags extends DatasetFlags {
  readonly dataset?: string;
  readonly output?: string;
  readonly model?: string;
  readonly key?: string;
  readonly dryRun: boolean;
  readonly index: boolean;
  readonly watch: boolean;
}

const RECONNECT_DELAY_MS = 1000;
/** How long a watch waits for a service that restarts. */
const MAX_OUTAGE_MS = 60_000;
/** Errors of a service that starts, stops or waits for its database. */
const OUTAGE_CODES: ReadonlySet<ErrorCode> = new Set(['database_unavailable', 'engine_unavailable', 'shutting_down']);

/** Submits a spec file, or a dataset folder or CBZ file. */
export async function submitJobCommand(
  config: Config,
  specFile: string | undefined,
  flags: SubmitFlags,
): Promise<void> {
  const fields = specFile === undefined ? buildSpec(flags) : await readSpecFile(specFile);
  const spec = flags.dryRun ? { ...fields, dry_run: true } : fields;
  const headers = {
    'content-type': 'application/json',
    ...(flags.key !== undefined && { 'idempotency-key': flags.key }),
  };
  const client = new ServiceClient(config);
  const job = await client.requestJson<JobResponse>('POST', '/v1/jobs', { headers, body: JSON.stringify(spec) });
  process.stdout.write(`${job.id}\n`);
  if (flags.watch) await watchJob(client, job.id);
}

export async function listJobsCommand(
  config: Config,
  flags: { state?: string; type?: string; limit?: string },
): Promise<void> {
  const query = new URLSearchParams(Object.entries(flags).filter(([key]) => ['state', 'type', 'limit'].includes(key)));
  const client = new ServiceClient(config);
  const { data } = await client.requestJson<{ data: JobResponse[] }>('GET', `/v1/jobs?${query}`);
  for (const job of data) process.stdout.write(`${describeJob(job)}\n`);
}

export async function cancelJobCommand(config: Config, id: string): Promise<void> {
  const client = new ServiceClient(config);
  const { state } = await client.requestJson<JobResponse>('POST', `/v1/jobs/${encodeURIComponent(id)}/cancel`);
  process.stdout.write(`${state}\n`);
}

export async function watchJobCommand(config: Config, id: string): Promise<void> {
  await watchJob(new ServiceClient(config), id);
}

/**
 * Shows the progress of a job until it ends, even if the service restarts meanwhile.
 * @throws PanelvecError where the job failed or was cancelled
 */
async function watchJob(client: ServiceClient, id: string): Promise<void> {
  const view = createJobView();
  let job: JobResponse;
  try {
    job = await followJob(client, id, (update) => view.show(update));
  } finally {
    view.stop();
  }
  process.stdout.write(`${describeJob(job)}\n`);
  if (job.state === 'succeeded') {
    if (job.spec['dry_run'] === true) await printCheck(client, job.id);
    return;
  }
  throw new PanelvecError('internal', job.error ? `the job failed: ${job.error.message}` : `the job was ${job.state}`);
}

/** Prints the report of a dry run. @throws PanelvecError if the job would fail, or embed nothing */
async function printCheck(client: ServiceClient, id: string): Promise<void> {
  const check = await client.requestJson<DatasetCheck>('GET', `/v1/jobs/${id}/artifacts/report.json`);
  process.stdout.write(formatCheck(check));
  const failure = describeCheckFailure(check);
  if (failure !== undefined) throw new PanelvecError(check.would_fail ?? 'dataset_invalid', failure);
}

/** Reads the events of a job, and connects again where the stream breaks off. @returns the job that has ended */
async function followJob(
  client: ServiceClient,
  id: string,
  onUpdate: (job: JobResponse) => void,
): Promise<JobResponse> {
  const events: { lastId?: string | undefined; job?: JobResponse } = {};
  let lastEventTime = performance.now();
  for (;;) {
    try {
      await client.readEvents(id, events.lastId, (eventId, data) => {
        const job: JobResponse = JSON.parse(data);
        Object.assign(events, { lastId: eventId ?? events.lastId, job });
        lastEventTime = performance.now();
        onUpdate(job);
      });
    } catch (error) {
      const isPermanent = error instanceof PanelvecError && !OUTAGE_CODES.has(error.code);
      if (isPermanent || performance.now() - lastEventTime > MAX_OUTAGE_MS) throw error;
    }
    if (events.job !== undefined && hasEnded(events.job.state)) return events.job;
    await delay(RECONNECT_DELAY_MS);
  }
}

function buildSpec({ dataset, output, model, index, ...flags }: SubmitFlags): object {
  if (dataset === undefined || output === undefined) {
    throw new PanelvecError('invalid_request', 'give a spec file, or --dataset and --output');
  }
  const type = index ? 'index' : 'embed';
  return { type, output, ...(model !== undefined && { model }), dataset: datasetFromPath(dataset, flags) };
}
