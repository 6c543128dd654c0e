import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlannedPanel } from '../../evaluation/measure-evaluation.ts';
import type { Model } from '../../model/model.ts';
import { isObject, type JsonObject } from '../../util/json.ts';
import type { Contender } from './contenders.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import type { EvaluationSplit } from './evaluation-split.ts';

const MAX_NAMED_BOOKS = 5;

/** What a reader of the result must know, in plain sentences. */
export async function evaluationNotes(
  spec: EvaluateSpec,
  { facts, panels }: EvaluationSplit,
  contenders: readonly Contender[],
): Promise<string[]> {
  const notes: string[] = [];
  if (facts.kind === 'folds')
    notes.push(
      'Each fold is searched alone. Vectors of trainings and baselines of different folds are never compared.',
    );
  for (const contender of contenders) {
    if (contender.kind !== 'model') continue;
    const note = await trainingNote(contender.model, spec, panels);
    if (note !== null) notes.push(note);
  }
  const models = new Set(contenders.filter(({ kind }) => kind !== 'model').map(({ encoders }) => encoders.model.id));
  if (models.size > 1)
    notes.push('Trainings and baselines have different encoders: their differences are not those of heads alone.');
  return notes;
}

/** Says if a model was trained on pages that are measured here: its numbers are then too good. */
async function trainingNote(
  model: Model,
  { dataset }: EvaluateSpec,
  panels: readonly PlannedPanel[],
): Promise<string | null> {
  const text = await readFile(path.join(model.folder, 'training.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return null;
  const training = parseOrUndefined(text);
  if (!isObject(training)) {
    return `The training.json of ${model.id} cannot be read: whether the model was trained on books that are measured here is not known.`;
  }
  const trainedBooks = listTrainedBooks(training);
  if (trainedBooks !== undefined) {
    const seen = [...new Set(panels.map(({ book }) => book))].filter((book) => trainedBooks.has(book));
    if (seen.length === 0) return null;
    const names = seen.slice(0, MAX_NAMED_BOOKS).join(', ') + (seen.length > MAX_NAMED_BOOKS ? ', ...' : '');
    return `${model.id} was trained on ${seen.length} of the books that are measured here (${names}): its numbers are too good there.`;
  }
  const trainedOn = isObject(training['spec']) ? training['spec']['dataset'] : undefined;
  const isSameList =
    isObject(trainedOn) &&
    (['manifest', 'pages'] as const).some((field) => dataset[field] !== null && trainedOn[field] === dataset[field]);
  if (!isSameList) return null;
  return `${model.id} was trained on pages of the same list of pages: where these are measured here, its numbers are too good.`;
}

/** The books that a training.json names, or that of the bundled model; undefined if it names none. */
function listTrainedBooks({ summary, episodes }: JsonObject): Set<unknown> | undefined {
  const books = isObject(summary) && isObject(summary['books']) ? summary['books'] : episodes;
  const training = isObject(books) ? books['training'] : undefined;
  return Array.isArray(training) ? new Set(training) : undefined;
}

/** The value of a JSON text; undefined if it is none. */
function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
