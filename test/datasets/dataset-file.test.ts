import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readLabels } from '../../src/datasets/labels/read-labels.ts';
import { readManifest } from '../../src/datasets/page-list/manifest.ts';
import type { PageList } from '../../src/datasets/page-list/page-list.ts';

let folder: string;
let pages: PageList;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-dataset-'));
  const manifest = path.join(folder, 'whole.csv');
  await writeFile(manifest, 'canonical_id,absolute_image_path\na,a.jpg\n');
  pages = await readManifest(manifest);
});
after(() => rm(folder, { recursive: true }));

describe('a file of a dataset', () => {
  const cases: readonly [string, string | Buffer, RegExp][] = [
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n',
      /is a Git LFS pointer, .*git lfs pull/,
    ],
    ['a web page', '<!doctype html><title>Sign in</title>', /is a web page/],
    ['compressed', gzipSync('canonical_id,absolute_image_path\n'), /is compressed with gzip: unpack it first$/],
  ];
  for (const [what, content, message] of cases) {
    it(`is refused with the remedy if it is ${what}`, async () => {
      const manifest = path.join(folder, 'manifest.csv');
      const labels = path.join(folder, 'labels.json');
      await writeFile(manifest, content);
      await writeFile(labels, content);
      await assert.rejects(readManifest(manifest), { code: 'dataset_invalid', message });
      await assert.rejects(readLabels(labels, pages, true), { code: 'dataset_invalid', message });
    });
  }
});
