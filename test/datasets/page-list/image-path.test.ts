import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPathMap, resolveImagePath } from '../../../src/datasets/page-list/image-path.ts';
import { SmallDataset } from '../small-dataset.ts';

const MAP = {
  'E:\\': '/mnt/e/',
  'E:\\scans': '/mnt/scans',
  '\\\\server\\share\\': '/mnt/share',
  's3://bucket': '/mnt/bucket',
  'https://host/files/': '/mnt/web',
  '/old': 'new',
};
const resolve = (written: string, map: Readonly<Record<string, string>> = {}, isWindows = false) =>
  resolveImagePath(written, '/data', createPathMap(map), isWindows);

describe('the path of an image', () => {
  const read: [written: string, path: string, map?: Readonly<Record<string, string>>][] = [
    ['pages/a.jpg', '/data/pages/a.jpg'],
    ['/pages/../b/a.jpg', '/b/a.jpg'],
    ['pages\\A b\\a.jpg', '/data/pages/A b/a.jpg'],
    ['pages/A\\a.jpg', '/data/pages/A/a.jpg'],
    ['/pages/what\\ever.jpg', '/pages/what\\ever.jpg'],
    ['p:1.jpg', '/data/p:1.jpg'],
    ['~/a.jpg', '/data/~/a.jpg'],
    ['$HOME/%USER%.jpg', '/data/$HOME/%USER%.jpg'],
    ['file:///pages/Ren%C3%A9%20%231.jpg', '/pages/René #1.jpg'],
    ['FILE://localhost/pages/a.jpg', '/pages/a.jpg'],
    ['E:\\pages\\A\\a.jpg', '/mnt/e/pages/A/a.jpg', MAP],
    ['e:/pages/a.jpg', '/mnt/e/pages/a.jpg', MAP],
    ['E:\\scans\\a.jpg', '/mnt/scans/a.jpg', MAP],
    ['E:\\SCANS\\a.jpg', '/mnt/scans/a.jpg', MAP],
    ['E:\\scans2\\a.jpg', '/mnt/e/scans2/a.jpg', MAP],
    ['file:///E:/pages/a%20b.jpg', '/mnt/e/pages/a b.jpg', MAP],
    ['\\\\SERVER\\share\\x\\a.jpg', '/mnt/share/x/a.jpg', MAP],
    ['s3://bucket/x/a%20b.jpg', '/mnt/bucket/x/a%20b.jpg', MAP],
    ['https://host/files/a%20b.jpg', '/mnt/web/a b.jpg', MAP],
    ['/old/a\\b.jpg', '/data/new/a\\b.jpg', MAP],
    ['file:///old/a%20b.jpg', '/data/new/a b.jpg', MAP],
    ['/older/a.jpg', '/older/a.jpg', MAP],
  ];
  for (const [written, path, map] of read) {
    it(`is read: ${written}`, () => assert.deepEqual(resolve(written, map), { path }));
  }

  const refused: [written: string, problem: RegExp][] = [
    ['s3://bucket/a.jpg', /s3:\/\/ is not read/],
    ['HTTPS://host/a.jpg', /HTTPS:\/\/ is not read/],
    ['gs://b/a.jpg', /gs:\/\//],
    ['hdfs://n/a.jpg', /hdfs:\/\//],
    ['data:image/png;base64,AA==', /data: is not read/],
    ['E:\\pages\\a.jpg', /a path of Windows/],
    ['e:/pages/a.jpg', /a path of Windows/],
    ['E:pages\\a.jpg', /a path of Windows/],
    ['\\\\server\\share\\a.jpg', /a path of Windows/],
    ['\\\\?\\C:\\a.jpg', /a path of Windows/],
    ['file://server/share/a.jpg', /a file URL that is not of this machine/],
    ['file:///a%2Fb.jpg', /a file URL that is not of this machine/],
    ['file:a.jpg', /a file URL without an absolute path/],
    ['file:///E:/a.jpg', /a path of Windows/],
  ];
  for (const [written, problem] of refused) {
    it(`is refused: ${written}`, () => {
      const result = resolve(written);
      assert.match('problem' in result ? result.problem : result.path, problem);
      assert.match('problem' in result ? result.problem : '', /dataset\.path_map$/);
    });
  }

  it('is not taken for a page, and says so for its row', async () => {
    const manifest = 'canonical_id,absolute_image_path\nA/1,E:\\pages\\1.jpg\nA/2,s3://bucket/2.jpg\nA/3,a\\3.jpg\n';
    const ids = ['A/1', 'A/2', 'A/3'];
    using files = new SmallDataset({
      manifest,
      labels: Object.fromEntries(ids.map((id) => [id, 'story'])),
      panels: ids,
    });
    assert.deepEqual((await files.index()).reasons, ['A/1: unsupported_path', 'A/2: unsupported_path']);
    const mapped = await files.index({ path_map: { 'E:\\': 'drive', 's3://bucket/': `${files.folder}/bucket` } });
    assert.deepEqual(
      mapped.pages.map(({ imagePath }) => imagePath.slice(files.folder.length)),
      ['/drive/pages/1.jpg', '/bucket/2.jpg', '/a/3.jpg'],
    );
    const outside = await files.index({ path_map: { 'E:\\': '/etc' } }, { dataRoots: [files.folder] });
    assert.deepEqual(outside.reasons, ['A/1: outside_data_roots', 'A/2: unsupported_path']);
  });
});
