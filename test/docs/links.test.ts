import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { countLinks, findBrokenLinks } from '../support/markdown-links.ts';

const PROJECT = path.join(import.meta.dirname, '../..');
const PAGES = ['*.md', 'docs/**/*.md', '{bench,clients,models,scripts}/*/README.md'];

describe('links of the docs', () => {
  it('lead to files and headings that there are', () => {
    const pages = globSync(PAGES, { cwd: PROJECT });
    assert.ok(pages.length > 60);
    for (const page of pages) assert.deepEqual(findBrokenLinks(path.join(PROJECT, page)), [], page);
    assert.ok(countLinks(path.join(PROJECT, 'README.md')) > 30);
  });

  it('are found where they lead nowhere', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-links-'));
    const file = path.join(folder, 'page.md');
    await writeFile(path.join(folder, 'other.md'), '# Some `code` & *more*\n\n## Twice\n\n## Twice\n');
    const good = ['other.md', 'other.md#some-code--more', 'other.md#twice-1', '#here', 'https://example.org/a?b#c'];
    const broken = ['gone.md', 'other.md#some-code', 'other.md#twice-2', '#there', 'https://', 'ftp://example.org'];
    await writeFile(file, `# Here\n\n${[...good, ...broken].map((href) => `[x](${href})`).join('\n')}\n`);
    assert.deepEqual(findBrokenLinks(file), broken);
    await rm(folder, { recursive: true });
  });
});
