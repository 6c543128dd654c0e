/** What users of the AI SDK do. Arguments: address, model. */
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embed, embedMany } from 'ai';

const [address, model] = process.argv.slice(2);
const baseURL = `${address}/v1`;
const openai = createOpenAI({ baseURL, apiKey: 'unused' });
const compatible = createOpenAICompatible({ name: 'panelvec', baseURL });
const values = Array.from({ length: 2100 }, (_, i) => `text ${i % 7}`);

const results = {};
for (const [name, embeddingModel] of [
  ['openai', openai.embeddingModel(model)],
  ['compatible', compatible.embeddingModel(model)],
]) {
  const many = await embedMany({ model: embeddingModel, values, maxParallelCalls: 4 });
  const one = await embed({ model: embeddingModel, value: 'text 1' });
  results[name] = {
    maxEmbeddingsPerCall: await embeddingModel.maxEmbeddingsPerCall,
    calls: many.responses.length,
    count: many.embeddings.length,
    second: many.embeddings[1],
    last: many.embeddings.at(-1),
    tokens: many.usage.tokens,
    one: one.embedding,
  };
}
const short = await embed({
  model: openai.embeddingModel(model),
  value: 'text 1',
  providerOptions: { openai: { dimensions: 4 } },
});
const error = await embed({ model: openai.embeddingModel('no-such-model'), value: 'a', maxRetries: 0 }).catch(
  ({ name, statusCode, message, isRetryable }) => ({ name, statusCode, message, isRetryable }),
);
console.log(JSON.stringify({ ...results, short: short.embedding, error }));
