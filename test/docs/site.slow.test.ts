import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { SIDEBAR } from '../../docs/.vitepress/sidebar.ts';

const PROJECT = path.join(import.meta.dirname, '../..');
const VITEPRESS = path.join(PROJECT, 'node_modules/vitepress/bin/vitepress.js');

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-docs-'));
  // Fails where a link leads to no page.
  await promisify(execFile)(process.execPath, [VITEPRESS, 'build', 'docs', '--outDir', folder], { cwd: PROJECT });
});
after(() => rm(folder, { recursive: true, force: true }));

const listFiles = (pattern: string) => globSync(pattern, { cwd: folder });

describe('the site of the docs', () => {
  it('has a page for each entry of its menu, and for each page of docs', async () => {
    const entries = SIDEBAR.flatMap(({ items = [] }) => items.map(({ link = '' }) => link.replace(/^\//, '')));
    for (const entry of entries) {
      const page = entry === '' || entry.endsWith('/') ? `${entry}index.html` : `${entry}.html`;
      assert.ok((await stat(path.join(folder, page))).isFile(), page);
    }
    const sources = globSync('docs/{*,how-to/*,reference/*}.md', { cwd: PROJECT });
    assert.deepEqual(
      sources.filter((source) => !entries.includes(source.replace(/\.md$/, ''))),
      [],
    );
  });

  it('has the files that pages link to, and finds words of pages', async () => {
    for (const name of ['openapi.yaml', 'LICENSE', 'deploy/prometheus/alerts.yml', 'models/compact/training.json']) {
      assert.deepEqual(await readFile(path.join(folder, name)), await readFile(path.join(PROJECT, name)), name);
    }
    const [index = ''] = listFiles('assets/chunks/*localSearchIndex*.js');
    assert.ok((await readFile(path.join(folder, index), 'utf8')).includes('kumiko'));
  });

  it('loads nothing from elsewhere', async () => {
    const pages = listFiles('**/*.html');
    assert.ok(pages.length > 60);
    for (const page of pages) {
      const html = await readFile(path.join(folder, page), 'utf8');
      assert.doesNotMatch(
        html,
        /<(?:script|img|iframe|source)[^>]* src="(?:https?:)?\/\/|<link[^>]* href="(?:https?:)?\/\//,
        page,
      );
    }
    for (const style of listFiles('assets/*.css')) {
      assert.doesNotMatch(
        await readFile(path.join(folder, style), 'utf8'),
        /(?:url\(|@import )["']?(?:https?:)?\/\//,
        style,
      );
    }
  });
});
