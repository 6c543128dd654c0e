import type { Database } from '../database/database.ts';
import type { Migrations } from '../database/migrations.ts';

/** What is recorded: everything that changes what the service has or does. */
export const AUDIT_ACTIONS = [
  'alias.remove',
  'collection.delete',
  'job.cancel',
  'job.submit',
  'key.create',
  'key.revoke',
  'model.activate',
  'model.canary_end',
  'model.remove',
  'model.rollback',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One line of the audit: who did what to what. */
export interface AuditLine {
  readonly id: string;
  readonly created_at: Date;
  /** The id of the API key of the caller; null for callers without one */
  readonly key_id: string | null;
  /** The name of the key, or `anonymous`, `command line` or `service` */
  readonly caller: string;
  readonly action: AuditAction;
  /** The id or name of what was changed */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly request_id: string | null;
}

export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly subject?: string | undefined;
  readonly limit: number;
  /** The id of the last line of the previous page */
  readonly after?: string | undefined;
}

export const AUDIT_MIGRATIONS: Migrations = {
  table: 'panelvec.audit_migrations',
  statements: [
    // Lines of one moment keep the order in which they were written.
    `
    CREATE TABLE panelvec.audit (
      id uuid PRIMARY KEY,
      created_at timestamptz NOT NULL,
      sequence bigserial,
      key_id text,
      caller text NOT NULL,
      action text NOT NULL,
      subject text NOT NULL,
      detail jsonb,
      request_id text
    );
    CREATE INDEX audit_by_time ON panelvec.audit (created_at DESC, sequence DESC);
    `,
  ],
};

/** Writes a line. The same line may be written again: a connection may break between the writing and its confirmation. */
export async function insertAuditLine(database: Database, line: AuditLine): Promise<void> {
  await database.query(
    `INSERT INTO panelvec.audit (id, created_at, key_id, caller, action, subject, detail, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
    [
      line.id,
      line.created_at,
      line.key_id,
      line.caller,
      line.action,
      line.subject,
      line.detail && JSON.stringify(line.detail),
      line.request_id,
    ],
  );
}

/** Lists lines, the newest first. `more` says whether there are older ones. */
export async function listAuditLines(
  database: Database,
  { action, subject, limit, after }: AuditFilter,
): Promise<{ lines: AuditLine[]; more: boolean }> {
  const { rows } = await database.query<AuditLine>(
    `SELECT id, created_at, key_id, caller, action, subject, detail, request_id FROM panelvec.audit
     WHERE ($1::text IS NULL OR action = $1) AND ($2::text IS NULL OR subject = $2)
       AND ($3::uuid IS NULL
         OR (created_at, sequence) < (SELECT created_at, sequence FROM panelvec.audit WHERE id = $3))
     ORDER BY created_at DESC, sequence DESC LIMIT $4`,
    [action ?? null, subject ?? null, after ?? null, limit + 1],
  );
  return { lines: rows.slice(0, limit), more: rows.length > limit };
}
