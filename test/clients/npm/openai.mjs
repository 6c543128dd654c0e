/** What users of the npm package openai do. Arguments: address, model. */
import OpenAI, { APIError } from 'openai';

const [address, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'unused', maxRetries: 0 });
const texts = (count) => Array.from({ length: count }, (_, i) => `text ${i % 7}`);

async function errorOf(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const { status, code, type, param, message, requestID } = error;
    return { name: error.constructor.name, status, code, type, param, message, requestID };
  }
}

const one = await client.embeddings.create({ model, input: 'text 1' });
const floats = await client.embeddings.create({ model, input: 'text 1', encoding_format: 'float' });
const short = await client.embeddings.create({ model, input: ['text 1'], dimensions: 4, user: 'somebody' });
const many = await client.embeddings.create({ model, input: texts(512) });
const most = await client.embeddings.create({ model, input: texts(2048) });

const models = [];
for await (const entry of client.models.list()) models.push(entry);

console.log(
  JSON.stringify({
    one,
    floats,
    short,
    counts: [many.data.length, most.data.length],
    indexes: most.data.every(({ index }, i) => index === i),
    second: [many.data[1].embedding, most.data[1].embedding, most.data[2046].embedding],
    models,
    retrieved: await client.models.retrieve(models[0].id),
    errors: {
      tooMany: await errorOf(client.embeddings.create({ model, input: texts(2049) })),
      noTexts: await errorOf(client.embeddings.create({ model, input: [] })),
      tokens: await errorOf(client.embeddings.create({ model, input: [[1, 2], [3]] })),
      notFound: await errorOf(client.embeddings.create({ model: 'no-such-model', input: 'a' })),
      retrieve: await errorOf(client.models.retrieve('no-such-model')),
    },
  }),
);
