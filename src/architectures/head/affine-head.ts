import { Matrix } from 'ml-matrix';
import type { HeadSpec } from '../../model/head-spec.ts';
import { MODALITIES, type Modality } from '../../model/modality.ts';
import { elementAt } from '../../util/arrays.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { HeadWeightsBuilder } from './head-weights-builder.ts';
import { seedAdaptiveFusion, seedComposition } from './seeded-head.ts';

/** x -> M x + b */
export interface AffineMap {
  /** M (k, inputs) */
  readonly matrix: Matrix;
  /** b (k, 1) */
  readonly bias: Matrix;
}

/** The maps that a head shall compute, all to the same k numbers. Over the training data these should be of the size of 1. */
export interface AffineMaps {
  /** One for the transformed features of each backbone: the visual vector is their sum */
  readonly vision: readonly AffineMap[];
  /** For the transformed features of the text */
  readonly text: AffineMap;
  /** Positive weight of each modality in the fused vector; those of the present ones are scaled to the sum 1 */
  readonly gate: Readonly<Record<Modality, number>>;
}

/** How much larger than the other numbers of its layer the constant is that makes a LayerNorm linear, to about 1e-4. */
const CONSTANT_RATIO = 100;

/** The largest k that a head has room for. */
export function maxAffineOutputs({ dimensions, visualFusion }: Pick<HeadSpec, 'dimensions' | 'visualFusion'>): number {
  return visualFusion === 'single' ? dimensions - 1 : dimensions - 2;
}

/**
 * Weights of a head that computes affine maps, scales each vector to the length sqrt(d), and sums them with constant weights.
 * Hidden layers hold each number with both signs: GELU(x) - GELU(-x) = x. The k numbers are reflected onto vectors whose mean is
 * zero, so that a LayerNorm only scales them; cosines stay what they are. Two backbones pass a LayerNorm each before their sum:
 * a constant beside their numbers, far larger than they are, keeps their lengths. The composition's layers are those of a
 * seeded head. The visual fusion must be `single` or `concat`.
 */
export function affineHead(spec: HeadSpec, maps: AffineMaps, seed: number): Map<string, Tensor> {
  const weights = new HeadWeightsBuilder(seed);
  const { dimensions: d } = spec;
  const k = maps.text.bias.rows;
  const reflection = reflectionMatrix(d, k);
  if (spec.visualFusion === 'single') {
    setAdaptation(weights, 'vision.adaptation', elementAt(maps.vision, 0), d);
  } else {
    const constant = CONSTANT_RATIO * Math.sqrt(k);
    for (const [i, { name }] of spec.backbones.entries())
      setAdaptation(weights, `vision.${name}.adaptation`, withConstant(elementAt(maps.vision, i), constant), d);
    const projector = reflection.mmul(reflection.transpose()).mul(constant / Math.sqrt(d));
    const joined = toRows(projector).map((row) => Float64Array.of(...spec.backbones.flatMap(() => [...row])));
    weights.linear('vision.projection', joined);
  }
  const { matrix, bias } = maps.text;
  weights.linear('text.proj', toRows(reflection.mmul(matrix)), reflection.mmul(bias).to1DArray());
  seedComposition(weights, d);
  const gateBias = MODALITIES.map((modality) => Math.log(maps.gate[modality]));
  seedAdaptiveFusion(weights, spec, gateBias, 0);
  return weights.tensors;
}

function setAdaptation(weights: HeadWeightsBuilder, prefix: string, { matrix, bias }: AffineMap, d: number): void {
  weights.linearPair(`${prefix}.0`, toRows(matrix), Float64Array.from(bias.to1DArray()));
  weights.norm(`${prefix}.1`, 2 * matrix.rows);
  weights.linearUnpair(`${prefix}.4`, toRows(reflectionMatrix(d, matrix.rows)));
  weights.norm(`${prefix}.5`, d);
}

/** The map with one number more, which is always the same. */
function withConstant({ matrix, bias }: AffineMap, constant: number): AffineMap {
  return {
    matrix: matrix.clone().addRow(new Float64Array(matrix.columns)),
    bias: bias.clone().addRow([constant]),
  };
}

/**
 * The first k columns of the reflection that maps the last axis to that of equal numbers: (d, k). They are orthonormal, and the
 * sum of each is zero. Each is close to an axis: what is first among the k numbers is among the first of the vector, which is
 * what vectors cut to fewer dimensions keep.
 */
function reflectionMatrix(d: number, k: number): Matrix {
  const mirror = Matrix.zeros(d, 1).sub(1 / Math.sqrt(d));
  mirror.set(d - 1, 0, mirror.get(d - 1, 0) + 1);
  const reflection = Matrix.eye(d, d).sub(mirror.mmul(mirror.transpose()).mul(2 / mirror.dot(mirror)));
  return reflection.subMatrix(0, d - 1, 0, k - 1);
}

function toRows(matrix: Matrix): Float64Array[] {
  return Array.from({ length: matrix.rows }, (_, row) => Float64Array.from(matrix.getRow(row)));
}
