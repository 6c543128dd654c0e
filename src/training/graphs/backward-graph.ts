import { gradients } from '../../autodiff/gradients.ts';
import { collectDependencies } from '../../graph/dependencies.ts';
import type { GraphDefinition } from '../../graph/emit/emit.ts';
import { rewriteGraph } from '../../graph/rewrite/rewrite-graph.ts';
import { input, type ParameterValue, type Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { DropoutLayer } from '../graph-inputs.ts';
import type { Objective, ObjectiveOptions } from '../training-spec.ts';
import { type BatchInputs, batchInputs, batchLosses } from './batch-losses.ts';
import type { EncoderOutputs } from './encoder-outputs.ts';
import type { HeadArchitecture } from './head-architecture.ts';
import { TrainingMode } from './training-mode.ts';

/** Running statistics of a BatchNorm have no gradient. */
const RUNNING_STATISTIC = /\.running_(mean|var)$/;

/** A weight that training changes. Its key is its name in files, and among the inputs of the training graphs. */
export interface Variable {
  readonly key: string;
  readonly shape: readonly number[];
}

/**
 * One batch forward and backward.
 *
 * | inputs | outputs |
 * |---|---|
 * | each variable and running statistic by its key; those of the batch; `dropout/<layer>` | `loss` and each objective; `gradient/<key>` of each variable; `next/<key>` of each statistic |
 */
export interface BackwardGraph {
  readonly definition: GraphDefinition;
  readonly variables: readonly Variable[];
  readonly statistics: readonly Variable[];
  readonly dropouts: readonly DropoutLayer[];
  readonly objectives: readonly Objective[];
}

export interface BackwardGraphOptions {
  readonly spec: HeadSpec;
  readonly options: ObjectiveOptions;
  /** Probability; 0 trains without dropout */
  readonly dropout: number;
  /** The served head by default */
  readonly architecture?: HeadArchitecture | undefined;
}

/** Builds the backward graph of a head. @throws WeightsError, GraphError where the weights do not fit the head */
export function backwardGraph(
  weights: WeightSource,
  { spec, options, dropout, architecture }: BackwardGraphOptions,
  encoderOutputs: EncoderOutputs,
): BackwardGraph {
  const mode = new TrainingMode(dropout);
  const batch: BatchInputs = batchInputs();
  const { loss, objectiveLosses } = batchLosses(weights, spec, options, mode, encoderOutputs, batch, architecture);
  const { parameters } = collectDependencies([loss]);
  const candidates = parameters.filter(({ name }) => !RUNNING_STATISTIC.test(name));
  const candidateGradients = gradients(loss, candidates);
  const gradientPairs = candidates.flatMap((value, i) =>
    candidateGradients[i] ? [{ value, gradient: candidateGradients[i] }] : [],
  );
  const outputs: Record<string, Value> = { loss, ...objectiveLosses };
  for (const { value, gradient } of gradientPairs) outputs[`gradient/${value.name}`] = gradient;
  for (const [key, updated] of mode.statistics) outputs[`next/${key}`] = updated;
  const inputNames = new Set([...gradientPairs.map(({ value }) => value.name), ...mode.statistics.keys()]);
  return {
    definition: { name: 'backward', outputs: parametersToInputs(outputs, inputNames) },
    variables: gradientPairs.map(({ value }) => toVariable(value)),
    statistics: [...mode.statistics].map(([key, { type }]) => ({ key, shape: type.shape as number[] })),
    dropouts: mode.dropouts,
    objectives: Object.keys(objectiveLosses) as Objective[],
  };
}

function toVariable({ name, type }: ParameterValue): Variable {
  return { key: name, shape: type.shape };
}

/** Replaces the named weights, which change from run to run, by inputs of the same name. */
export function parametersToInputs(
  outputs: Record<string, Value>,
  inputNames: ReadonlySet<string>,
): Record<string, Value> {
  return rewriteGraph(outputs, {
    rewriteLeaf: (leaf) =>
      leaf.kind === 'parameter' && inputNames.has(leaf.name)
        ? input(leaf.name, leaf.type.dtype, leaf.type.shape)
        : leaf,
  });
}
