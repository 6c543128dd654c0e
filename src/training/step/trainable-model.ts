import { toOnnxModel } from '../../graph/emit/emit.ts';
import { createSession, ort, type SessionOptions } from '../../onnxruntime/session.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { float32Tensor, float32View } from '../../weights/tensor.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import type { TrainingSnapshot } from '../checkpoint/checkpoint-file.ts';
import type { TrainerState } from '../checkpoint/trainer-state.ts';
import type { BackwardGraph, Variable } from '../graphs/backward-graph.ts';
import { Optimizer } from '../optimizer/optimizer.ts';
import { ADAMW_DEFAULTS } from '../optimizer/optimizer-commands.ts';
import type { Objective } from '../training-spec.ts';
import type { Feeds } from './batch-feeds.ts';
import { type GroupName, layoutVariables, type PlacedVariable } from './variable-layout.ts';

export interface TrainableModelOptions extends SessionOptions {
  readonly weightDecay: number;
  readonly maxGradNorm: number;
}

/** Learning rates by group; only groups that have variables need one. */
export type LearningRates = Readonly<Partial<Record<GroupName, number>>>;

export interface StepResult {
  /** The weighted sum of all objectives, and each objective unweighted */
  readonly losses: Readonly<Partial<Record<Objective, number>>> & { readonly loss: number };
  /** The norm of all gradients, before clipping */
  readonly gradNorm: number;
  /** Whether the weights have changed. They do not where a loss or the norm is not finite */
  readonly isApplied: boolean;
}

/** The backward graph in a session, its variables, and the optimiser that updates them. */
export class TrainableModel {
  readonly variables: readonly PlacedVariable[];
  readonly statistics: readonly Variable[];
  readonly dropouts: BackwardGraph['dropouts'];
  readonly optimizer: Optimizer;
  readonly #objectives: readonly Objective[];
  readonly #session: ort.InferenceSession;
  /** Running statistics by key */
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

  /** Opens the session and starts the optimiser. @param weights the initial values of the graph's variables */
  static async create(
    graph: BackwardGraph,
    weights: WeightSource,
    options: TrainableModelOptions,
  ): Promise<TrainableModel> {
    const session = await createSession(toOnnxModel(graph.definition), options);
    const initialValues = ({ key, shape }: Variable) => float32View(weights.parameter(key, shape));
    const { variables, groups, length } = layoutVariables(graph.variables);
    const optimizer = await Optimizer.create(length, groups, { ...ADAMW_DEFAULTS, ...options });
    for (const variable of variables) optimizer.state.values.set(initialValues(variable), variable.begin);
    const runningStatistics = new Map(graph.statistics.map((variable) => [variable.key, initialValues(variable)]));
    return new TrainableModel(graph, session, variables, optimizer, runningStatistics);
  }

  /** The gradient of the last step, summed over its micro-batches, before clipping. */
  gradient(key: string): Float32Array {
    const variable = this.variables.find((candidate) => candidate.key === key);
    if (variable === undefined) throw new RangeError(`there is no variable "${key}"`);
    return this.optimizer.state.gradients.subarray(variable.begin, variable.end);
  }

