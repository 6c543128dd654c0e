import {
  CHECKED_VIEWS,
  type CheckedView,
  type ClusteringMeasures,
  type CollapseMeasures,
  type ContenderResult,
  type LeakageMeasures,
  type LeftOut,
  type Measure,
  type NeighbourMeasures,
  RETRIEVAL_TASKS,
  type RetrievalMeasures,
  type RetrievalTask,
  VIEWS,
  type View,
} from '../evaluation-result.ts';
import { measureAblation } from './ablation.ts';
import { MIN_COUNT } from './bootstrap.ts';
import { measureClustering } from './clustering.ts';
import { collapseVerdict, measureCollapse, measurePageAlignment } from './collapse.ts';
import { measureLeakage } from './leakage.ts';
import type { ContenderVectors, MeasuredPanels, ViewVectors } from './measured-panels.ts';
import { measureNeighbours } from './neighbours.ts';
import { measureRetrieval } from './retrieval.ts';
import { isLeftOut, type MaybeStatistic } from './statistic.ts';
import { StatisticRecorder } from './statistic-recorder.ts';

/** What vectors alone tell of a contender. */
export interface MeasuredContender {
  readonly measures: Pick<
    ContenderResult,
    'retrieval' | 'neighbours' | 'clustering' | 'collapse' | 'leakage' | 'ablation'
  >;
  /** For comparisons, by the path of the measure: `retrieval.words_to_pictures.recall_at_5` or `clustering.stored.ten.nmi.book` */
  readonly statistics: ReadonlyMap<string, MaybeStatistic>;
}

/** Views whose clusters, collapse and leakage are measured. */
const CLUSTER_CHOICES = ['ten', 'books'] as const satisfies readonly ClusteringMeasures['choice'][];

/** Measures everything that vectors tell. What is too small for a measure is left out, with the reason. */
export function measureContender(panels: MeasuredPanels, views: ContenderVectors): MeasuredContender {
  const recorder = new StatisticRecorder(panels);
  const findView = (view: View): ViewVectors | LeftOut => {
    const vectors = views[view];
    return vectors?.isPresent.includes(true) ? vectors : { left_out: `no panel has the view ${view}` };
  };
  const withViews = <Names extends readonly View[], Result>(
    names: Names,
    build: (...vectors: { [I in keyof Names]: ViewVectors }) => Result,
  ): Result | LeftOut => {
    const found = names.map(findView);
    return found.find(isLeftOut) ?? build(...(found as { [I in keyof Names]: ViewVectors }));
  };
  const ofSpaces = <Result>(build: (view: CheckedView, vectors: ViewVectors) => Result) =>
    mapNames(CHECKED_VIEWS, (view) => withViews([view], (vectors) => build(view, vectors)));

  const measures: MeasuredContender['measures'] = {
    retrieval: mapNames(Object.keys(RETRIEVAL_TASKS) as RetrievalTask[], (task) => {
      const { query, target } = RETRIEVAL_TASKS[task];
      return withViews([query, target], (queries, targets) => retrieval(recorder, task, queries, targets));
    }),
    neighbours: withViews(['stored'], (stored) => neighbours(recorder, stored)),
    clustering: ofSpaces((view, vectors) => clustering(recorder, view, vectors)),
    collapse: ofSpaces((view, vectors) => {
      const alignment = withViews(['picture', 'lettering'], (picture, text) =>
        measurePageAlignment(panels, picture, text),
      );
      return collapse(recorder, view, vectors, alignment);
    }),
    leakage: ofSpaces(
      (view, vectors): LeakageMeasures => recorder.measureAll(`leakage.${view}`, measureLeakage(panels, vectors)),
    ),
    ablation: mapNames(
      VIEWS.filter((view) => view !== 'stored'),
      (view): Measure =>
        recorder.measure(
          `ablation.${view}`,
          withViews([view, 'stored'], (vectors, stored) => measureAblation(panels, vectors, stored)),
        ),
    ),
  };
  return { measures, statistics: recorder.statistics };
}

function retrieval(
  recorder: StatisticRecorder,
  task: RetrievalTask,
  queries: ViewVectors,
  targets: ViewVectors,
): RetrievalMeasures | LeftOut {
  const { statistics, ranks, expectedRanks, chance } = measureRetrieval(recorder.panels, queries, targets);
  const { rows } = ranks;
  if (rows.length < MIN_COUNT) return { left_out: `it takes ${MIN_COUNT} queries, and there are ${rows.length}` };
  return {
    ...recorder.measureAll(`retrieval.${task}`, statistics),
    chance_recall_at_5: chance,
    ranks: expectedRanks,
    query_panels: rows.flatMap((row) => recorder.panels.panels[row]?.id ?? []),
  };
}

function neighbours(recorder: StatisticRecorder, stored: ViewVectors): NeighbourMeasures {
  const { statistics, chance } = measureNeighbours(recorder.panels, stored);
  return { ...recorder.measureAll('neighbours', statistics), chance };
}

function clustering(
  recorder: StatisticRecorder,
  view: CheckedView,
  vectors: ViewVectors,
): readonly ClusteringMeasures[] | LeftOut {
  const results = CLUSTER_CHOICES.map((choice): ClusteringMeasures | LeftOut => {
    const clustered = measureClustering(recorder.panels, vectors, choice);
    if (isLeftOut(clustered)) return clustered;
    const path = `clustering.${view}.${choice}`;
    return {
      k: clustered.k,
      choice,
      silhouette: recorder.measure(`${path}.silhouette`, clustered.silhouette),
      nmi: recorder.measureAll(`${path}.nmi`, clustered.nmi),
      ari: recorder.measureAll(`${path}.ari`, clustered.ari),
    };
  });
  const measured = results.flatMap((result) => (isLeftOut(result) ? [] : [result]));
  if (measured.length > 0) return measured;
  return { left_out: [...new Set(results.filter(isLeftOut).map((result) => result.left_out))].join('; ') };
}

function collapse(
  recorder: StatisticRecorder,
  view: CheckedView,
  vectors: ViewVectors,
  alignmentStatistic: MaybeStatistic,
): CollapseMeasures {
  const cosines = recorder.measureAll(`collapse.${view}`, measureCollapse(recorder.panels, vectors));
  const alignment = recorder.measure(`collapse.${view}.alignment`, alignmentStatistic);
  const known = (measure: Measure) => (isLeftOut(measure) ? undefined : measure.value);
  return { ...cosines, alignment, verdict: collapseVerdict(known(cosines.within_page), known(alignment)) };
}

function mapNames<Name extends string, Result>(names: readonly Name[], map: (name: Name) => Result) {
  return Object.fromEntries(names.map((name) => [name, map(name)])) as Record<Name, Result>;
}
