import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startService } from '../support/in-process-service.ts';
import { useTinyService } from '../support/tiny-service.ts';
import { runNpmClient, runPythonClient, skipNpm, skipPython } from './clients.ts';
import { assertSameVector, embedTexts } from './vectors.ts';

const ALIAS = 'text-embedding-3-small';

const service = useTinyService(
  { PANELVEC_MODEL_ALIASES: `${ALIAS}=tiny` },
  { skipped: skipNpm !== false && skipPython !== false },
);

interface EmbeddingList {
  readonly model: string;
  readonly data: readonly { readonly index: number; readonly embedding: number[] }[];
  readonly usage: object;
}
interface ApiError {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly param: string | null;
  readonly message: string;
}
interface OpenAIResult {
  readonly one: EmbeddingList;
  readonly floats: EmbeddingList;
  readonly short: EmbeddingList;
  readonly counts: readonly number[];
  readonly indexes: boolean;
  readonly second: readonly number[][];
  readonly models: readonly Record<string, unknown>[];
  readonly retrieved: Record<string, unknown>;
  readonly errors: Readonly<Record<string, ApiError>>;
}

function checkResult(
  { one, floats, short, counts, indexes, second, models, retrieved, errors }: OpenAIResult,
  expected: number[] | undefined,
  expectedShort: number[] | undefined,
): void {
  for (const list of [one, floats]) assertSameVector(list.data[0]?.embedding, expected);
  for (const vector of second) assertSameVector(vector, expected);
  assertSameVector(short.data[0]?.embedding, expectedShort);
  assert.deepEqual([counts, indexes, one.model, one.usage], [[512, 2048], true, 'tiny@1', floats.usage]);

  assert.deepEqual(models.map(({ id }) => id).slice(0, 1), ['tiny@1']);
  const [model] = models;
  assert.deepEqual(
    [model?.['object'], typeof model?.['created'], typeof model?.['owned_by']],
    ['model', 'number', 'string'],
  );
  assert.deepEqual(retrieved, model);

  const summary = Object.entries(errors).map(([name, { status, code, type, param }]) => [
    name,
    status,
    code,
    type,
    param,
  ]);
  assert.deepEqual(summary, [
    ['tooMany', 413, 'too_many_items', 'invalid_request_error', 'input'],
    ['noTexts', 400, 'invalid_request', 'invalid_request_error', 'input'],
    ['tokens', 400, 'invalid_request', 'invalid_request_error', 'input[0]'],
    ['notFound', 404, 'model_not_found', 'invalid_request_error', 'model'],
    ['retrieve', 404, 'model_not_found', 'invalid_request_error', 'model'],
  ]);
  assert.deepEqual([errors['noTexts']?.name, errors['notFound']?.name], ['BadRequestError', 'NotFoundError']);
  assert.match(errors['tokens']?.message ?? '', /token/);
}

describe('the package openai', () => {
  for (const model of ['tiny', ALIAS]) {
    it(`of npm works with the model ${model}`, { skip: skipNpm }, async () => {
      const [expected] = await embedTexts(service.address, ['text 1']);
      const [short] = await embedTexts(service.address, ['text 1'], { dimensions: 4 });
      checkResult(await runNpmClient('openai.mjs', service.address, model), expected, short);
    });

    it(`of PyPI works with the model ${model}`, { skip: skipPython }, async () => {
      const [expected] = await embedTexts(service.address, ['text 1']);
      const [short] = await embedTexts(service.address, ['text 1'], { dimensions: 4 });
      checkResult(await runPythonClient('openai_client.py', [service.address, model]), expected, short);
    });
  }

  it('of npm waits and tries again where the queue is full', { skip: skipNpm }, async (t) => {
    const busy = await startService({
      PANELVEC_HOME: service.home,
      PANELVEC_MODELS: 'tiny',
      PANELVEC_MAX_QUEUE_TEXTS: '8',
    });
    t.after(() => busy.close());
    const { areRateLimits, refused, counts } = await runNpmClient<{
      areRateLimits: boolean;
      refused: { status: number; code: string; type: string; retryAfter: string }[];
      counts: number[];
    }>('openai-retries.mjs', busy.address, 'tiny');
    assert.ok(areRateLimits && refused.length > 0);
    const [{ retryAfter, ...error } = { retryAfter: '' }] = refused;
    assert.deepEqual(error, { status: 429, code: 'queue_full', type: 'rate_limit_error' });
    assert.ok(Number(retryAfter) >= 1, retryAfter);
    assert.deepEqual(counts, [8, 8, 8, 8]);
  });
});
