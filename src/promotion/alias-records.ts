import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/transaction.ts';
import { PanelvecError } from '../errors.ts';
import { ModelError } from '../model/model-error.ts';
import { isRetired } from '../model-registry/model-records.ts';
import type { AliasChoice, AliasRecord, Canary, EndedCanary } from './alias-record.ts';

/** The channel that hears of each change of an alias. */
export const ALIAS_CHANNEL = 'panelvec_aliases';

interface AliasRow {
  alias: string;
  model: string;
  previous: string | null;
  canary: (Omit<Canary, 'startedAt'> & { startedAt: string }) | null;
  last_canary: (Omit<EndedCanary, 'endedAt'> & { endedAt: string }) | null;
  revision: string;
  changed_at: Date;
  active_seconds: number;
}

const COLUMNS = `alias, model, previous, canary, last_canary, revision, changed_at,
  extract(epoch FROM now() - activated_at)::float8 AS active_seconds`;

export async function listAliases(database: Queryable): Promise<AliasRecord[]> {
  const { rows } = await database.query<AliasRow>(`SELECT ${COLUMNS} FROM panelvec.model_aliases ORDER BY alias`);
  return rows.map(toRecord);
}

/** Lets changes of aliases wait for the end of the transaction. */
export async function lockAliases(queries: Queryable): Promise<void> {
  await queries.query('LOCK TABLE panelvec.model_aliases IN SHARE MODE');
}

export async function findAlias(database: Queryable, alias: string): Promise<AliasRecord | undefined> {
  const { rows } = await database.query<AliasRow>(`SELECT ${COLUMNS} FROM panelvec.model_aliases WHERE alias = $1`, [
    alias,
  ]);
  return rows[0] && toRecord(rows[0]);
}

/**
 * Changes an alias and tells all services.
 * @param revision of the record that the change is based on; undefined where there was none
 * @throws PanelvecError activation_conflict where somebody has changed it since; ModelError where a model was removed
 */
export function writeAlias(
  database: Database,
  { alias, model, previous, canary, lastCanary }: AliasChoice,
  revision: number | undefined,
): Promise<AliasRecord> {
  const values = [alias, model, previous, canary && JSON.stringify(canary), lastCanary && JSON.stringify(lastCanary)];
  return database.transaction(async (queries) => {
    const { rows } =
      revision === undefined
        ? await queries.query<AliasRow>(
            `INSERT INTO panelvec.model_aliases (alias, model, previous, canary, last_canary)
              VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
            values,
          )
        : await queries.query<AliasRow>(
            `UPDATE panelvec.model_aliases SET model = $2, previous = $3, canary = $4, last_canary = $5,
              activated_at = CASE WHEN model = $2 THEN activated_at ELSE now() END,
              revision = nextval('panelvec.alias_revision'), changed_at = now()
              WHERE alias = $1 AND revision = $6 RETURNING ${COLUMNS}`,
            [...values, revision],
          );
    const [row] = rows;
    if (row === undefined) throw conflictError(alias);
    for (const id of [model, canary?.model]) {
      if (id !== undefined && (await isRetired(queries, id))) throw new ModelError(`${id} was removed meanwhile`);
    }
    await notify(queries, alias);
    return toRecord(row);
  });
}

/** Removes an alias and tells all services. @throws PanelvecError activation_conflict where somebody has changed it since */
export function deleteAlias(database: Database, alias: string, revision: number): Promise<void> {
  return database.transaction(async (queries) => {
    const { rowCount } = await queries.query('DELETE FROM panelvec.model_aliases WHERE alias = $1 AND revision = $2', [
      alias,
      revision,
    ]);
    if (rowCount !== 1) throw conflictError(alias);
    await notify(queries, alias);
  });
}

async function notify(queries: Queryable, alias: string): Promise<void> {
  await queries.query('SELECT pg_notify($1, $2)', [ALIAS_CHANNEL, alias]);
}

function conflictError(alias: string): PanelvecError {
  const message = `the alias "${alias}" was changed meanwhile: look at what it means now, and try again`;
  return new PanelvecError('activation_conflict', message);
}

function toRecord(row: AliasRow): AliasRecord {
  return {
    alias: row.alias,
    model: row.model,
    previous: row.previous,
    canary: row.canary && { ...row.canary, startedAt: new Date(row.canary.startedAt) },
    lastCanary: row.last_canary && { ...row.last_canary, endedAt: new Date(row.last_canary.endedAt) },
    revision: Number(row.revision),
    changedAt: row.changed_at,
    activatedTime: performance.now() - row.active_seconds * 1000,
  };
}
