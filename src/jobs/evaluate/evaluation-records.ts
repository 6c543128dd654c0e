import { readFile } from 'node:fs/promises';
import type { Queryable } from '../../database/transaction.ts';
import type { ContenderResult, EvaluationResult, Measure } from '../../evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES, type HeadlineMeasure } from '../../evaluation/headline-measures.ts';
import type {
  EvaluationMeasures,
  EvaluationSource,
  StoredMeasure,
  StoredMeasures,
} from '../../model-registry/model-measures.ts';
import { evaluationPaths } from './evaluation-paths.ts';

/** The evaluations of the jobs of a service whose results are in its home. */
export class EvaluationRecords implements EvaluationSource {
  readonly #database: Queryable;
  readonly #home: string;

  constructor(database: Queryable, home: string) {
    this.#database = database;
    this.#home = home;
  }

  /** Of several jobs with one output the last: the results of the others were removed before it could begin. */
  async list(known: ReadonlySet<string>): Promise<EvaluationMeasures[]> {
    const { rows } = await this.#database.query<{ id: string; output: string }>(
      `SELECT DISTINCT ON (spec->>'output') id, spec->>'output' AS output FROM panelvec.jobs
        WHERE type = 'evaluate' AND state = 'succeeded' ORDER BY spec->>'output', finished_at DESC`,
    );
    const evaluations: EvaluationMeasures[] = [];
    for (const { id, output } of rows) {
      const result = known.has(id) ? undefined : await readResult(evaluationPaths(this.#home, output).result);
      if (result !== undefined) evaluations.push(toMeasures(id, result));
    }
    return evaluations;
  }
}

/** Undefined where another machine has the file, or nobody. */
async function readResult(file: string): Promise<EvaluationResult | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** What an evaluation measured of the models that took part in it as they are. */
export function toMeasures(evaluation: string, { fingerprint, contenders }: EvaluationResult): EvaluationMeasures {
  const models = contenders.flatMap((contender) =>
    contender.kind === 'model' && contender.space !== null
      ? [{ id: contender.name, space: contender.space, measures: headlineMeasures(contender) }]
      : [],
  );
  return { evaluation, fingerprint: fingerprint ?? null, models };
}

function headlineMeasures(contender: ContenderResult): StoredMeasures {
  return Object.fromEntries(
    HEADLINE_MEASURES.map((headline) => [headline.name, toStored(headline, headline.read(contender))]),
  );
}

function toStored({ better }: HeadlineMeasure, measure: Measure): StoredMeasure {
  if ('left_out' in measure) return { left_out: measure.left_out };
  const { value, low, high } = measure;
  return { value, low, high, better };
}
