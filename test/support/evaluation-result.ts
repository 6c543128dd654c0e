import {
  type Claim,
  type ClusteringMeasures,
  type CollapseMeasures,
  type Comparison,
  type ContenderKind,
  type ContenderResult,
  type Estimate,
  type EvaluationResult,
  type LeakageMeasures,
  type NeighbourSheet,
  type PanelFacts,
  RETRIEVAL_TASKS,
  type RetrievalMeasures,
  type RetrievalTask,
} from '../../src/evaluation/evaluation-result.ts';
import { CounterRandom } from '../../src/util/counter-random.ts';

/** A contender of a generated result: the larger `skill` is, from 0 to 1, the better are its measures. */
export interface GeneratedContender {
  readonly name: string;
  readonly kind: ContenderKind;
  readonly skill: number;
}

const CONTENDERS: readonly GeneratedContender[] = [
  { name: 'ours', kind: 'training', skill: 0.8 },
  { name: 'v1', kind: 'v1', skill: 0.1 },
  { name: 'reference', kind: 'reference', skill: 0.4 },
  { name: 'raw', kind: 'raw', skill: 0.6 },
];

/** The panels of six books with `pages` pages of four panels, a cover among them. */
export function makePanels(pages = 5): PanelFacts[] {
  return Array.from({ length: 6 * pages * 4 }, (_, i) => {
    const page = Math.floor(i / 4);
    const book = `Book ${Math.floor(page / pages)}`;
    const pageId = `${book}/page_${page % pages}`;
    return { id: `${pageId}#${i % 4}`, book, page: pageId, page_type: page % pages === 0 ? 'cover' : 'narrative' };
  });
}

/** An evaluation as it may come out: nothing is computed, but all numbers fit each other. The same arguments, the same result. */
export function makeEvaluationResult(
  overrides: Partial<EvaluationResult> = {},
  contenders: readonly GeneratedContender[] = CONTENDERS,
): EvaluationResult {
  const panels = overrides.panels ?? makePanels();
  const books = [...new Set(panels.map(({ book }) => book))];
  const results = contenders.map((contender) => makeContender(contender, panels));
  return {
    format: 1,
    created_at: '2030-01-02T03:04:05.000Z',
    dataset: {
      books: books.length,
      pages: new Set(panels.map(({ page }) => page)).size,
      panels: panels.length,
      panels_with_lettering: Math.round(panels.length * 0.7),
      panels_with_description: panels.length,
      near_duplicates: 3,
      bad_pages: 1,
    },
    split: {
      kind: 'folds',
      folds: books.map((book) => {
        const test_panels = panels.filter((panel) => panel.book === book).length;
        return { test_books: [book], test_panels, training_panels: panels.length - test_panels };
      }),
    },
    panels,
    contenders: results,
    comparisons: makeComparisons(contenders),
    claims: makeClaims(contenders),
    first_version_failures: [
      { failure: 'pictures_alike', is_shown: true, statement: 'The vectors of pictures alone are all alike.' },
      { failure: 'layout_clusters', is_shown: false, statement: 'Stored vectors do not follow the layout.' },
    ],
    notes: ['The descriptions were written by people.'],
    ...overrides,
  };
}

export function estimate(value: number, count = 100, margin = 0.05): Estimate {
  return { value, low: value - margin, high: value + margin, count, resampled: 'panels' };
}

function makeContender({ name, kind, skill }: GeneratedContender, panels: readonly PanelFacts[]): ContenderResult {
  const tasks = Object.keys(RETRIEVAL_TASKS) as RetrievalTask[];
  const retrieval = Object.fromEntries(
    tasks.map((task, i) => [task, makeRetrieval(skill * (1 - i / 20), panels, `${name} ${task}`)]),
  ) as Record<RetrievalTask, RetrievalMeasures>;
  const clustering = [makeClustering('ten', 10, skill), makeClustering('books', 6, skill)];
  const leakage = makeLeakage(1 - skill);
  const collapse = makeCollapse(skill);
  return {
    name,
    kind,
    description: `The contender ${name}`,
    space: kind === 'model' ? 'a1b2c3d4e5f6' : null,
    dimensions: 512,
    retrieval,
    neighbours: {
      same_page: estimate(0.4 * skill, panels.length),
      same_book: estimate(0.8 * skill, panels.length),
      same_book_other_page: estimate(0.6 * skill, panels.length),
      chance: { same_page: 0.03, same_book: 0.16, same_book_other_page: 0.14 },
    },
    clustering: { stored: clustering, picture: clustering },
    collapse: { stored: collapse, picture: collapse },
    leakage: { stored: leakage, picture: leakage },
    ablation: { picture: estimate(0.6), lettering: estimate(0.5), composition: estimate(0.2) },
    gate:
      kind === 'raw'
        ? null
        : { 'vision+text+composition': [0.5, 0.4, 0.1], 'vision+composition': [0.8, 0, 0.2], text: [0, 1, 0] },
    sheets: makeSheets(panels, retrieval.words_to_pictures),
    map: makeScatter(panels, skill),
  };
}

