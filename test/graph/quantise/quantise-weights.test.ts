import assert from 'node:assert/strict';
import { it } from 'node:test';
import { quantiseConvolution } from '../../../src/graph/quantise/quantise-weights.ts';
import { SeededRandom } from '../../../src/util/seeded-random.ts';

const INPUT_SCALE = 0.02;
const random = new SeededRandom(3);
const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal());

/** For each output channel the mean that a convolution has by its floats, and by its integers. */
function meansOf(groups: number, inputs: number, outputs: number): readonly [number, number][] {
  const size = (inputs / groups) * 9;
  const weights = draw(outputs * size);
  const biases = draw(outputs);
  const inputMeans = Float64Array.from({ length: inputs }, () => 3 * random.uniform());
  const integers = quantiseConvolution({ weights, biases, inputScale: INPUT_SCALE, inputMeans, groups });
  return Array.from({ length: outputs }, (_, channel) => {
    const group = Math.floor((channel * groups) / outputs);
    const sum = (weight: (i: number) => number) =>
      Array.from({ length: size }, (_, i) => {
        return weight(channel * size + i) * inputMeans[(group * inputs) / groups + Math.floor(i / 9)]!;
      }).reduce((a, b) => a + b, 0);
    const scale = integers.scales[channel]!;
    return [
      sum((i) => weights[i]!) + biases[channel]!,
      sum((i) => integers.weights[i]! * scale) + integers.biases[channel]! * scale * INPUT_SCALE,
    ];
  });
}

for (const [name, groups, inputs, outputs] of [
  ['dense', 1, 32, 4],
  ['depthwise', 8, 8, 8],
  ['grouped', 2, 8, 4],
] as const) {
  it(`the mean of each channel of a ${name} convolution stays what it was, to a step of its bias`, () => {
    for (const [floats, integers] of meansOf(groups, inputs, outputs)) {
      assert.ok(Math.abs(floats - integers) < 1e-3, `${integers} in place of ${floats}`);
    }
  });
}

for (const [name, groups, inputs, outputs, largest] of [
  ['dense', 1, 32, 4, 64],
  ['grouped', 2, 8, 4, 64],
  ['depthwise, but wider', 8, 8, 16, 64],
  ['depthwise', 8, 8, 8, 127],
] as const) {
  it(`the largest weight of each channel of a ${name} convolution is ${largest}: no processor clips its products`, () => {
    const size = (inputs / groups) * 9;
    const convolution = { weights: draw(outputs * size), biases: draw(outputs), inputMeans: new Float64Array(inputs) };
    const { weights } = quantiseConvolution({ ...convolution, inputScale: INPUT_SCALE, groups });
    for (let channel = 0; channel < outputs; channel++) {
      const row = weights.subarray(channel * size, (channel + 1) * size);
      assert.equal(Math.max(...row.map(Math.abs)), largest);
    }
  });
}

it('the scale of a channel without weights lets its bias fit', () => {
  const convolution = { weights: new Float32Array(2), biases: Float32Array.of(0, 5), inputMeans: Float64Array.of(1) };
  const { scales, biases, weights } = quantiseConvolution({ ...convolution, inputScale: INPUT_SCALE, groups: 1 });
  assert.deepEqual([...weights], [0, 0]);
  assert.equal(biases[0], 0);
  assert.ok(Math.abs(biases[1]! * scales[1]! * INPUT_SCALE - 5) < 1e-6);
});
