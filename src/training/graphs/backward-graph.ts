import { gradients } from '../../autodiff/gradients.ts';
import { collectDependencies } from '../../graph/dependencies.ts';
import type { GraphDefinition } from '../../graph/emit/emit.ts';
import { rewriteGraph } from '../../graph/rewrite/rewrite-graph.ts';
import { input, type ParameterValue, type Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { Objective, ObjectiveOptions } from '../training-spec.ts';
import { type BatchInputs, batchInputs, batchLosses, type EncoderOutputs } from './batch-losses.ts';
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

export interface BackwardGraphOptions {
  readonly spec: HeadSpec;
  readonly options: ObjectiveOptions;
  /** 0 trains without */
  readonly dropout: number;
  /** Whether a weight is trained: frozen ones stay in the graph as they are */
  readonly isTrained: (key: string) => boolean;
}

/** @throws WeightsError, GraphError where the weights are none of such a model */
export function backwardGraph(
  weights: WeightSource,
  { spec, options, dropout, isTrained }: BackwardGraphOptions,
  encoderOutputs: EncoderOutputs,
): BackwardGraph {
  const mode = new TrainingMode(dropout);
  const batch: BatchInputs = batchInputs();
  const { loss, objectiveLosses } = batchLosses(weights, spec, options, mode, encoderOutputs, batch);
  const { parameters } = collectDependencies([loss]);
  const candidates = parameters.filter(({ name }) => isTrained(name));
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
  return { key: name, shape: type.shape as number[] };
}

/** The named weights as inputs of the same name: they change from run to run. */
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
