/**
 * Child process: one encoder in one variant, as a session with the engine's own options. Arguments: EncoderVariant as
 * JSON, folder of its files, threads, items of the batch whose features are reported.
 */
import { createSession, readFloatOutput } from '../../src/onnxruntime/session.ts';
import { handleRequests, sendReady } from '../runner/child-processes.ts';
import { measureRate } from '../runner/rounds.ts';
import { type EncoderVariant, encoderFeeds, FEATURES, readEncoderGraph } from './encoder-graphs.ts';

export interface EncoderRequest {
  /** Items of one run */
  readonly batch: number;
  readonly seconds: number;
}

export interface EncoderReady {
  /** Of the first batch, row after row; empty for an exported graph, whose weights are others */
  readonly features: readonly number[];
}

const [json = '', folder = '', threads, batchOfFeatures] = process.argv.slice(2);
const encoderVariant: EncoderVariant = JSON.parse(json);
const { encoder, variant } = encoderVariant;
const session = await createSession(await readEncoderGraph(encoderVariant, folder), {
  provider: 'cpu',
  device: 0,
  threads: Number(threads),
});

handleRequests<EncoderRequest, number>(async ({ batch, seconds }) => {
  const feeds = encoderFeeds(encoder, batch);
  return measureRate(seconds, async () => {
    await session.run(feeds);
    return batch;
  });
});

const outputs = await session.run(encoderFeeds(encoder, Number(batchOfFeatures)));
const features = variant === 'exported' ? [] : Array.from(readFloatOutput(outputs, FEATURES));
sendReady({ features } satisfies EncoderReady);
