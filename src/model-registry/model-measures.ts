import { z } from 'zod';
import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/transaction.ts';

const valueSchema = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  better: z.enum(['higher', 'lower']),
});
const measureSchema = z.union([valueSchema, z.object({ left_out: z.string() })]);
const measuresSchema = z.record(z.string(), measureSchema);

/** A number with its interval, or the reason why there is none. */
export type StoredMeasure = z.infer<typeof measureSchema>;
/** Measures by name */
export type StoredMeasures = z.infer<typeof measuresSchema>;

/** What an evaluation measured of the models that took part in it as they are. */
export interface EvaluationMeasures {
  /** Id of its job */
  readonly evaluation: string;
  /** Equal for evaluations whose measures compare; null where an earlier version of panelvec made it */
  readonly fingerprint: string | null;
  readonly models: readonly { readonly id: string; readonly space: string; readonly measures: StoredMeasures }[];
}

/** Where the registry finds evaluations. */
export interface EvaluationSource {
  /** The evaluations that have succeeded and whose files are here, except those that are known. */
  list(known: ReadonlySet<string>): Promise<readonly EvaluationMeasures[]>;
}

/** What an evaluation measured of one model. */
export interface ModelMeasures {
  readonly evaluation: string;
  readonly fingerprint: string | null;
  readonly measures: StoredMeasures;
}

interface MeasuresRow {
  model_id: string;
  evaluation: string;
  fingerprint: string | null;
  measures: unknown;
}

const SELECT_MEASURES = `SELECT model_id, evaluation, fingerprint, measures
  FROM panelvec.model_measures AS measured
  JOIN panelvec.measured_evaluations AS evaluations ON evaluations.id = evaluation
  JOIN panelvec.models AS models ON models.id = model_id AND models.space = measured.space`;

/** The evaluations that have been entered. */
export async function listEvaluations(database: Queryable): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>('SELECT id FROM panelvec.measured_evaluations');
  return new Set(rows.map(({ id }) => id));
}

/** Enters what an evaluation measured of models that are registered with the space that it measured. */
export async function insertMeasures(
  database: Database,
  { evaluation, fingerprint, models }: EvaluationMeasures,
): Promise<void> {
  await database.transaction(async (queries) => {
    const { rowCount } = await queries.query(
      'INSERT INTO panelvec.measured_evaluations (id, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [evaluation, fingerprint],
    );
    if (rowCount === 0) return;
    for (const { id, space, measures } of models) {
      await queries.query(
        `INSERT INTO panelvec.model_measures (model_id, evaluation, space, measures)
          SELECT id, $2, space, $4 FROM panelvec.models WHERE id = $1 AND space = $3 ON CONFLICT DO NOTHING`,
        [id, evaluation, space, JSON.stringify(measures)],
      );
    }
  });
}

/** All measures of models as they are now, the newest evaluation first, by the id of the model. */
export async function listMeasures(database: Queryable): Promise<Map<string, ModelMeasures[]>> {
  const { rows } = await database.query<MeasuresRow>(
    `${SELECT_MEASURES} ORDER BY evaluations.created_at DESC, evaluations.id`,
  );
  const measures = new Map<string, ModelMeasures[]>();
  for (const row of rows) {
    const parsed = measuresSchema.safeParse(row.measures);
    if (!parsed.success) continue;
    const { evaluation, fingerprint } = row;
    const ofModel = measures.get(row.model_id) ?? [];
    measures.set(row.model_id, [...ofModel, { evaluation, fingerprint, measures: parsed.data }]);
  }
  return measures;
}