function makeRetrieval(skill: number, panels: readonly PanelFacts[], name: string): RetrievalMeasures {
  const random = new CounterRandom('evaluation result', name);
  const ranks = panels.map((_, i) => Math.ceil(random.uniform(i) ** (1 + 8 * skill) * panels.length));
  const recall = (k: number) => estimate(ranks.filter((rank) => rank <= k).length / ranks.length, ranks.length);
  const median = ranks.toSorted((a, b) => a - b)[Math.floor(ranks.length / 2)] ?? 1;
  return {
    recall_at_1: recall(1),
    recall_at_5: recall(5),
    recall_at_10: recall(10),
    mrr: estimate(ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length, ranks.length),
    median_rank: estimate(median, ranks.length, 0.5),
    chance_recall_at_5: 5 / panels.length,
    ranks,
    query_panels: panels.map(({ id }) => id),
  };
}

function makeClustering(choice: ClusteringMeasures['choice'], k: number, skill: number): ClusteringMeasures {
  const measures = (factor: number) => ({
    book: estimate(factor * skill),
    page: estimate(factor * skill * 0.7),
    page_type: { left_out: 'there are fewer than 2 types of pages' },
  });
  return { k, choice, silhouette: estimate(0.2 * skill), nmi: measures(0.5), ari: measures(0.3) };
}

function makeCollapse(skill: number): CollapseMeasures {
  const within = 0.95 - 0.6 * skill;
  return {
    within_page: estimate(within),
    between_pages: estimate(within - 0.1),
    all_pairs: estimate(within - 0.1),
    alignment: estimate(skill),
    verdict: within > 0.9 ? 'collapsed' : within > 0.8 ? 'similar' : 'healthy',
  };
}

function makeLeakage(leak: number): LeakageMeasures {
  return { aspect: estimate(0.8 * leak), area: estimate(0.6 * leak), panel_count: estimate(0.2 * leak - 0.1) };
}

function makeSheets(panels: readonly PanelFacts[], { ranks }: RetrievalMeasures): NeighbourSheet[] {
  return (['best', 'worst', 'random'] as const).flatMap((choice, c) =>
    [0, 1].map((i): NeighbourSheet => {
      const start = (c * 2 + i) * 7;
      const found = panels.slice(start, start + 6).map(({ id }, j) => ({ panel: id, cosine: 0.9 - j / 20 }));
      const query = panels[start]?.id ?? '';
      const query_text = `A description of ${query}`;
      return { task: 'words_to_pictures', choice, query, query_text, rank: ranks[start] ?? 1, found };
    }),
  );
}

function makeScatter(panels: readonly PanelFacts[], skill: number): ContenderResult['map'] {
  const random = new CounterRandom('evaluation map', skill * 100);
  const books = [...new Set(panels.map(({ book }) => book))];
  const place = (axis: number) =>
    panels.map(({ book }, i) => {
      const angle = (2 * Math.PI * books.indexOf(book)) / books.length - (axis * Math.PI) / 2;
      return skill * 8 * Math.cos(angle) + 6 * (random.uniform(2 * i + axis) - 0.5);
    });
  return { panels: panels.map(({ id }) => id), x: place(0), y: place(1) };
}

function makeComparisons([first, ...others]: readonly GeneratedContender[]): Comparison[] {
  if (first === undefined) return [];
  return others.flatMap((other) =>
    ['retrieval.snapshot_to_stored.recall_at_1', 'retrieval.words_to_pictures.recall_at_5'].map((measure) => ({
      measure,
      contender: first.name,
      baseline: other.name,
      difference: estimate((first.skill - other.skill) / 2),
      relative: other.skill === 0 ? null : first.skill / other.skill - 1,
      sign_test: { better: 30, worse: 12, p: 0.0079 },
    })),
  );
}

function makeClaims([first]: readonly GeneratedContender[]): Claim[] {
  if (first === undefined) return [];
  const claim = { contender: first.name, baseline: 'v1' };
  return [
    {
      ...claim,
      claim: 'Queries with a picture alone find 30 % more',
      measure: 'retrieval.snapshot_to_stored.recall_at_1',
      claimed: 0.3,
      measured: 0.45,
      left_out: null,
    },
    {
      ...claim,
      claim: 'Clusters fit the content 20 % better',
      measure: 'clustering.stored.books.nmi.book',
      claimed: 0.2,
      measured: null,
      left_out: 'the dataset has one book',
    },
  ];
}
