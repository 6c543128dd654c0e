import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { SKIP_REASONS } from '../../src/datasets/index-report.ts';
import { PAGE_FILE_NOTES } from '../../src/datasets/page-list/page-files-report.ts';
import { PANEL_SKIP_REASONS } from '../../src/datasets/panel-files/file-panels.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../docs/datasets.md'), 'utf8');

describe('the documentation of datasets', () => {
  it('explains every reason and every note about files', () => {
    const names = [...SKIP_REASONS, ...PANEL_SKIP_REASONS, ...PAGE_FILE_NOTES];
    assert.deepEqual(
      names.filter((name) => !page.includes(`\`${name}\``)),
      [],
    );
  });
});
