import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { datasetFromPath } from '../../src/cli/dataset-from-path.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'panelvec-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fill(...names: string[]): void {
  for (const name of names) {
    if (name.endsWith('/')) mkdirSync(path.join(folder, name));
    else writeFileSync(path.join(folder, name), '');
  }
}
const at = (name: string) => path.join(folder, name);
const dataset = (panels?: string) =>
  datasetFromPath(folder, { allPages: false, ...(panels !== undefined && { panels }) });

describe('the dataset of a folder', () => {
  it('has the panel files that lie in it', () => {
    fill('manifest.csv', 'pss_labels.json', 'ocr/', 'coco.json');
    const files = { manifest: at('manifest.csv'), pss_labels: at('pss_labels.json') };
    assert.deepEqual(dataset(), { ...files, panels: { format: 'ocr', root: at('ocr') } });
    assert.deepEqual(dataset('coco'), { ...files, panels: { format: 'coco', root: at('coco.json') } });
    // The error of the job then names what is missing.
    assert.deepEqual(dataset('magi'), { ...files, panels: { format: 'magi', root: at('magi') } });
  });

  it('needs no page types if all pages are taken', () => {
    fill('manifest.csv', 'ocr/');
    const files = { manifest: at('manifest.csv'), panels: { format: 'ocr', root: at('ocr') } };
    assert.deepEqual(dataset(), { ...files, pss_labels: at('pss_labels.json') });
    assert.deepEqual(datasetFromPath(folder, { allPages: true }), { ...files, only_narrative: false });
  });

  it('has volumes of mokuro beside the books', () => {
    fill('A.cbz', 'A.mokuro');
    assert.deepEqual(dataset(), { pages: folder, panels: { format: 'mokuro', root: folder } });
  });

  it('needs no panel files without a manifest', () => {
    fill('A.cbz', 'coco/', 'ocr.json');
    assert.deepEqual(dataset(), { pages: folder });
    assert.deepEqual(datasetFromPath(at('A.cbz'), { allPages: false }), { pages: at('A.cbz') });
  });

  it('is named as usual where there is none', () => {
    const nowhere = datasetFromPath(at('nowhere'), { allPages: true, limit: 3 });
    assert.deepEqual(nowhere, {
      manifest: at('nowhere/manifest.csv'),
      panels: { format: 'vlm', root: at('nowhere/vlm') },
      limit: 3,
      only_narrative: false,
    });
  });
});
