import { toOnnxModel } from '../graph/emit/emit.ts';
import { elementCount } from '../graph/shape.ts';
import { createSession, ort, type SessionOptions } from '../onnxruntime/session.ts';
import type { Tensor } from '../weights/tensor.ts';
import { float32Tensor, float32View } from '../weights/tensor.ts';
import type { WeightSource } from '../weights/weight-source.ts';
import {
  type BackwardGraph,
  type BackwardGraphOptions,
  backwardGraph,
  type Variable,
} from './graphs/backward-graph.ts';
import type { EncoderOutputs } from './graphs/batch-losses.ts';
import { Optimizer, type ParameterGroup, SIMD_LANES } from './optimizer/optimizer.ts';
import { ADAMW_DEFAULTS } from './optimizer/optimizer-commands.ts';
import type { Objective } from './training-spec.ts';

export type Feeds = Readonly<Record<string, ort.Tensor>>;

export interface StepperOptions extends SessionOptions {
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  /** Which learning rate a variable has, by name */
  readonly groupOf: (key: string) => string;
}

export interface StepResult {
  /** Each objective's, unweighted, and their weighted sum */
  readonly losses: Readonly<Partial<Record<Objective, number>>> & { readonly loss: number };
  /** Of all gradients, before clipping */
  readonly gradNorm: number;
  /** Whether the weights have changed: not where a loss or the norm is no finite number */
  readonly isApplied: boolean;
}

interface PlacedVariable extends Variable {
  readonly begin: number;
  readonly end: number;
}

/** The variables of a training and what moves them. A step that is not taken leaves everything as it was. */
export class Stepper {
  readonly variables: readonly PlacedVariable[];
  readonly statistics: readonly Variable[];
  readonly dropouts: BackwardGraph['dropouts'];
  readonly optimizer: Optimizer;
  readonly #objectives: readonly Objective[];
  readonly #session: ort.InferenceSession;
  #runningStatistics: ReadonlyMap<string, Float32Array>;

  private constructor(
    graph: BackwardGraph,
    session: ort.InferenceSession,
    variables: readonly PlacedVariable[],
    optimizer: Optimizer,
    runningStatistics: ReadonlyMap<string, Float32Array>,
  ) {
    this.variables = variables;
    this.statistics = graph.statistics;
    this.dropouts = graph.dropouts;
    this.optimizer = optimizer;
    this.#objectives = graph.objectives;
    this.#session = session;
    this.#runningStatistics = runningStatistics;
  }

  /** @throws WeightsError, GraphError where the weights are none of such a model */
  static async create(
    weights: WeightSource,
    graphOptions: BackwardGraphOptions,
    encoderOutputs: EncoderOutputs,
    options: StepperOptions,
  ): Promise<Stepper> {
    const graph = backwardGraph(weights, graphOptions, encoderOutputs);
    const session = await createSession(toOnnxModel(graph.definition), options);
    const initial = ({ key, shape }: Variable) => float32View(weights.parameter(key, shape));
    const { placed, groups, length } = layoutVariables(graph.variables, options.groupOf);
    const optimizer = await Optimizer.create(length, groups, { ...ADAMW_DEFAULTS, ...options });
    for (const variable of placed) optimizer.state.values.set(initial(variable), variable.begin);
    const runningStatistics = new Map(graph.statistics.map((variable) => [variable.key, initial(variable)]));
    return new Stepper(graph, session, placed, optimizer, runningStatistics);
  }

  /** The gradient of the last step, added up over its parts, before clipping. */
  gradient(key: string): Float32Array {
    const { begin, end } = this.variables.find((variable) => variable.key === key)!;
    return this.optimizer.state.gradients.subarray(begin, end);
  }

