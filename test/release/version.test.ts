import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findVersions, isVersion, replaceVersions, VERSIONED_FILES } from '../../scripts/versioned-files.ts';
import { VERSION } from '../../src/version.ts';

const REPOSITORY = path.join(import.meta.dirname, '../..');
const readText = (file: string) => readFile(path.join(REPOSITORY, file), 'utf8');

describe('the version', () => {
  for (const versioned of VERSIONED_FILES) {
    it(`is the same in ${versioned.file}, and can be replaced there`, async () => {
      const content = await readText(versioned.file);
      const versions = versioned.prefixes.map(() => VERSION);
      assert.deepEqual(findVersions(content, versioned), versions);
      const replaced = replaceVersions(content, versioned, '98.7.6');
      assert.deepEqual(
        findVersions(replaced, versioned),
        versions.map(() => '98.7.6'),
      );
      assert.equal(replaced.length - content.length, versions.length * ('98.7.6'.length - VERSION.length));
    });
  }

  it('is that of the newest released section of the changelog, below one for what is to come', async () => {
    const headings = (await readText('CHANGELOG.md')).match(/^## .*/gm);
    assert.equal(headings?.[0], '## Unreleased');
    assert.equal(headings?.[1]?.split(' ')[1], VERSION);
    assert.match(headings?.[1] ?? '', /^## \S+ \(\d{4}-\d\d-\d\d\)$/);
  });

  it('has three numbers, and may be one before a release', () => {
    assert.deepEqual(['0.2.0', '1.0.0-rc.1', '0.2', 'v1.0.0', '1.0.0-x', ''].map(isVersion), [
      ...[true, true],
      ...[false, false, false, false],
    ]);
  });
});
