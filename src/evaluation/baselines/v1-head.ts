import { linear } from '../../architectures/head/layers.ts';
import { Add, Concat, Mul, Relu, Slice, Softmax } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import type { HeadArchitecture } from '../../training/graphs/head-architecture.ts';
import { linearLayerTensors } from '../../training/preparation/linear-layer-tensors.ts';

const KEYS = {
  vision: 'vision.proj',
  text: 'text.proj',
  hidden: 'comp.mlp.0',
  composition: 'comp.mlp.2',
  gate: 'fuse.gate',
};
const COMPOSITION_HIDDEN = 256;

/**
 * The first version. Each modality is projected to one width, and a gate that sees all three vectors weighs them:
 * sum of softmax(Linear(3 d -> 3))_i x_i. It has no mask: what it is given for an absent modality counts like any other input.
 */
export const V1_HEAD: HeadArchitecture = {
  initialTensors({ backbones, textFeatures, dimensions: d }, seed) {
    const visionFeatures = backbones.reduce((sum, { features }) => sum + features, 0);
    return new Map([
      ...linearLayerTensors(KEYS.vision, d, visionFeatures, seed),
      ...linearLayerTensors(KEYS.text, d, textFeatures, seed),
      ...linearLayerTensors(KEYS.hidden, COMPOSITION_HIDDEN, COMPOSITION_FEATURES, seed),
      ...linearLayerTensors(KEYS.composition, d, COMPOSITION_HIDDEN, seed),
      ...linearLayerTensors(KEYS.gate, MODALITIES.length, MODALITIES.length * d, seed),
    ]);
  },
  build(weights, { dimensions: d }, _mode, inputs) {
    const vision = linear(weights, KEYS.vision, joined(inputs.vision), d);
    const text = linear(weights, KEYS.text, inputs.text, d);
    const hidden = Relu(linear(weights, KEYS.hidden, inputs.composition, COMPOSITION_HIDDEN));
    const vectors = [vision, text, linear(weights, KEYS.composition, hidden, d)];
    const logits = linear(weights, KEYS.gate, Concat(vectors, 1, 'fuse.gate.input'), MODALITIES.length);
    const gateWeights = Softmax(logits, 1, 'fuse.gate.weights');
    const weighted = vectors.map((vector, i) => Mul(vector, Slice(gateWeights, [i], [i + 1], [1])));
    const fused = weighted.reduce((sum, part) => Add(sum, part));
    return { vision, text, fuse: () => ({ fused, gateWeights }) };
  },
};

function joined(features: readonly Value[]): Value {
  const [first] = features;
  return features.length === 1 && first !== undefined ? first : Concat([...features], 1, 'vision.joined');
}
