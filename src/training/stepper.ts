import { toModel } from '../graph/emit/emit.ts';
import { createSession, ort, type SessionOptions } from '../inference/engine/session.ts';
import type { WeightSource } from '../weights/weight-source.ts';
import { type BackwardGraph, backwardGraph, type Trained, type Variable } from './graphs/backward-graph.ts';
import type { Pooled } from './graphs/loss.ts';
import { ADAMW_DEFAULTS, updateGraph } from './graphs/update-graph.ts';
import type { Objective } from './training-spec.ts';
import { Variables } from './variables.ts';

export type Feeds = Readonly<Record<string, ort.Tensor>>;

export interface StepperOptions extends SessionOptions {
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  /** Which learning rate a variable has, by name */
  readonly groupOf: (key: string) => string;
}

export interface StepResult {
  readonly losses: Readonly<Record<'loss' | Objective, number>>;
  /** Of all gradients, before clipping */
  readonly gradNorm: number;
  /** Whether the weights have changed: not where a loss or the norm is no finite number */
  readonly taken: boolean;
}

/**
 * Variables, their moments, and the two graphs that move them. Owns all of it; a step that is not taken leaves it as it was.
 */
export class Stepper {
  readonly variables: Variables;
  readonly first: Variables;
  readonly second: Variables;
  readonly statistics: Variables;
  readonly dropouts: BackwardGraph['dropouts'];
  /** Steps taken */
  count = 0;
  readonly #objectives: readonly Objective[];
  readonly #gradients: Variables;
  readonly #groups: readonly string[];
  readonly #backward: ort.InferenceSession;
  readonly #update: ort.InferenceSession;

