import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { collectApiNames } from '../../scripts/api-names.ts';
import { compareApis } from './compare-apis.ts';

const REPOSITORY = path.join(import.meta.dirname, '../..');
/** Written by `npm run set-version` */
const LAST_RELEASE = path.join(REPOSITORY, 'test/fixtures/last-release');

// A breaking change of a minor version before 1.0 stands in the changelog under "Before you update", and changes these files by hand.
describe('what was stable in the last release', () => {
  it('is stable in openapi.yaml', async () => {
    const [before, after] = await Promise.all(
      [LAST_RELEASE, REPOSITORY].map(async (folder) =>
        parse(await readFile(path.join(folder, 'openapi.yaml'), 'utf8')),
      ),
    );
    assert.ok(Object.keys(before.paths).length > 30);
    assert.deepEqual(compareApis(before, after), []);
  });

  it('has the same codes of errors, settings, metrics and commands', async () => {
    const before: Record<string, string[]> = JSON.parse(await readFile(path.join(LAST_RELEASE, 'names.json'), 'utf8'));
    const after = collectApiNames();
    assert.deepEqual(Object.keys(before), Object.keys(after));
    for (const [kind, names] of Object.entries(before)) {
      assert.ok(names.length > 30, kind);
      assert.deepEqual(
        names.filter((name) => !after[kind]?.includes(name)),
        [],
        `${kind} that are gone`,
      );
    }
  });
});
