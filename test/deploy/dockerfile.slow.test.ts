import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DEPLOY_TOOLS_MISSING, runDeployTool } from '../support/deploy-tools.ts';

const PROJECT = path.join(import.meta.dirname, '../..');
const DOCKERFILE = path.join(PROJECT, 'Dockerfile');

describe('the Dockerfile', () => {
  it('passes hadolint', { skip: DEPLOY_TOOLS_MISSING }, async () => {
    const { isOk, output } = await runDeployTool('hadolint', [DOCKERFILE]);
    assert.ok(isOk, output);
  });

  it('copies only what .dockerignore lets through', async () => {
    const dockerfile = await readFile(DOCKERFILE, 'utf8');
    const ignored = await readFile(path.join(PROJECT, '.dockerignore'), 'utf8');
    const allowed = new Set([...ignored.matchAll(/^!(.+)$/gm)].map(([, name = '']) => name));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    assert.ok(copied.length > 0);
    for (const name of copied) assert.ok(allowed.has(name), `${name} is copied, and .dockerignore hides it`);
  });

  it('ends each image as a user by number, without a shell in between', async () => {
    const dockerfile = await readFile(DOCKERFILE, 'utf8');
    const images = dockerfile
      .split(/^FROM /m)
      .filter((stage) => stage.includes('CMD ["node", "src/main.ts", "serve"]'));
    assert.equal(images.length, 2);
    for (const image of images) {
      assert.match(image, /^USER 1000:1000$/m);
      assert.match(image, /CMD \["node", "src\/main\.ts", "health"\]/);
    }
  });
});
