import { pino } from 'pino';
import { ACCESS_MIGRATIONS } from '../../access/access-migrations.ts';
import { type AuditEvent, COMMAND_LINE, toAuditLine } from '../../access/audit.ts';
import { AUDIT_MIGRATIONS, insertAuditLine } from '../../access/audit-records.ts';
import { createKey, type KeyRecord, listKeys, type NewKey, revokeKey } from '../../access/key-records.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../database/database.ts';
import { openDatabase } from '../../database/open-database.ts';

/** Makes a key. The key alone goes to standard output, so that it can be piped to where it is kept. */
export async function createKeyCommand(config: Config, newKey: NewKey): Promise<void> {
  await using opened = await openKeys(config);
  const { id, key } = await createKey(opened.database, newKey);
  process.stdout.write(`${key}\n`);
  const { name, scopes, expiresAt, limits } = newKey;
  const detail = { name, scopes, expires_at: expiresAt, limits };
  await writeAudit(opened.database, { action: 'key.create', subject: id, detail });
  const expiry = expiresAt === null ? 'does not expire' : `expires at ${expiresAt.toISOString()}`;
  process.stderr.write(
    `This is the key ${id} (${name}: ${scopes.join(', ')}). It ${expiry}, and is not shown again.\n`,
  );
}

export async function listKeysCommand(config: Config): Promise<void> {
  await using opened = await openKeys(config);
  for (const record of await listKeys(opened.database)) process.stdout.write(`${describeKey(record)}\n`);
}

export async function revokeKeyCommand(config: Config, id: string): Promise<void> {
  await using opened = await openKeys(config);
  const record = await revokeKey(opened.database, id);
  const detail = { name: record.name };
  await writeAudit(opened.database, { action: 'key.revoke', subject: id, detail });
  process.stdout.write(`${describeKey(record)}\n`);
}

function writeAudit(database: Database, event: Omit<AuditEvent, 'caller'>): Promise<void> {
  return insertAuditLine(database, toAuditLine({ ...event, caller: COMMAND_LINE }));
}

function openKeys(config: Config) {
  return openDatabase(config, [ACCESS_MIGRATIONS, AUDIT_MIGRATIONS], pino({ name: 'panelvec', level: 'silent' }));
}

/** Describes a key in one line, without anything secret. */
function describeKey({ id, name, scopes, createdAt, expiresAt, revokedAt, lastUsedAt, limits }: KeyRecord): string {
  const fields = [id, name, scopes.join(','), `created ${createdAt.toISOString()}`];
  if (revokedAt !== null) fields.push(`revoked ${revokedAt.toISOString()}`);
  else if (expiresAt !== null)
    fields.push(`${expiresAt <= new Date() ? 'expired' : 'expires'} ${expiresAt.toISOString()}`);
  const { requestsPerMinute, maxConcurrent, panelsPerDay } = limits;
  if (requestsPerMinute !== null) fields.push(`${requestsPerMinute} requests/minute`);
  if (maxConcurrent !== null) fields.push(`${maxConcurrent} at the same time`);
  if (panelsPerDay !== null) fields.push(`${panelsPerDay} panels/day`);
  fields.push(lastUsedAt === null ? 'never used' : `last used ${lastUsedAt.toISOString()}`);
  return fields.join('  ');
}