  /** Trained weights and running statistics as they are now: views of memory that the next step changes. */
  weights(): Map<string, Tensor> {
    const tensors = this.viewByVariable(this.optimizer.state.values);
    for (const { key, shape } of this.statistics)
      tensors.set(key, float32Tensor(shape, this.#runningStatistics.get(key)!));
    return tensors;
  }

  /** What is each variable's in memory that lies as the values do: views. */
  viewByVariable(memory: Float32Array): Map<string, Tensor> {
    return new Map(
      this.variables.map(({ key, shape, begin, end }) => [key, float32Tensor(shape, memory.subarray(begin, end))]),
    );
  }

  /** Running statistics, to go on with them. */
  setStatistics(values: ReadonlyMap<string, Float32Array>): void {
    this.#runningStatistics = values;
  }

  /**
   * One step along the mean gradient of the parts of a batch.
   * @param rates the learning rate of each group
   */
  async step(microBatches: readonly Feeds[], rates: Readonly<Record<string, number>>): Promise<StepResult> {
    const losses: Record<string, number> = {};
    const previousStatistics = this.#runningStatistics;
    const { gradients } = this.optimizer.state;
    const sum = microBatches.length > 1 ? new Float64Array(gradients.length) : undefined;
    try {
      for (const feeds of microBatches) {
        const microBatchLosses = await this.#run(feeds);
        for (const [name, value] of Object.entries(microBatchLosses))
          losses[name] = (losses[name] ?? 0) + value / microBatches.length;
        if (sum) for (let i = 0; i < sum.length; i++) sum[i]! += gradients[i]!;
      }
    } catch (error) {
      // Memory that was not enough for a later part: the step is taken again, and must not count the first one twice.
      this.#runningStatistics = previousStatistics;
      throw error;
    }
    if (sum) gradients.set(sum);
    const gradNorm = this.optimizer.gradNorm(microBatches.length);
    const isApplied = Number.isFinite(gradNorm) && Object.values(losses).every(Number.isFinite);
    if (isApplied) this.optimizer.update(microBatches.length, gradNorm, rates);
    else this.#runningStatistics = previousStatistics;
    return { losses: losses as StepResult['losses'], gradNorm, isApplied };
  }

  async close(): Promise<void> {
    await this.#session.release();
    await this.optimizer.close();
  }

  /** Losses of a part. Its gradients lie in the optimiser's memory afterwards, and its statistics are the running ones. */
  async #run(feeds: Feeds): Promise<Record<string, number>> {
    const { values, gradients } = this.optimizer.state;
    const inputs: Record<string, ort.Tensor> = { ...feeds };
    const fetches: Record<string, ort.Tensor | null> = { loss: null };
    for (const name of this.#objectives) fetches[name] = null;
    for (const { key, shape, begin, end } of this.variables) {
      inputs[key] = new ort.Tensor('float32', values.subarray(begin, end), shape);
      fetches[`gradient/${key}`] = new ort.Tensor('float32', gradients.subarray(begin, end), shape);
    }
    for (const { key, shape } of this.statistics) {
      inputs[key] = new ort.Tensor('float32', this.#runningStatistics.get(key)!, shape);
      fetches[`next/${key}`] = null;
    }
    const outputs = await this.#session.run(inputs, fetches);
    const output = (name: string) => outputs[name]!.data as Float32Array;
    this.#runningStatistics = new Map(this.statistics.map(({ key }) => [key, output(`next/${key}`)]));
    return Object.fromEntries(['loss', ...this.#objectives].map((name) => [name, output(name)[0]!]));
  }
}

/** Variables of one learning rate side by side, each from a multiple of LANES on. */
function layoutVariables(variables: readonly Variable[], groupOf: (key: string) => string) {
  const placed: PlacedVariable[] = [];
  let length = 0;
  const groups = [...Map.groupBy(variables, ({ key }) => groupOf(key))].map(
    ([name, groupVariables]): ParameterGroup => {
      const begin = length;
      for (const variable of groupVariables) {
        const size = elementCount(variable.shape);
        placed.push({ ...variable, begin: length, end: length + size });
        length += Math.ceil(size / SIMD_LANES) * SIMD_LANES;
      }
      return { name, begin, end: length };
    },
  );
  return { placed, groups, length };
}
