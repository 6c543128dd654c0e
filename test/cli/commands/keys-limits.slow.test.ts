import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACCESS_MIGRATIONS } from '../../../src/access/access-migrations.ts';
import { AUDIT_MIGRATIONS, listAuditLines } from '../../../src/access/audit-records.ts';
import { readConfig } from '../../../src/config.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLogger } from '../../support/in-process-service.ts';
import { panelvec, tiny } from '../tiny-command-line.ts';

describe('panelvec keys', () => {
  const create = (...options: string[]) => panelvec('keys', 'create', '--name', 'ci', '--scopes', 'embed', ...options);

  it('gives a key limits, lists them, and leaves lines in the audit without the key', async () => {
    const created = await create('--requests-per-minute', '60', '--concurrent', '4', '--panels-per-day', '10000');
    assert.equal(created.code, 0, created.stderr);
    const key = created.stdout.trim();
    const [, id = ''] = key.split('_');
    const listed = await panelvec('keys', 'list');
    assert.match(listed.stdout, / {2}60 requests\/minute {2}4 at the same time {2}10000 panels\/day {2}/);
    await panelvec('keys', 'revoke', id);

    const config = readConfig({ PANELVEC_HOME: tiny.home });
    await using opened = await openDatabase(config, [ACCESS_MIGRATIONS, AUDIT_MIGRATIONS], silentLogger);
    const { lines } = await listAuditLines(opened.database, { limit: 10 });
    assert.deepEqual(
      lines.map(({ caller, action, subject }) => [caller, action, subject]),
      [
        ['command line', 'key.revoke', id],
        ['command line', 'key.create', id],
      ],
    );
    assert.deepEqual(lines[1]?.detail, {
      name: 'ci',
      scopes: ['embed'],
      expires_at: null,
      limits: { requestsPerMinute: 60, maxConcurrent: 4, panelsPerDay: 10_000 },
    });
    assert.ok(!JSON.stringify(lines).includes(key));
  });

  it('refuses limits that are none', async () => {
    for (const limit of ['0', '-1', '1.5', 'many', '1e3', '3000000000']) {
      const { code, stderr } = await create('--concurrent', limit);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /expected an integer from 1 to/);
    }
  });
});
