import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { listMetrics } from '../../scripts/reference-pages/metrics-page.ts';
import { REFERENCE_FOLDER, renderReferencePages } from '../../scripts/reference-pages/reference-pages.ts';
import { SETTING_NOTES } from '../../scripts/reference-pages/setting-notes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { SETTINGS } from '../../src/config.ts';

const PAGES = renderReferencePages();

describe('docs/reference', () => {
  for (const [name, text] of PAGES) {
    it(`has ${name} as the code is: if not, run \`npm run reference\``, async () => {
      assert.equal(await readFile(path.join(REFERENCE_FOLDER, name), 'utf8'), text);
    });
  }

  it('has no page but these', async () => {
    assert.deepEqual((await readdir(REFERENCE_FOLDER)).sort(), [...PAGES.keys()].sort());
  });

  it('has every setting once, and notes on settings that exist', () => {
    const page = PAGES.get('settings.md') ?? '';
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
    const variables: string[] = Object.values(SETTINGS).map(({ env }) => env);
    assert.deepEqual(rows.toSorted(), variables.toSorted());
    assert.deepEqual(
      Object.keys(SETTING_NOTES).filter((name) => !variables.includes(name)),
      [],
    );
  });

  it('has every command', () => {
    const page = PAGES.get('commands.md') ?? '';
    for (const command of createProgram().commands)
      assert.match(page, new RegExp(`^## panelvec ${command.name()}\\b`, 'm'));
  });
});

it('the docs name only metrics that there are', async () => {
  const known = new Set(listMetrics().map(({ name }) => name));
  const folder = path.join(REFERENCE_FOLDER, '..');
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.md'))) {
    const text = await readFile(path.join(folder, file), 'utf8');
    // Not beginnings such as `panelvec_job_*`
    const names = text.match(/\bpanelvec_[a-z_]+[a-z](?![a-z_*])/g) ?? [];
    const unknown = names.filter((name) => !known.has(name.replace(/_(bucket|sum|count)$/, '')));
    assert.deepEqual(unknown, [], file);
  }
});
