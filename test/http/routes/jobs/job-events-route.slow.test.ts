import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { JobResponse } from '../../../../src/http/routes/jobs/job-schemas.ts';
import { type JobService, startJobService } from '../../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../../support/make-corpus.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(320), makeTinyModel()]);
  service = await startJobService(tiny.home, corpus, { PANELVEC_MAX_FEATURES_BYTES: '0' });
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

const submit = (output: string) => service.submit({ type: 'embed', output, dataset: corpus.dataset });

interface WatchedEvents {
  readonly events: EventSourceMessage[];
  readonly jobs: JobResponse[];
  /** Whether the service ended the stream by itself */
  readonly endedByService: boolean;
}

/** Reads a job's events to their end, or to as many as are asked for. */
async function watch(
  id: string,
  headers: Record<string, string> = {},
  maxEvents = Number.POSITIVE_INFINITY,
): Promise<WatchedEvents> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const response = await fetch(`${service.address}/v1/jobs/${id}/events`, { headers });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type')!, /^text\/event-stream/);
  let endedByService = true;
  for await (const chunk of response.body!) {
    parser.feed(Buffer.from(chunk).toString('utf8'));
    endedByService = events.length < maxEvents;
    if (!endedByService) break;
  }
  return { events, jobs: events.map(({ data }) => JSON.parse(data)), endedByService };
}

describe('the events of a job', () => {
  it('show it from now to its end, each later than the one before', async () => {
    const { id } = await submit('watched');
    const { events, jobs, endedByService } = await watch(id);
    assert.ok(endedByService);
    assert.equal(jobs.at(-1)!.state, 'succeeded');
    assert.equal(jobs.at(-1)!.progress.done, 320);
    const ids = events.map((event) => Number(event.id));
    assert.ok(ids.every((number, i) => i === 0 || number > ids[i - 1]!));
    const done = jobs.filter(({ progress }) => progress.phase === 'embedding').map(({ progress }) => progress.done);
    assert.ok(
      done.every((pages, i) => i === 0 || pages >= done[i - 1]!),
      done.join(),
    );
    assert.ok(events.every(({ event }) => event === 'job'));
  });

  it('resume after the last one that a client has seen', async () => {
    const { id } = await submit('resumed');
    const first = await watch(id, {}, 1);
    const last = first.events[0]!.id!;
    const rest = await watch(id, { 'last-event-id': last });
    assert.ok(Number(rest.events[0]!.id) > Number(last));
    assert.equal(rest.jobs.at(-1)!.state, 'succeeded');
    const nothing = await watch(id, { 'last-event-id': rest.events.at(-1)!.id! });
    assert.deepEqual([nothing.events, nothing.endedByService], [[], true]);
  });

  it('are refused with an error status for an unknown job', async () => {
    const eventsUrl = (id: string) => `${service.address}/v1/jobs/${id}/events`;
    assert.equal((await fetch(eventsUrl('00000000-0000-4000-8000-000000000000'))).status, 404);
    const { id } = await submit('refused');
    assert.equal((await fetch(eventsUrl(id), { headers: { 'last-event-id': 'x' } })).status, 400);
    await service.waitForEnd(id);
  });

  it('end when the service stops', async () => {
    const otherService = await startJobService(tiny.home, corpus, {
      PANELVEC_HOME: `${tiny.home}/other`,
      PANELVEC_MODELS: tiny.folder,
      PANELVEC_WORKERS: '0',
    });
    const { id } = await otherService.submit({ type: 'embed', output: 'unwatched', dataset: corpus.dataset });
    const response = await fetch(`${otherService.address}/v1/jobs/${id}/events`);
    const reading = (async () => {
      for await (const _ of response.body!);
    })();
    await otherService.stop();
    await reading;
    assert.deepEqual(await otherService.exited, [0, null]);
  });
});
