import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../../../src/http/server.ts';
import { homeModelsFolder } from '../../../../src/model/model-folders.ts';
import { importModel } from '../../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { drawPngPanel } from '../../../support/images.ts';
import { startService } from '../../../support/in-process-service.ts';
import { listReferenceCases, REFERENCE_FOLDER } from '../../../support/reference-cases.ts';
import { assertRefused, postJson } from '../../../support/strict-service.ts';

describe('a model that was imported without a tokenizer', () => {
  let home: string;
  let service: RunningService;
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
    const file = path.join(REFERENCE_FOLDER, listReferenceCases()[0]!, 'weights.safetensors');
    await importModel(homeModelsFolder(home), file, { name: 'wordless' });
    service = await startService({ PANELVEC_HOME: home, PANELVEC_MODELS: 'wordless' });
  });
  after(async () => {
    await service?.close();
    await rm(home, { recursive: true, force: true });
  });

  it('refuses texts, and says what it accepts', async () => {
    const response = await postJson(service.address, '/text', { input: ['hello'] });
    assertRefused(response, 422, 'text_unsupported', 'input[0]');
    assert.match(response.body.error.message, /takes token ids, over \/v2\/models\/\{model\}\/infer/);
  });

  it('embeds images', async () => {
    const response = await request(service.address)
      .post('/v1/embeddings/image')
      .set('content-type', 'image/png')
      .send(await drawPngPanel(1));
    assert.equal(response.status, 200, response.text);
    assert.deepEqual(response.body.data[0].modalities, ['vision']);
  });
});
