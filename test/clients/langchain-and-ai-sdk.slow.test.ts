import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useTinyService } from '../support/tiny-service.ts';
import { runNpmClient, runPythonClient, skipNpm, skipPython } from './clients.ts';
import { assertSameVector, embedTexts } from './vectors.ts';

const service = useTinyService({}, { skipped: skipNpm !== false && skipPython !== false });
const embedOne = async (options = {}) => (await embedTexts(service.address, ['text 1'], options))[0];

interface LangChainResult {
  readonly count: number;
  readonly second: number[];
  readonly last: number[];
  readonly query: number[];
}

describe('LangChain', () => {
  const check = async ({ count, second, query }: LangChainResult) => {
    assert.equal(count, 1100);
    const expected = await embedOne();
    for (const vector of [second, query]) assertSameVector(vector, expected);
  };

  it('of npm embeds documents in batches, and a query', { skip: skipNpm }, async () => {
    const result = await runNpmClient<LangChainResult & { batchSize: number }>(
      'langchain.mjs',
      service.address,
      'tiny',
    );
    assert.equal(result.batchSize, 512);
    await check(result);
  });

  it('of PyPI embeds documents and a query, and is told what to set where it sends tokens', {
    skip: skipPython,
  }, async () => {
    const result = await runPythonClient<
      LangChainResult & { tokens: { status: number; code: string; message: string } }
    >('langchain_client.py', [service.address, 'tiny']);
    await check(result);
    assert.deepEqual([result.tokens.status, result.tokens.code], [400, 'invalid_request']);
    assert.match(result.tokens.message, /check_embedding_ctx_length/);
  });
});

interface EmbedManyResult {
  readonly maxEmbeddingsPerCall: number;
  readonly calls: number;
  readonly count: number;
  readonly second: number[];
  readonly last: number[];
  readonly tokens: number;
  readonly one: number[];
}

describe('the AI SDK', () => {
  it('embeds one and many values with both of its providers', { skip: skipNpm }, async () => {
    const { openai, compatible, short, error } = await runNpmClient<{
      openai: EmbedManyResult;
      compatible: EmbedManyResult;
      short: number[];
      error: object;
    }>('ai-sdk.mjs', service.address, 'tiny');
    const expected = await embedOne();
    for (const { maxEmbeddingsPerCall, calls, count, second, one, tokens } of [openai, compatible]) {
      assert.deepEqual([maxEmbeddingsPerCall, calls, count], [2048, 2, 2100]);
      assert.ok(tokens > 0);
      for (const vector of [second, one]) assertSameVector(vector, expected);
    }
    assertSameVector(short, await embedOne({ dimensions: 4 }));
    assert.deepEqual(error, {
      name: 'AI_APICallError',
      statusCode: 404,
      message: 'there is no model "no-such-model" here; there is tiny@1',
      isRetryable: false,
    });
  });
});
