import { readFile } from 'node:fs/promises';
import { chain, decodeModel } from '../../graph/emit/chain.ts';
import { encodeModel } from '../../graph/emit/emit.ts';
import { Add, Cast, Mul, Transpose } from '../../graph/ops/index.ts';
import { constant, input, type Value } from '../../graph/value.ts';
import type { BackboneSpec } from '../model-spec.ts';

/** Name of the input that every visual encoder is given, RGB uint8 (n, size, size, 3); no encoder has it itself. */
export const PIXELS = 'panelvec/pixels';

/**
 * A visual encoder that takes bytes: a quarter of what float32 pixels would move between processes, and every backbone
 * normalises the same pixels in its own way.
 * @returns ONNX bytes: pixels uint8 (n, size, size, 3) -> the encoder's own output float32 (n, features)
 * @throws GraphError where the file is no ONNX model or lacks the named input or output
 */
export async function pixelEncoder(file: string, backbone: BackboneSpec, imageSize: number): Promise<Uint8Array> {
  const model = decodeModel(await readFile(file), file);
  const pixels = normalise(input(PIXELS, 'uint8', ['n', imageSize, imageSize, 3]), backbone);
  const front = { name: PIXELS, outputs: { [backbone.encoder.input]: pixels } };
  return encodeModel(chain(front, model, [backbone.encoder.output]));
}

/** uint8 (n, h, w, 3) -> float32 (n, 3, h, w), (x / 255 - mean) / std */
function normalise(pixels: Value, { mean, std }: BackboneSpec): Value {
  const channels = (values: readonly number[]) => constant('float32', [3, 1, 1], values);
  const scale = channels(std.map((value) => 1 / (255 * value)));
  const shift = channels(mean.map((value, channel) => -value / std[channel]!));
  return Add(Mul(Transpose(Cast(pixels, 'float32'), [0, 3, 1, 2]), scale), shift);
}
