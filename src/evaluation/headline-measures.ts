import type {
  ClusteringMeasures,
  ContenderResult,
  LeftOut,
  Measure,
  RetrievalMeasures,
  RetrievalTask,
} from './evaluation-result.ts';

/** A measure by which contenders are told apart, in tables and comparisons. */
export interface HeadlineMeasure {
  /** Its place in a contender's result, as comparisons and claims name it */
  readonly name: string;
  readonly label: string;
  readonly group: string;
  readonly better: 'higher' | 'lower';
  readonly read: (contender: ContenderResult) => Measure;
}

/** How tasks are called in texts for people. */
export const TASK_LABELS: Readonly<Record<RetrievalTask, string>> = {
  snapshot_to_stored: 'snapshot → stored',
  flipped_to_stored: 'flipped picture → stored',
  grey_to_stored: 'grey picture → stored',
  snapshot_to_picture: 'snapshot → pictures',
  picture_to_stored: 'picture → stored',
  lettering_to_stored: 'lettering → stored',
  description_to_stored: 'description → stored',
  words_to_pictures: 'description → pictures',
  pictures_to_words: 'picture → descriptions',
};

const RECALLS: readonly (readonly [RetrievalTask, 'recall_at_1' | 'recall_at_5'])[] = [
  ['snapshot_to_stored', 'recall_at_1'],
  ['snapshot_to_picture', 'recall_at_1'],
  ['picture_to_stored', 'recall_at_1'],
  ['lettering_to_stored', 'recall_at_1'],
  ['description_to_stored', 'recall_at_5'],
  ['words_to_pictures', 'recall_at_5'],
  ['pictures_to_words', 'recall_at_5'],
];

/** The measures of a table that compares contenders, in its order. */
export const HEADLINE_MEASURES: readonly HeadlineMeasure[] = [
  ...RECALLS.map(([task, measure]) => recallMeasure(task, measure)),
  neighbourMeasure('same_page', 'nearest panel is of the same page'),
  neighbourMeasure('same_book', 'nearest panel is of the same book'),
  clusteringMeasure('nmi', 'NMI with books'),
  clusteringMeasure('ari', 'ARI with books'),
  silhouetteMeasure(),
  leakageMeasure('stored', 'aspect'),
  leakageMeasure('stored', 'area'),
  leakageMeasure('picture', 'aspect'),
  leakageMeasure('picture', 'area'),
  pictureCosineMeasure(),
];

/** How a measure is called in texts for people; its name if it is none of the headline measures. */
export function measureLabel(name: string): string {
  const measure = HEADLINE_MEASURES.find((headline) => headline.name === name);
  return measure === undefined ? name : `${measure.group}: ${measure.label}`;
}

function recallMeasure(task: RetrievalTask, measure: 'recall_at_1' | 'recall_at_5'): HeadlineMeasure {
  return {
    name: `retrieval.${task}.${measure}`,
    label: `${TASK_LABELS[task]}, recall@${measure === 'recall_at_1' ? 1 : 5}`,
    group: 'Retrieval',
    better: 'higher',
    read: ({ retrieval }) => readField<RetrievalMeasures>(retrieval[task], (measures) => measures[measure]),
  };
}

function neighbourMeasure(measure: 'same_page' | 'same_book', label: string): HeadlineMeasure {
  return {
    name: `neighbours.${measure}`,
    label,
    group: 'Neighbours',
    better: 'higher',
    read: ({ neighbours }) => readField(neighbours, (measures) => measures[measure]),
  };
}

function clusteringMeasure(measure: 'nmi' | 'ari', label: string): HeadlineMeasure {
  return {
    name: `clustering.stored.books.${measure}.book`,
    label: `${label}, one cluster per book`,
    group: 'Clustering',
    better: 'higher',
    read: (contender) => readField(bookClustering(contender), (measures) => measures[measure].book),
  };
}

function silhouetteMeasure(): HeadlineMeasure {
  return {
    name: 'clustering.stored.books.silhouette',
    label: 'silhouette, one cluster per book',
    group: 'Clustering',
    better: 'higher',
    read: (contender) => readField(bookClustering(contender), ({ silhouette }) => silhouette),
  };
}

function bookClustering({ clustering: { stored } }: ContenderResult): ClusteringMeasures | LeftOut {
  if ('left_out' in stored) return stored;
  return (
    stored.find(({ choice }) => choice === 'books') ?? { left_out: 'there is no clustering by the number of books' }
  );
}

function leakageMeasure(view: 'stored' | 'picture', measure: 'aspect' | 'area'): HeadlineMeasure {
  return {
    name: `leakage.${view}.${measure}`,
    label: `R² of ${measure} from ${view === 'stored' ? 'stored vectors' : 'pictures alone'}`,
    group: 'Layout',
    better: 'lower',
    read: ({ leakage }) => readField(leakage[view], (measures) => measures[measure]),
  };
}

function pictureCosineMeasure(): HeadlineMeasure {
  return {
    name: 'collapse.picture.all_pairs',
    label: 'mean cosine of any two pictures',
    group: 'Collapse',
    better: 'lower',
    read: ({ collapse: { picture } }) => readField(picture, ({ all_pairs }) => all_pairs),
  };
}

function readField<T extends object>(measures: T | LeftOut, read: (measures: T) => Measure): Measure {
  return 'left_out' in measures ? measures : read(measures);
}
