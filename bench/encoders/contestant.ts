/** Child process: one encoder in one form, as a session with the engine's own options. Arguments: see `forkContestant`. */
import { createSession, readFloatOutput } from '../../src/onnxruntime/session.ts';
import { handleRequests, sendReady } from '../child-protocol.ts';
import { BATCH, type Contestant } from './contestants.ts';
import { encoderFeeds } from './encoder-inputs.ts';
import { contestantGraph, FEATURES } from './graphs.ts';

export interface EncoderRequest {
  /** Items of one run */
  readonly batch: number;
  readonly seconds: number;
}

export interface EncoderReady {
  /** Of the first batch, row after row; of an exported graph none, because its weights are others */
  readonly features: readonly number[];
}

const [contestantJson, folder, threads] = process.argv.slice(2) as [string, string, string];
const contestant: Contestant = JSON.parse(contestantJson);
const session = await createSession(await contestantGraph(contestant, folder), {
  provider: 'cpu',
  device: 0,
  threads: Number(threads),
});

handleRequests<EncoderRequest, number>(async ({ batch, seconds }) => {
  const feeds = encoderFeeds(contestant.encoder, batch);
  const started = performance.now();
  let runs = 0;
  do {
    await session.run(feeds);
    runs++;
  } while (performance.now() - started < seconds * 1000);
  return (runs * batch) / ((performance.now() - started) / 1000);
});

const outputs = await session.run(encoderFeeds(contestant.encoder, BATCH));
const features = contestant.variant === 'exported' ? [] : Array.from(readFloatOutput(outputs, FEATURES));
sendReady({ features } satisfies EncoderReady);
