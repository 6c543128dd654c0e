import type { HeadSpec } from '../../model/head-spec.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import { SeededRandom } from '../../util/seeded-random.ts';
import type { Tensor } from '../../weights/tensor.ts';

/** Hidden width of the composition branch in the original PyTorch code */
const COMPOSITION_HIDDEN = 256;
/** Typical means and standard deviations of composition features, so that no feature dominates */
const COMPOSITION_MEAN = [1.3, 0.17, 0.2, 0, 0, 0.5, 0.5];
const COMPOSITION_STD = [0.8, 0.15, 0.2, 1, 1, 0.27, 0.29];
/** Gate logits before training: vision counts most, then text; composition must not decide the similarity. */
const GATE_BIAS = [0.5, 0, -2];
const RESIDUAL_WEIGHT = 0.1;

/**
 * Initial weights of a head that preserves the distances between its encoders' features. All projections are orthonormal, and
 * hidden layers hold every feature with both signs: GELU(x) - GELU(-x) = x, and the same for ReLU, so that the layers are
 * linear together. The same seed gives the same bytes.
 */
export function seedHead(spec: HeadSpec, seed: number): Map<string, Tensor> {
  const weights = new HeadWeightsBuilder(new SeededRandom(seed));
  const { dimensions: d } = spec;
  for (const { name, features } of spec.backbones) {
    const prefix = spec.visualFusion === 'single' ? 'vision.adaptation' : `vision.${name}.adaptation`;
    const half = Math.min(d, features >> 2 || 1);
    weights.signedPair(`${prefix}.0`, half, features);
    weights.norm(`${prefix}.1`, 2 * half);
    weights.unpair(`${prefix}.4`, d, half);
    weights.norm(`${prefix}.5`, d);
  }
  seedVisualFusion(weights, spec);
  weights.orthonormal('text.proj', d, spec.textFeatures);
  seedComposition(weights, d);
  for (const norm of ['norm_vision', 'norm_text', 'norm_comp']) weights.norm(`fusion.${norm}`, d);
  const gateInputs = MODALITIES.length * d + (spec.modalityIndicators ? MODALITIES.length : 0);
  weights.orthonormal('fusion.gate.0', d, gateInputs);
  weights.constant('fusion.gate.2', MODALITIES.length, d, GATE_BIAS);
  weights.set('fusion.residual_weight', [], [RESIDUAL_WEIGHT]);
  return weights.tensors;
}

function seedVisualFusion(weights: HeadWeightsBuilder, { backbones, dimensions: d, visualFusion }: HeadSpec): void {
  const count = backbones.length;
  const zeroBias = new Array<number>(count).fill(0);
  if (visualFusion === 'attention') weights.constant('vision.attention.0', count, count * d, zeroBias);
  if (visualFusion === 'gate') {
    weights.orthonormal('vision.gate.0', d, count * d);
    weights.constant('vision.gate.2', count, d, zeroBias);
  }
  if (visualFusion === 'concat') weights.orthonormal('vision.projection', d, count * d);
}

function seedComposition(weights: HeadWeightsBuilder, d: number): void {
  const half = COMPOSITION_HIDDEN / 2;
  weights.signedPair('comp.mlp.0', half, COMPOSITION_FEATURES, COMPOSITION_STD);
  weights.batchNorm('comp.mlp.1', 2 * half, weights.multiply('comp.mlp.0', COMPOSITION_MEAN));
  weights.pairToPair('comp.mlp.4', half);
  weights.batchNorm('comp.mlp.5', 2 * half);
  weights.unpair('comp.mlp.8', d, half);
}

class HeadWeightsBuilder {
  readonly tensors = new Map<string, Tensor>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  set(key: string, shape: readonly number[], values: ArrayLike<number>): void {
    this.tensors.set(key, { dtype: 'float32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) });
  }

  #linear(
    prefix: string,
    rows: readonly Float64Array[],
    bias: ArrayLike<number> = new Float64Array(rows.length),
  ): void {
    this.set(
      `${prefix}.weight`,
      [rows.length, rows[0]?.length ?? 0],
      rows.flatMap((row) => [...row]),
    );
    this.set(`${prefix}.bias`, [rows.length], bias);
  }

  orthonormal(prefix: string, out: number, inputs: number): void {
    this.#linear(prefix, this.#random.orthonormal(out, inputs));
  }

  constant(prefix: string, out: number, inputs: number, bias: readonly number[]): void {
    this.#linear(
      prefix,
      Array.from({ length: out }, () => new Float64Array(inputs)),
      bias,
    );
  }

  /** x -> [P x; -P x] for an orthonormal P, whose columns are divided by `std` */
  signedPair(prefix: string, half: number, inputs: number, std: readonly number[] = []): void {
    const rows = this.#random
      .orthonormal(half, inputs)
      .map((row) => row.map((value, column) => value / (std[column] ?? 1)));
    this.#linear(prefix, [...rows, ...rows.map((row) => row.map((value) => -value))]);
  }

  /** [a; -a] -> Q a for an orthonormal Q */
  unpair(prefix: string, out: number, half: number): void {
    const rows = this.#random.orthonormal(out, half);
    this.#linear(
      prefix,
      rows.map((row) => Float64Array.of(...row, ...row.map((value) => -value))),
    );
  }

  /** [a; -a] -> [O a; -O a] for an orthonormal O */
  pairToPair(prefix: string, half: number): void {
    const rows = this.#random.orthonormal(half, half).map((row) => Float64Array.of(...row, ...row.map((v) => -v)));
    this.#linear(prefix, [...rows, ...rows.map((row) => row.map((value) => -value))]);
  }

  norm(prefix: string, width: number): void {
    this.set(`${prefix}.weight`, [width], new Float64Array(width).fill(1));
    this.set(`${prefix}.bias`, [width], new Float64Array(width));
  }

  batchNorm(prefix: string, width: number, mean: ArrayLike<number> = new Float64Array(width)): void {
    this.norm(prefix, width);
    this.set(`${prefix}.running_mean`, [width], mean);
    this.set(`${prefix}.running_var`, [width], new Float64Array(width).fill(1));
  }

  /** Output of a linear layer without its bias */
  multiply(prefix: string, x: readonly number[]): Float64Array {
    const tensor = this.tensors.get(`${prefix}.weight`);
    if (tensor === undefined) throw new Error(`${prefix}.weight is not set`);
    const weight = new Float32Array(tensor.bytes.buffer);
    return Float64Array.from({ length: weight.length / x.length }, (_, row) =>
      weight
        .subarray(row * x.length, (row + 1) * x.length)
        .reduce((sum, value, column) => sum + value * (x[column] ?? 0), 0),
    );
  }
}
