import { gradients } from '../../autodiff/gradients.ts';
import type { GraphDefinition } from '../../graph/emit/emit.ts';
import { rebuild } from '../../graph/rewrite/rebuild.ts';
import { input, type ParameterValue, type Value } from '../../graph/value.ts';
import { dependencies } from '../../graph/walk.ts';
import type { HeadSpec } from '../../model/head/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { Objective, ObjectiveOptions } from '../training-spec.ts';
import { type BatchInputs, batchInputs, batchLosses, type Pooled } from './loss.ts';
import { type Dropout, TrainingMode } from './training-mode.ts';

/** A weight that training changes, under its own name in files and as an input of the training graphs. */
export interface Variable {
  readonly key: string;
  readonly shape: readonly number[];
}

/**
 * One batch forward and back.
 *
 * | inputs | outputs |
 * |---|---|
 * | each variable and running statistic by its key; those of the batch; `dropout/<layer>` | `loss` and its parts; `gradient/<key>` of each variable; `next/<key>` of each statistic |
 */
export interface BackwardGraph {
  readonly definition: GraphDefinition;
  readonly variables: readonly Variable[];
  readonly statistics: readonly Variable[];
  readonly dropouts: readonly Dropout[];
  readonly objectives: readonly Objective[];
}

export interface Trained {
  readonly spec: HeadSpec;
  readonly options: ObjectiveOptions;
  /** 0 trains without */
  readonly dropout: number;
  /** Whether a weight is trained: frozen ones stay in the graph as they are */
  readonly trains: (key: string) => boolean;
}

/** @throws WeightsError, GraphError where the weights are none of such a model */
export function backwardGraph(
  weights: WeightSource,
  { spec, options, dropout, trains }: Trained,
  pooled: Pooled,
): BackwardGraph {
  const mode = new TrainingMode(dropout);
  const batch: BatchInputs = batchInputs();
  const { loss, parts } = batchLosses(weights, spec, options, mode, pooled, batch);
  const { parameters } = dependencies([loss]);
  const candidates = parameters.filter(({ name }) => trains(name));
  const found = gradients(loss, candidates);
  const trained = candidates.flatMap((value, at) => (found[at] ? [{ value, gradient: found[at] }] : []));
  const outputs: Record<string, Value> = { loss, ...parts };
  for (const { value, gradient } of trained) outputs[`gradient/${value.name}`] = gradient;
  for (const [key, next] of mode.statistics) outputs[`next/${key}`] = next;
  const fed = new Set([...trained.map(({ value }) => value.name), ...mode.statistics.keys()]);
  return {
    definition: { name: 'backward', outputs: withInputs(outputs, fed) },
    variables: trained.map(({ value }) => variable(value)),
    statistics: [...mode.statistics].map(([key, { type }]) => ({ key, shape: type.shape as number[] })),
    dropouts: mode.dropouts,
    objectives: Object.keys(parts) as Objective[],
  };
}

function variable({ name, type }: ParameterValue): Variable {
  return { key: name, shape: type.shape as number[] };
}

/** The named weights as inputs of the same name: they change from run to run. */
export function withInputs(outputs: Record<string, Value>, names: ReadonlySet<string>): Record<string, Value> {
  return rebuild(outputs, {
    leaf: (leaf) =>
      leaf.kind === 'parameter' && names.has(leaf.name) ? input(leaf.name, leaf.type.dtype, leaf.type.shape) : leaf,
  });
}