  /** The trained weights and running statistics as they are now: views of memory that the next step changes. */
  weights(): Map<string, Tensor> {
    const tensors = this.#viewByVariable(this.optimizer.state.values);
    for (const { key, shape } of this.statistics) tensors.set(key, float32Tensor(shape, this.#runningStatistic(key)));
    return tensors;
  }

  /** The numbers of a checkpoint as they are now: views, to be written before the next step. */
  snapshot(trainerState: TrainerState): Omit<TrainingSnapshot, 'averages'> {
    const { firstMoments, secondMoments } = this.optimizer.state;
    return {
      trainerState,
      weights: this.weights(),
      firstMoments: this.#viewByVariable(firstMoments),
      secondMoments: this.#viewByVariable(secondMoments),
    };
  }

  /** Restores the numbers of a checkpoint. @throws WeightsError where the checkpoint lacks one */
  restore({ trainerState, weights, firstMoments, secondMoments }: TrainingSnapshot): void {
    const { state } = this.optimizer;
    for (const { key, begin } of this.variables) {
      state.values.set(requireValues(weights, key), begin);
      state.firstMoments.set(requireValues(firstMoments, key), begin);
      state.secondMoments.set(requireValues(secondMoments, key), begin);
    }
    this.#runningStatistics = new Map(this.statistics.map(({ key }) => [key, requireValues(weights, key)]));
    this.optimizer.stepCount = trainerState.updates;
  }

  /**
   * Takes one step along the mean gradient of some micro-batches. A step that is not applied leaves everything as it was.
   * @throws Error of ONNX Runtime; the model is then as it was
   */
  async step(microBatches: readonly Feeds[], learningRates: LearningRates): Promise<StepResult> {
    const losses: Record<string, number> & { loss: number } = { loss: 0 };
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
      // The whole step is tried again where memory was not enough; it must not count its first micro-batches twice.
      this.#runningStatistics = previousStatistics;
      throw error;
    }
    if (sum) gradients.set(sum);
    const gradNorm = this.optimizer.gradNorm(microBatches.length);
    const isApplied = Number.isFinite(gradNorm) && Object.values(losses).every(Number.isFinite);
    if (isApplied) this.optimizer.update(microBatches.length, gradNorm, learningRates);
    else this.#runningStatistics = previousStatistics;
    return { losses, gradNorm, isApplied };
  }

  async close(): Promise<void> {
    await this.#session.release();
    await this.optimizer.close();
  }

  /**
   * Runs one micro-batch forward and backward. Its gradients are then in the optimiser's memory, and its statistics are the
   * running ones.
   * @returns its losses by name
   */
  async #run(feeds: Feeds): Promise<Record<string, number>> {
    const { values, gradients } = this.optimizer.state;
    const lossNames = ['loss', ...this.#objectives];
    const inputs: Record<string, ort.Tensor> = { ...feeds };
    const fetches: Record<string, ort.Tensor | null> = Object.fromEntries(lossNames.map((name) => [name, null]));
    for (const { key, shape, begin, end } of this.variables) {
      inputs[key] = new ort.Tensor('float32', values.subarray(begin, end), shape);
      fetches[`gradient/${key}`] = new ort.Tensor('float32', gradients.subarray(begin, end), shape);
    }
    for (const { key, shape } of this.statistics) {
      inputs[key] = new ort.Tensor('float32', this.#runningStatistic(key), shape);
      fetches[`next/${key}`] = null;
    }
    const outputs = await this.#session.run(inputs, fetches);
    this.#runningStatistics = new Map(this.statistics.map(({ key }) => [key, floatOutput(outputs, `next/${key}`)]));
    return Object.fromEntries(lossNames.map((name) => [name, floatOutput(outputs, name)[0] ?? Number.NaN]));
  }

  #runningStatistic(key: string): Float32Array {
    const values = this.#runningStatistics.get(key);
    if (values === undefined) throw new RangeError(`there is no running statistic "${key}"`);
    return values;
  }

  /** Views of each variable's elements in one of the optimiser's arrays. */
  #viewByVariable(array: Float32Array): Map<string, Tensor> {
    return new Map(
      this.variables.map(({ key, shape, begin, end }) => [key, float32Tensor(shape, array.subarray(begin, end))]),
    );
  }
}

/** Not copied: each run has new memory for outputs that were not given any. */
function floatOutput(outputs: ort.InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new TypeError(`the graph has no float32 output "${name}"`);
}

function requireValues(tensors: ReadonlyMap<string, Tensor>, key: string): Float32Array {
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new WeightsError(`the checkpoint lacks "${key}"`);
  return float32View(tensor);
}
