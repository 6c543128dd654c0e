import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Resources } from '../../../src/jobs/job-kind.ts';
import { readPanelFiles } from '../../../src/jobs/pages/read-panel-files.ts';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/panel-files');
const folder = mkdtempSync(path.join(tmpdir(), 'panelvec-panels-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const resources = { dataRoots: ['/'], imageLimits: { maxImageBytes: 1e6 } } as unknown as Resources;

function read(panelsPath: string) {
  return readPanelFiles({ canonicalId: 'a', pageType: 'story', imagePath: 'a.png', panelsPath }, resources);
}

function write(bytes: string | Uint8Array): string {
  const file = path.join(folder, 'page.json');
  writeFileSync(file, bytes);
  return file;
}

describe('the bytes of a panel file', () => {
  it('may begin with a byte order mark', async () => {
    const expected = { panels: [{ bbox: [10, 10, 200, 200], text: 'Hello' }] };
    assert.deepEqual((await read(path.join(FIXTURES, 'bom.json'))).panels, expected);
    assert.deepEqual((await read(write(Buffer.from(`\ufeff${JSON.stringify(expected)}`, 'utf16le')))).panels, expected);
  });

  it('are refused if they are not UTF-8, with the line', async () => {
    await assert.rejects(read(path.join(FIXTURES, 'latin1.json')), {
      code: 'invalid_request',
      reason: 'panels_unreadable',
      message: /latin1\.json: line 1, byte 22: the bytes 0xe9/,
    });
  });

  it('are refused if they are not JSON, with the line', async () => {
    await assert.rejects(read(write('{"panels": [\n{"bbox": [NaN, 0, 1, 1]}]}')), {
      reason: 'panels_unreadable',
      message: /page\.json: line 2: NaN is not JSON/,
    });
  });

  it('are refused if something else stands in their place, with the remedy', async () => {
    const foreign: [content: string | Uint8Array, message: RegExp][] = [
      [
        'version https://git-lfs.github.com/spec/v1\noid sha256:00',
        /page\.json: the file is a Git LFS pointer, .*git lfs pull/,
      ],
      [gzipSync('{"panels": []}'), /page\.json: the file is compressed with gzip: unpack it first/],
      ['', /page\.json: the file is empty/],
    ];
    for (const [content, message] of foreign)
      await assert.rejects(read(write(content)), { reason: 'panels_unreadable', message });
  });

  it('may have a key twice, which is noted', async () => {
    const { panels, notes } = await read(write('{"panels": [1], "panels": []}'));
    assert.deepEqual([panels, notes], [{ panels: [] }, [{ note: 'repeated_key', detail: '"panels"' }]]);
  });
});
