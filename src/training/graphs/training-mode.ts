import type { HeadMode } from '../../architectures/head/layers.ts';
import {
  Add,
  BatchNormalization,
  Cast,
  Div,
  Gather,
  Max,
  Mul,
  ReduceMean,
  Shape,
  Sub,
} from '../../graph/ops/operators.ts';
import { constant, input, scalar, type Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { type DropoutLayer, dropoutInput } from '../graph-inputs.ts';

/** PyTorch's defaults for nn.BatchNorm1d. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/**
 * A head in training: dropout by masks that are fed, so that they follow a seed whatever computes the graph; batch statistics,
 * and running statistics that follow them.
 */
export class TrainingMode implements HeadMode {
  readonly dropouts: DropoutLayer[] = [];
  /** Running statistics (d) after this batch, by their key */
  readonly statistics = new Map<string, Value>();
  readonly #hasDropout: boolean;

  constructor(dropout: number) {
    this.#hasDropout = dropout > 0;
  }

  dropout(x: Value, layer: string): Value {
    if (!this.#hasDropout) return x;
    const [rows, width] = x.type.shape;
    // The dimension p is the number of pages, see BatchInputs.
    this.dropouts.push({ layer, width: width as number, rowsPer: rows === 'p' ? 'page' : 'panel' });
    return Mul(x, input(dropoutInput(layer), 'float32', x.type.shape));
  }

  /** Mean and variance of the batch are inputs of the operator, so that the gradient flows through them too. */
  batchNorm(weights: WeightSource, prefix: string, x: Value): Value {
    const width = x.type.shape[1] as number;
    const vector = (name: string) => weights.parameter(`${prefix}.${name}`, [width]);
    const mean = ReduceMean(x, [0], false);
    const deviation = Sub(x, mean);
    const variance = ReduceMean(Mul(deviation, deviation), [0], false);
    this.#updateRunningStatistic(vector('running_mean'), mean);
    this.#updateRunningStatistic(vector('running_var'), Mul(variance, besselCorrection(x)));
    const statistics = { scale: vector('weight'), bias: vector('bias'), mean, variance };
    return BatchNormalization(x, statistics, EPSILON, prefix);
  }

  #updateRunningStatistic(running: Value & { readonly name: string }, batchStatistic: Value): void {
    const updated = Add(Mul(running, scalar(1 - MOMENTUM)), Mul(batchStatistic, scalar(MOMENTUM)));
    this.statistics.set(running.name, updated);
  }
}

/** n / (n - 1), as PyTorch's running variance has it: (n, …) -> scalar. The variance of a single row is not corrected. */
function besselCorrection(x: Value): Value {
  const rows = Cast(Gather(Shape(x), constant('int64', [], [0]), 0), 'float32');
  return Div(rows, Max(Sub(rows, scalar(1)), scalar(1)));
}
