import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { makePanel, type PagePicture } from '../../../../src/web/views/try/drawn-page.ts';
import { toCurl, toForm } from '../../../../src/web/views/try/page-request.ts';

const picture: PagePicture = { file: new File(['x'], `it's a page.png`), url: '', width: 100, height: 100 };
const panels = [makePanel([1, 2, 30, 40], `"it's" $HOME`), makePanel([5, 6, 7, 8], ' ')];

it('the request has boxes in pixels, and texts where there are any', () => {
  const form = toForm({ picture, panels, panelFile: undefined, model: undefined });
  assert.deepEqual(JSON.parse(String(form.get('request'))), {
    panels: [{ bbox: [1, 2, 30, 40], text: `"it's" $HOME` }, { bbox: [5, 6, 7, 8] }],
  });
  const panelFile = { name: 'p.json', json: { panels: [{ box_2d: [0, 0, 500, 500] }] } };
  const fromFile = toForm({ picture, panels, panelFile, model: undefined });
  assert.deepEqual(JSON.parse(String(fromFile.get('request'))), panelFile.json);
});

it('a shell reads the command as it is meant, whatever is in texts and names', () => {
  const command = toCurl({ picture, panels, panelFile: undefined, model: 'm@1' }, 'http://host');
  const args = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' }).split(
    '\0',
  );
  assert.match(args[0] ?? '', /^http:\/\/host\/v1\/embeddings\/page\?model=m%401&outputs=fused/);
  const request = (args[2] ?? '').replace(/^request=/, '');
  assert.equal(JSON.parse(request).panels[0].text, `"it's" $HOME`);
  assert.equal(args[4], `image=@it's a page.png`);
});

it('a shell takes the key of the command from its environment', () => {
  const page = { picture, panels, panelFile: undefined, model: undefined };
  const command = toCurl(page, 'http://host', { hasKey: true });
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const env = { ...process.env, PANELVEC_API_KEY: 'pv_id_secret' };
  const args = execFileSync('sh', ['-c', script], { encoding: 'utf8', env }).split('\0');
  assert.deepEqual(args.slice(1, 3), ['-H', 'authorization: Bearer pv_id_secret']);
});
