import type { Database } from '../database/database.ts';

/** The panels that a key has embedded in a day. */
export interface DayUsage {
  readonly keyId: string;
  /** Of UTC: 2027-01-31 */
  readonly day: string;
  readonly panels: number;
}

interface UsageRow {
  readonly key_id: string;
  readonly day: string;
  readonly panels: string;
}

/** Adds panels to those of the same keys and days. */
export async function addUsage(database: Database, usages: readonly DayUsage[]): Promise<void> {
  await database.query(
    `INSERT INTO panelvec.key_days AS counted (key_id, day, panels)
     SELECT * FROM unnest($1::text[], $2::date[], $3::bigint[])
     ON CONFLICT (key_id, day) DO UPDATE SET panels = counted.panels + excluded.panels`,
    [usages.map(({ keyId }) => keyId), usages.map(({ day }) => day), usages.map(({ panels }) => panels)],
  );
}

/** What all services have written of a day. */
export async function readUsage(database: Database, day: string): Promise<DayUsage[]> {
  const { rows } = await database.query<UsageRow>(
    'SELECT key_id, day::text, panels FROM panelvec.key_days WHERE day = $1::date',
    [day],
  );
  return rows.map((row) => ({ keyId: row.key_id, day: row.day, panels: Number(row.panels) }));
}
