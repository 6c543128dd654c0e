import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { VERSION } from '../../src/version.ts';
import { TYPESCRIPT_CLIENT } from './clients.ts';

const OPENAPI_FILE = path.join(import.meta.dirname, '../../openapi.yaml');

describe('the client for TypeScript', () => {
  it('has types of openapi.yaml as it is: npm run generate in clients/typescript', async () => {
    const hash = createHash('sha256')
      .update(await readFile(OPENAPI_FILE))
      .digest('hex');
    const [firstLine = ''] = (await readFile(path.join(TYPESCRIPT_CLIENT, 'src/schema.ts'), 'utf8')).split('\n');
    assert.ok(firstLine.includes(hash), `src/schema.ts is stale: ${firstLine}`);
  });

  it('has the version of the service', async () => {
    const { version } = JSON.parse(await readFile(path.join(TYPESCRIPT_CLIENT, 'package.json'), 'utf8'));
    assert.equal(version, VERSION);
  });
});
