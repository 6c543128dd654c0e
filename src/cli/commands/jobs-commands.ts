import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config.ts';
import { type ErrorCode, firstLine, PanelvecError } from '../../errors.ts';
import type { JobResponse } from '../../http/routes/jobs/job-schemas.ts';
import { hasEnded } from '../../jobs/job.ts';
import { readEvents, requestJson } from '../job-client.ts';
import { createProgressView, describeJob } from '../job-view.ts';

export interface SubmitFlags {
  readonly dataset?: string;
  readonly panels?: string;
  readonly output?: string;
  readonly model?: string;
  readonly limit?: number;
  readonly allPages: boolean;
  readonly key?: string;
  readonly watch: boolean;
}

const RECONNECT_DELAY_MS = 1000;
/** A service that restarts in the middle of a watch is waited for this long. */
const MAX_OUTAGE_MS = 60_000;
/** Errors of a service that is away for a while */
const OUTAGE_CODES: ReadonlySet<ErrorCode> = new Set(['database_unavailable', 'engine_unavailable', 'shutting_down']);

/** Submits a spec file, or a dataset folder with manifest.csv, pss_labels.json and vlm/ or ocr/. */
export async function submitJobCommand(
  config: Config,
  specFile: string | undefined,
  flags: SubmitFlags,
): Promise<void> {
  const spec = specFile === undefined ? buildSpec(flags) : await readSpec(specFile);
  const headers = {
    'content-type': 'application/json',
    ...(flags.key !== undefined && { 'idempotency-key': flags.key }),
  };
  const job = await requestJson<JobResponse>(config, 'POST', '/v1/jobs', { headers, body: JSON.stringify(spec) });
  process.stdout.write(`${job.id}\n`);
  if (flags.watch) await watchJobCommand(config, job.id);
}

export async function listJobsCommand(
  config: Config,
  flags: { state?: string; type?: string; limit?: string },
): Promise<void> {
  const query = new URLSearchParams(Object.entries(flags).filter(([key]) => ['state', 'type', 'limit'].includes(key)));
  const { data } = await requestJson<{ data: JobResponse[] }>(config, 'GET', `/v1/jobs?${query}`);
  for (const job of data) process.stdout.write(`${describeJob(job)}\n`);
}

export async function cancelJobCommand(config: Config, id: string): Promise<void> {
  const { state } = await requestJson<JobResponse>(config, 'POST', `/v1/jobs/${encodeURIComponent(id)}/cancel`);
  process.stdout.write(`${state}\n`);
}

/** Shows a job's progress until it ends; also over a restart of the service. Fails where the job did. */
export async function watchJobCommand(config: Config, id: string): Promise<void> {
  const view = createProgressView();
  let lastEventId: string | undefined;
  let job: JobResponse | undefined;
  let lastEventTime = performance.now();
  try {
    while (job === undefined || !hasEnded(job.state)) {
      try {
        await readEvents(config, id, lastEventId, (eventId, data) => {
          [lastEventId, job] = [eventId ?? lastEventId, JSON.parse(data)];
          lastEventTime = performance.now();
          view.show(job!);
        });
      } catch (error) {
        const isPermanent = error instanceof PanelvecError && !OUTAGE_CODES.has(error.code);
        if (isPermanent || performance.now() - lastEventTime > MAX_OUTAGE_MS) throw error;
      }
      if (job === undefined || !hasEnded(job.state))
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_DELAY_MS));
    }
  } finally {
    view.stop();
  }
  process.stdout.write(`${describeJob(job)}\n`);
  if (job.state !== 'succeeded') {
    throw new PanelvecError(
      'internal',
      job.error ? `the job failed: ${job.error.message}` : `the job was ${job.state}`,
    );
  }
}

function buildSpec({ dataset, panels, output, model, limit, allPages }: SubmitFlags): object {
  if (dataset === undefined || output === undefined) {
    throw new PanelvecError('invalid_request', 'give a spec file, or --dataset and --output');
  }
  const folder = path.resolve(dataset);
  const format = panels ?? ['vlm', 'ocr'].find((name) => existsSync(path.join(folder, name))) ?? 'vlm';
  return {
    type: 'embed',
    output,
    ...(model !== undefined && { model }),
    dataset: {
      manifest: path.join(folder, 'manifest.csv'),
      pss_labels: path.join(folder, 'pss_labels.json'),
      panels: { format, root: path.join(folder, format) },
      ...(limit !== undefined && { limit }),
      ...(allPages && { only_narrative: false }),
    },
  };
}

async function readSpec(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new PanelvecError('invalid_request', `cannot read ${file}: ${firstLine(cause)}`, { cause });
  }
}