  private constructor(
    graph: BackwardGraph,
    groups: readonly string[],
    initial: (key: string) => Float32Array,
    sessions: readonly [ort.InferenceSession, ort.InferenceSession],
  ) {
    const zeros = ({ shape }: Variable) => new Float32Array(shape.reduce((product, size) => product * size, 1));
    const sizes = new Map(graph.variables.map((variable) => [variable.key, variable]));
    const empty = (key: string) => zeros(sizes.get(key)!);
    this.variables = new Variables(graph.variables, initial);
    this.first = new Variables(graph.variables, empty);
    this.second = new Variables(graph.variables, empty);
    this.statistics = new Variables(graph.statistics, initial);
    this.dropouts = graph.dropouts;
    this.#gradients = new Variables(graph.variables, empty);
    this.#objectives = graph.objectives;
    this.#groups = groups;
    [this.#backward, this.#update] = sessions;
  }

  /** @throws WeightsError, GraphError where the weights are none of such a model */
  static async create(
    weights: WeightSource,
    trained: Trained,
    pooled: Pooled,
    options: StepperOptions,
  ): Promise<Stepper> {
    const graph = backwardGraph(weights, trained, pooled);
    const { weightDecay, maxGradNorm, groupOf } = options;
    const adamw = { ...ADAMW_DEFAULTS, weightDecay, maxGradNorm };
    const update = updateGraph(graph.variables, adamw, groupOf);
    const shapes = new Map([...graph.variables, ...graph.statistics].map(({ key, shape }) => [key, shape]));
    const initial = (key: string) => {
      const { bytes } = weights.parameter(key, shapes.get(key)!);
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    };
    const sessions = [
      await createSession(toModel(graph.definition), options),
      await createSession(toModel(update), options),
    ] as const;
    return new Stepper(graph, [...new Set(graph.variables.map(({ key }) => groupOf(key)))], initial, sessions);
  }

  /** The gradient of the last step, before clipping. */
  gradient(key: string): Float32Array {
    return this.#gradients.current(key);
  }

  /**
   * One step over the mean gradient of several parts of a batch.
   * @param rates the learning rate of each group
   */
  async step(parts: readonly Feeds[], rates: Readonly<Record<string, number>>): Promise<StepResult> {
    const losses: Record<string, number> = {};
    const statistics = new Map<string, Float32Array>();
    for (const [at, feeds] of parts.entries()) {
      const found = await this.#run(feeds);
      for (const [name, value] of Object.entries(found)) losses[name] = (losses[name] ?? 0) + value / parts.length;
      this.#collect(at);
      this.statistics.swap();
      if (at === 0) for (const { key } of this.statistics.keys) statistics.set(key, this.statistics.next(key).slice());
    }
    const gradNorm = await this.#propose(1 / parts.length, rates);
    const taken = Number.isFinite(gradNorm) && Object.values(losses).every(Number.isFinite);
    if (taken) {
      for (const set of [this.variables, this.first, this.second]) set.swap();
      this.count++;
    } else for (const [key, before] of statistics) this.statistics.current(key).set(before);
    return { losses: losses as StepResult['losses'], gradNorm, taken };
  }

  async close(): Promise<void> {
    await this.#backward.release();
    await this.#update.release();
  }

  /** Losses of a part; its gradients are in `next` of the gradients, its statistics in `next` of those. */
  async #run(feeds: Feeds): Promise<Record<string, number>> {
    const fetches: Record<string, ort.Tensor | null> = { loss: null };
    for (const name of this.#objectives) fetches[name] = null;
    for (const variable of this.variables.keys) {
      fetches[`gradient/${variable.key}`] = tensor(variable, this.#gradients.next(variable.key));
    }
    for (const variable of this.statistics.keys) {
      fetches[`next/${variable.key}`] = tensor(variable, this.statistics.next(variable.key));
    }
    const state = [this.variables, this.statistics].flatMap((set) =>
      set.keys.map((variable) => [variable.key, tensor(variable, set.current(variable.key))] as const),
    );
    const found = await this.#backward.run({ ...feeds, ...Object.fromEntries(state) }, fetches);
    return Object.fromEntries(
      ['loss', ...this.#objectives].map((name) => [name, (found[name]!.data as Float32Array)[0]!]),
    );
  }

  /** Adds the gradients of a part to those of the parts before it. */
  #collect(part: number): void {
    if (part === 0) {
      this.#gradients.swap();
      return;
    }
    for (const { key } of this.#gradients.keys) {
      const [sum, more] = [this.#gradients.current(key), this.#gradients.next(key)];
      for (let at = 0; at < sum.length; at++) sum[at]! += more[at]!;
    }
  }

  /** What the variables and moments would be after the step, and the norm of its gradient. */
  async #propose(scale: number, rates: Readonly<Record<string, number>>): Promise<number> {
    const t = this.count + 1;
    const scalars: Record<string, number> = {
      gradient_scale: scale,
      correction1: 1 - ADAMW_DEFAULTS.beta1 ** t,
      correction2: Math.sqrt(1 - ADAMW_DEFAULTS.beta2 ** t),
    };
    for (const group of this.#groups) scalars[`rate/${group}`] = rates[group]!;
    const feeds: Record<string, ort.Tensor> = {};
    for (const [name, value] of Object.entries(scalars)) feeds[name] = new ort.Tensor('float32', [value], []);
    const fetches: Record<string, ort.Tensor | null> = { grad_norm: null };
    for (const variable of this.variables.keys) {
      const { key } = variable;
      feeds[key] = tensor(variable, this.variables.current(key));
      feeds[`gradient/${key}`] = tensor(variable, this.#gradients.current(key));
      feeds[`first/${key}`] = tensor(variable, this.first.current(key));
      feeds[`second/${key}`] = tensor(variable, this.second.current(key));
      fetches[`next/${key}`] = tensor(variable, this.variables.next(key));
      fetches[`next/first/${key}`] = tensor(variable, this.first.next(key));
      fetches[`next/second/${key}`] = tensor(variable, this.second.next(key));
    }
    const found = await this.#update.run(feeds, fetches);
    return (found['grad_norm']!.data as Float32Array)[0]!;
  }
}

function tensor({ shape }: Variable, data: Float32Array): ort.Tensor {
  return new ort.Tensor('float32', data, shape);
}
