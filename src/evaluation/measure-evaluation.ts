import { writeFileAtomic } from '../files/atomic-write.ts';
import { TrainingSet } from '../training/data/training-set.ts';
import { elementAt } from '../util/arrays.ts';
import { presentRows, vectorOf } from '../vector-analysis/vector-rows.ts';
import { checkFirstVersion } from './check-first-version.ts';
import { chooseSheets, sheetCandidates } from './choose-sheets.ts';
import { type ComparedContender, checkClaims, compareContenders } from './compare-contenders.ts';
import { type AssembledVectors, assembleVectors, type VectorsOfRows } from './contender-vectors.ts';
import {
  type ContenderResult,
  type EvaluationResult,
  type NeighbourSheet,
  RETRIEVAL_TASKS,
  type RetrievalTask,
} from './evaluation-result.ts';
import { makeMap } from './map.ts';
import { meanGateWeights } from './measures/ablation.ts';
import { type MeasuredContender, measureContender } from './measures/measure-contender.ts';
import type { MeasuredPanel, MeasuredPanels } from './measures/measured-panels.ts';
import { countNearDuplicates, findNearDuplicates } from './measures/near-duplicates.ts';
import { readRawPictures } from './vectors/raw-pictures.ts';

/** The texts of a panel, for the sheets. */
export interface PlannedPanel extends MeasuredPanel {
  readonly description: string | null;
}

export interface PlannedContender extends Pick<ContenderResult, 'name' | 'kind' | 'description' | 'space'> {
  /** One file for all panels, or one for each fold */
  readonly vectors: readonly VectorsOfRows[];
}

/** All that is measured. Plain data, because it is sent to the evaluation process. */
export interface MeasurePlan {
  /** The measured panels. A row is an index into them */
  readonly panels: readonly PlannedPanel[];
  /** Rows that search each other: those of each fold, or all */
  readonly galleries: readonly (readonly number[])[];
  /** Files with the features of the measured panels, in their order; their pictures show what is nearly a duplicate */
  readonly viewFiles: readonly string[];
  readonly contenders: readonly PlannedContender[];
  /** What is known without measuring */
  readonly facts: Pick<EvaluationResult, 'created_at' | 'fingerprint' | 'split' | 'notes'> & {
    readonly dataset: Omit<EvaluationResult['dataset'], 'near_duplicates'>;
  };
  readonly seed: number;
  /** The file to write */
  readonly output: string;
}

/** The tasks whose results are shown with pictures. */
const SHEET_TASKS: readonly RetrievalTask[] = ['words_to_pictures', 'snapshot_to_stored'];

/** Measures all contenders, one after the other, compares them, and writes the result. */
export async function measureEvaluation(plan: MeasurePlan): Promise<void> {
  const nearDuplicates = findNearDuplicates(await readPictures(plan));
  const panels: MeasuredPanels = { ...plan, nearDuplicates };
  const contenders: ContenderResult[] = [];
  const compared: ComparedContender[] = [];
  for (const { vectors, ...contender } of plan.contenders) {
    const assembled = await assembleVectors(vectors, plan.panels.length);
    const { measures, statistics } = measureContender(panels, assembled.views);
    compared.push({ ...contender, statistics });
    contenders.push({
      ...contender,
      dimensions: assembled.dimensions,
      ...measures,
      gate: assembled.gate && meanGateWeights(assembled.gate.present, assembled.gate.weights),
      sheets: SHEET_TASKS.flatMap((task) => makeSheets(task, plan, assembled, measures)),
      map: mapOf(plan, assembled, vectors),
    });
  }
  const comparisons = compareContenders(panels, compared);
  const { dataset, ...facts } = plan.facts;
  const result: EvaluationResult = {
    format: 1,
    ...facts,
    dataset: { ...dataset, near_duplicates: countNearDuplicates(nearDuplicates) },
    panels: plan.panels.map(({ id, book, page, page_type }) => ({ id, book, page, page_type })),
    contenders,
    comparisons,
    claims: checkClaims(compared, comparisons),
    first_version_failures: checkFirstVersion(contenders),
  };
  await writeFileAtomic(plan.output, `${JSON.stringify(result, undefined, 1)}\n`);
}

async function readPictures({ viewFiles, panels }: MeasurePlan) {
  await using set = await TrainingSet.open(viewFiles);
  // Awaited here, because the set is closed at the end of this block.
  return await readRawPictures(set, panels.length);
}

function makeSheets(
  task: RetrievalTask,
  { panels, galleries, seed }: MeasurePlan,
  { views }: AssembledVectors,
  { retrieval }: MeasuredContender['measures'],
): NeighbourSheet[] {
  const measures = retrieval[task];
  if ('left_out' in measures) return [];
  const { query, target } = RETRIEVAL_TASKS[task];
  const ranks = new Map(measures.query_panels.map((panel, i) => [panel, elementAt(measures.ranks, i)]));
  const candidates = galleries.flatMap((gallery) => {
    const queries = presentRows(views[query], gallery).flatMap((row) => {
      const { id, description } = elementAt(panels, row);
      const rank = ranks.get(id);
      if (rank === undefined) return [];
      const text = query === 'description' ? description : null;
      return [{ panel: id, text, rank, vector: vectorOf(views[query], row) }];
    });
    const targets = presentRows(views[target], gallery).map((row) => ({
      panel: elementAt(panels, row).id,
      vector: vectorOf(views[target], row),
    }));
    return sheetCandidates(queries, targets);
  });
  return chooseSheets(task, candidates, seed);
}

/** The map of the stored vectors: of all panels, or of one fold where each fold has a space of its own. */
function mapOf(
  { panels, galleries, seed }: MeasurePlan,
  { views: { stored } }: AssembledVectors,
  files: readonly VectorsOfRows[],
): ContenderResult['map'] {
  const ofFold = galleries.reduce((a, b) => (b.length > a.length ? b : a), []);
  const rows = files.length > 1 ? ofFold : galleries.flat().sort((a, b) => a - b);
  const vectors = new Float32Array(rows.length * stored.dimensions);
  for (const [i, row] of rows.entries()) vectors.set(vectorOf(stored, row), i * stored.dimensions);
  return makeMap({ panels: rows.map((row) => elementAt(panels, row).id), vectors, seed });
}
