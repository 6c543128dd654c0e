import { normalise } from '../../architectures/encoders/visual-graph.ts';
import type { OnnxModel } from '../../graph/emit/onnx-schema.ts';
import { prependGraph } from '../../graph/emit/prepend-graph.ts';
import { keepOutputs } from '../../graph/quantise/keep-outputs.ts';
import { observedTensors } from '../../graph/quantise/quantise-graph.ts';
import { input } from '../../graph/value.ts';
import { ModelError } from '../../model/model-error.ts';
import type { BackboneSpec } from '../../model/model-spec.ts';
import { createSession, ort, readFloatOutput, type SessionOptions } from '../../onnxruntime/session.ts';
import { ActivationStatistics } from './activation-statistics.ts';

const PIXELS = 'pixels';

/** An encoder in floats or integers, from normalised pixels float32 (n, 3, size, size) to features. */
export interface EncoderGraph {
  readonly model: OnnxModel;
  readonly input: string;
  readonly output: string;
}

/** Runs an encoder over pictures of `size` x `size` RGB bytes, and tells what its activations are like. @throws ModelError */
export async function calibrate(
  encoder: EncoderGraph,
  backbone: BackboneSpec,
  size: number,
  pictures: readonly Uint8Array[],
  options: SessionOptions,
): Promise<Map<string, ActivationStatistics>> {
  const names = observedTensors(encoder.model);
  const statistics = new Map<string, ActivationStatistics>();
  const observed = { ...encoder, model: keepOutputs(encoder.model, names) };
  const run = await openEncoder(observed, backbone, size, options, names);
  for (const [number, picture] of pictures.entries()) {
    for (const [name, { values, dims }] of await run(picture)) {
      const known = statistics.get(name) ?? new ActivationStatistics(dims[1] ?? 1);
      known.observeRange(values);
      statistics.set(name, known);
      if (!known.isFinite) {
        const problem = `the activation "${name}" is not finite for picture ${number + 1} of the calibration`;
        throw new ModelError(`${backbone.name}: ${problem}`);
      }
    }
  }
  for (const picture of pictures) {
    for (const [name, { values }] of await run(picture)) statistics.get(name)?.observeHistogram(values);
  }
  await run.close();
  return statistics;
}

/** The features of pictures, each alone. */
export async function encodePictures(
  encoder: EncoderGraph,
  backbone: BackboneSpec,
  size: number,
  pictures: readonly Uint8Array[],
  options: SessionOptions,
): Promise<Float32Array[]> {
  const run = await openEncoder(encoder, backbone, size, options, [encoder.output]);
  const features: Float32Array[] = [];
  for (const picture of pictures) features.push(...[...(await run(picture)).values()].map(({ values }) => values));
  await run.close();
  return features;
}

interface OpenEncoder {
  (picture: Uint8Array): Promise<Map<string, { readonly values: Float32Array; readonly dims: readonly number[] }>>;
  close(): Promise<void>;
}

async function openEncoder(
  encoder: EncoderGraph,
  backbone: BackboneSpec,
  size: number,
  options: SessionOptions,
  outputs: readonly string[],
): Promise<OpenEncoder> {
  const pixels = input(PIXELS, 'uint8', ['n', size, size, 3]);
  const front = { name: PIXELS, outputs: { [encoder.input]: normalise(pixels, backbone) } };
  const session = await createSession(prependGraph(front, encoder.model, outputs), options);
  const run = async (picture: Uint8Array) => {
    const results = await session.run({ [PIXELS]: new ort.Tensor('uint8', picture, [1, size, size, 3]) });
    return new Map(
      outputs.map((name) => [name, { values: readFloatOutput(results, name), dims: results[name]?.dims ?? [] }]),
    );
  };
  return Object.assign(run, { close: () => session.release() });
}
