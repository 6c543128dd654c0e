import type { Queryable } from '../database/transaction.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import { modelSpecSchema } from '../model/model-spec.ts';
import type { JsonObject } from '../util/json.ts';
import type { ModelOrigin } from './model-origin.ts';
import type { ModelVersion } from './registered-model.ts';

/** A model version as the database has it. */
export interface ModelRecord extends Omit<ModelVersion, 'spec'> {
  /** Undefined where another version of panelvec has written it and this one cannot read it */
  readonly spec: ModelSpec | undefined;
  readonly golden: JsonObject | null;
  readonly problem: string | null;
  /** The state of the files that the problem was found in */
  readonly problemState: string | null;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
}

interface ModelRow {
  id: string;
  space: string;
  folder: string;
  spec: unknown;
  spec_sha256: string;
  weights_sha256: string;
  origin: ModelOrigin | null;
  golden: JsonObject | null;
  problem: string | null;
  problem_state: string | null;
  created_at: Date;
  retired_at: Date | null;
}

export async function listModelRecords(database: Queryable): Promise<ModelRecord[]> {
  const { rows } = await database.query<ModelRow>('SELECT * FROM panelvec.models ORDER BY created_at, id');
  return rows.map(toRecord);
}

/** Enters a model version. Does nothing where another service has entered one of its id meanwhile. */
export async function insertModel(database: Queryable, version: ModelVersion): Promise<void> {
  await database.query(
    `INSERT INTO panelvec.models (id, space, folder, spec, spec_sha256, weights_sha256, origin)
      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
    toValues(version),
  );
}

/** Enters a model in place of the one that had its id. What was measured of that one is of another model. */
export async function replaceModel(database: Queryable, version: ModelVersion): Promise<void> {
  await database.query(
    `UPDATE panelvec.models SET space = $2, folder = $3, spec = $4, weights_sha256 = $6, origin = $7, problem = NULL,
      problem_state = NULL, retired_at = NULL,
      created_at = CASE WHEN retired_at IS NULL THEN created_at ELSE now() END,
      golden = CASE WHEN weights_sha256 = $6 AND space = $2 THEN golden END, spec_sha256 = $5
      WHERE id = $1`,
    toValues(version),
  );
}

/** Keeps golden inputs with their vectors, unless another service was first. Returns those that are kept. */
export async function insertGolden(database: Queryable, id: string, golden: JsonObject): Promise<JsonObject> {
  const { rows } = await database.query<{ golden: JsonObject }>(
    'UPDATE panelvec.models SET golden = coalesce(golden, $2) WHERE id = $1 RETURNING golden',
    [id, JSON.stringify(golden)],
  );
  return rows[0]?.golden ?? golden;
}

export async function updateProblem(database: Queryable, id: string, problem: string, state: string): Promise<void> {
  await database.query('UPDATE panelvec.models SET problem = $2, problem_state = $3 WHERE id = $1', [
    id,
    problem,
    state,
  ]);
}

/** Notes that a model was removed, or, if its folder could not be, that it is there again. */
export async function setRetired(database: Queryable, id: string, isRetired: boolean): Promise<void> {
  await database.query(
    'UPDATE panelvec.models SET retired_at = CASE WHEN $2 THEN coalesce(retired_at, now()) END WHERE id = $1',
    [id, isRetired],
  );
}

/** Whether a model was removed. */
export async function isRetired(database: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await database.query('SELECT 1 FROM panelvec.models WHERE id = $1 AND retired_at IS NOT NULL', [
    id,
  ]);
  return rowCount !== 0;
}

function toValues({ id, space, folder, spec, specSha256, weightsSha256, origin }: ModelVersion): unknown[] {
  return [id, space, folder, JSON.stringify(spec), specSha256, weightsSha256, origin && JSON.stringify(origin)];
}

function toRecord(row: ModelRow): ModelRecord {
  return {
    id: row.id,
    space: row.space,
    folder: row.folder,
    spec: modelSpecSchema.safeParse(row.spec).data,
    specSha256: row.spec_sha256,
    weightsSha256: row.weights_sha256,
    origin: row.origin,
    golden: row.golden,
    problem: row.problem,
    problemState: row.problem_state,
    createdAt: row.created_at,
    retiredAt: row.retired_at,
  };
}
