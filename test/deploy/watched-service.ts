import request from 'supertest';
import { drawPngPanel, toDataUri } from '../support/images.ts';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { makeCorpus } from '../support/make-corpus.ts';
import { activate } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { trainSpec } from '../support/train-jobs.ts';
import { waitFor } from '../support/wait-for.ts';

const PAGES = 18;
/** A training holds out whole books. */
const PAGES_PER_BOOK = 3;

/** A service that has done, or does, one of everything that metrics tell of. */
export interface WatchedService {
  readonly address: string;
  /** Calls of each kind, also such that fail */
  makeTraffic(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWatchedService(): Promise<WatchedService> {
  const [corpus, tiny] = await Promise.all([makeCorpus(PAGES, { pagesPerBook: PAGES_PER_BOOK }), makeTinyModel()]);
  await makeTinyModel({ home: tiny.home, name: 'other', seed: 2 });
  const service = await startJobService(tiny.home, corpus, { PANELVEC_SEARCH: 'on' });
  const { address } = service;
  const stop = async () => {
    await service.stop();
    await Promise.all([corpus.remove(), tiny.remove()]);
  };
  try {
    const index = await service.submit({ type: 'index', output: 'pages', dataset: corpus.dataset });
    await service.waitForEnd(index.id);
    await activate(address, 'other@1', { canary: 0.5, force: true });
    await startTraining(service, trainSpec(corpus, 'endless', { training: { epochs: 10_000 } }));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, makeTraffic: () => makeTraffic(address), stop };
}

/** Resolves when the training shows its numbers. */
async function startTraining({ submit, get }: JobService, spec: object): Promise<void> {
  const { id } = await submit(spec);
  await waitFor(
    'numbers of the training',
    async () => {
      const { error, progress } = await get(id);
      if (error !== null) throw new Error(error.message);
      return progress.detail;
    },
    60_000,
  );
}

async function makeTraffic(address: string): Promise<void> {
  const png = await drawPngPanel(1);
  await request(address).post('/v1/embeddings/image').set('content-type', 'image/png').send(png).expect(200);
  const page = { image: toDataUri(png), panels: [{ bbox: [0, 0, 60, 60], text: 'boom!' }] };
  await request(address).post('/v1/embeddings/page').send(page).expect(200);
  await request(address).post('/v1/search').send({ collection: 'pages', text: 'a cat' }).expect(200);
  await request(address)
    .post('/v1/embeddings/text')
    .send({ input: [''] })
    .expect(400);
  await giveUpRequest(address);
}

/** A request whose client goes away before its body is complete. */
async function giveUpRequest(address: string): Promise<void> {
  const controller = new AbortController();
  const body = new ReadableStream({
    pull(stream) {
      stream.enqueue(new TextEncoder().encode('{"input":'));
      setTimeout(() => controller.abort(), 50);
      return new Promise(() => {});
    },
  });
  const headers = { 'content-type': 'application/json' };
  const options = { method: 'POST', headers, body, duplex: 'half', signal: controller.signal } as const;
  await fetch(`${address}/v1/embeddings/text`, options).catch(() => {});
}
