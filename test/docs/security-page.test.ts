import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';

const PROJECT = path.join(import.meta.dirname, '../..');

it('the page about security names a test for each threat, and every one is there', async () => {
  const page = await readFile(path.join(PROJECT, 'docs/security.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (?!threat|---)(.+) \|$/gm)].map(([, row = '']) => row.split(' | '));
  assert.ok(rows.length > 20);
  for (const [threat, , test = ''] of rows) {
    const [, file = '', title = ''] = /^`(.+)`: (.+)$/.exec(test) ?? [];
    const source = await readFile(path.join(PROJECT, 'test', file), 'utf8').catch(() => '');
    assert.ok(source.includes(`(\`${title}\``) || source.includes(`('${title}'`), `${threat}: ${test}`);
  }
});
